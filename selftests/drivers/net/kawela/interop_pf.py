#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""This VF driver on others' PFs: NETIF is a PF of the kernel's igb."""

import mmap
import struct
import uuid

from lib.py import PfEnv, KsftSkipEx, KsftXfailEx, Vf, cmd, defer, ip, until, \
    write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_ne, \
    ksft_run
from lib.py import foreign
from lib.py.foreign import PING, VF2_V4
from lib.py.testpmd import TestPmd

# igb takes its time for links and resets, and kawelavf asks once in two seconds
# for a PF that went away
BACK = 10


def _pair(cfg):
    """Both VFs with kawelavf, at work in namespaces."""
    if foreign.pf_driver(cfg) == "kawela":
        raise KsftSkipEx("needs a PF of another driver")
    vfs = foreign.pair(cfg, "kawelavf")
    until(cfg.has_carrier, BACK, "carrier of the PF")
    return vfs


@ksft_disruptive
def c42_igb_traffic(cfg) -> None:
    """kawelavf binds, has an address, and reaches everyone."""
    vf, other = _pair(cfg)
    ksft_in("driver: kawelavf", vf.cmd(f"ethtool -i {vf.ifname}").stdout)
    ksft_ne(vf.mac, other.mac)
    # What a foreign PF doesn't grant isn't used
    for way in ("rx", "tx"):
        vf.cmd(f"test ! -e /sys/class/net/{vf.ifname}/queues/{way}-1")
    foreign.reaches(cfg)
    foreign.reaches(cfg, "kvf1")


@ksft_disruptive
def c42_igb_vlan(cfg) -> None:
    """VLANs work."""
    foreign.vlans(cfg, *_pair(cfg))


@ksft_disruptive
def c42_igb_mtu(cfg) -> None:
    """Jumbo frames pass, also after the PF's reset for its own MTU."""
    foreign.mtus(cfg, *_pair(cfg))


@ksft_disruptive
def c42_igb_multicast(cfg) -> None:
    """It receives the groups it joins."""
    foreign.groups(cfg, _pair(cfg)[0])


@ksft_disruptive
def c42_igb_address(cfg) -> None:
    """It changes its address."""
    foreign.own_address(cfg, _pair(cfg)[0])


@ksft_disruptive
def c42_igb_admin_address(cfg) -> None:
    """An address that the administrator gave is what it gets when bound."""
    vf, other = cfg.sriov.fresh(2)
    mac = "02:00:00:00:0b:02"
    ip(f"link set dev {cfg.ifname} vf 0 mac {mac}")
    vf = foreign.change(vf, "kawelavf")
    ksft_eq(vf.mac, mac)
    vf.enter("kvf0").up("192.0.2.10/24", "2001:db8::10/64")
    other.enter("kvf1").up("192.0.2.11/24", "2001:db8::11/64")
    until(cfg.has_carrier, BACK, "carrier of the PF")
    foreign.reaches_soon(cfg, vf, BACK)


@ksft_disruptive
def c42_igb_admin_vlan(cfg) -> None:
    """In a VLAN that the administrator chose it sees no tags, and others do."""
    vf, _ = _pair(cfg)
    ip(f"link set dev {cfg.ifname} vf 0 vlan 100")
    ip(f"link add link {cfg.remote_ifname} name v100 type vlan id 100",
       host=cfg.remote)
    defer(ip, "link del v100", host=cfg.remote)
    ip("addr add 198.51.100.2/24 dev v100", host=cfg.remote)
    ip("link set dev v100 up", host=cfg.remote)
    vf.cmd(f"ip addr add 198.51.100.10/24 dev {vf.ifname}")
    until(lambda: vf.cmd("ping -q -c 1 -W 1 198.51.100.2", fail=False).ret == 0,
          BACK, "an answer in the VLAN")
    ip(f"link set dev {cfg.ifname} vf 0 vlan 0")
    foreign.reaches_soon(cfg, vf, BACK)


@ksft_disruptive
def c42_igb_rebind(cfg) -> None:
    """Bound five times, in turn with igbvf; then it works."""
    cmd("modprobe igbvf")
    defer(cmd, "modprobe -r igbvf")
    vf, other = cfg.sriov.fresh(2)
    for _ in range(5):
        vf = foreign.change(vf, "igbvf")
        vf = foreign.change(vf, "kawelavf")
    vf.enter("kvf0").up("192.0.2.10/24", "2001:db8::10/64")
    other.enter("kvf1").up("192.0.2.11/24", "2001:db8::11/64")
    until(cfg.has_carrier, BACK, "carrier of the PF")
    foreign.reaches(cfg)


@ksft_disruptive
def c42_igb_cable(cfg) -> None:
    """Carrier follows the cable."""
    vf, other = _pair(cfg)
    defer(cfg.cable, "up")
    cfg.cable("down")
    for end in (vf, other):
        until(lambda end=end: not end.has_carrier(), BACK, "VF without carrier")
    cfg.cable("up")
    for end in (vf, other):
        until(end.has_carrier, BACK, "VF with carrier")
    until(cfg.has_carrier, BACK, "carrier of the PF")
    foreign.reaches_soon(cfg, vf, BACK)


@ksft_disruptive
def c42_igb_pf_down(cfg) -> None:
    """igb's VFs are without link while it is down, and come back by themselves."""
    vf, other = _pair(cfg)
    mac = vf.mac
    for _ in range(2):
        cfg.pf_down()
        for end in (vf, other):
            until(lambda end=end: not end.has_carrier(), BACK,
                  "VF without carrier")
        cfg.pf_up()
        for end in (vf, other):
            until(end.has_carrier, BACK, "VF with carrier")
        foreign.reaches_soon(cfg, vf, BACK)
        vf.cmd(f"{PING} {VF2_V4}")
    ksft_eq(vf.mac, mac)


@ksft_disruptive
def c42_igb_pf_down_first(cfg) -> None:
    """Bound while the PF is down, it works once the PF is up."""
    vf, other = _pair(cfg)
    cfg.pf_down()
    vf = foreign.change(vf, "kawelavf")
    ip(f"link set dev {vf.ifname} netns kvf0")
    vf.ns = "kvf0"
    for addr in ("192.0.2.10/24", "2001:db8::10/64 nodad"):
        vf.cmd(f"ip addr add {addr} dev {vf.ifname}")
    vf.cmd(f"ip link set dev {vf.ifname} up")
    cfg.pf_up()
    for end in (vf, other):
        until(end.has_carrier, BACK, "VF with carrier")
    foreign.reaches_soon(cfg, vf, BACK)


def _let_vfs_interrupt(pf):
    """QEMU ties interrupts of VFs to a mode of the PF's that testpmd doesn't
    choose: choose it, and let the PF's mailbox interrupt in that mode."""
    with open(pf / "resource0", "r+b", buffering=0) as f:
        try:
            regs = mmap.mmap(f.fileno(), 0x4000)
        except OSError:
            raise KsftXfailEx("QEMU: without MSI-X mode of the PF, VFs have no "
                              "interrupts; needs iomem=relaxed to set it") \
                from None
    for reg, val in ((0x1740, 0x8000),          # IVAR_MISC: others to vector 0
                     (0x1514, 0x80000011),      # GPIE: MSI-X, clear on read
                     (0x1524, 1)):              # EIMS
        regs[reg:reg + 4] = struct.pack("<I", val)
    regs.close()


def _back_to_igb(cfg):
    pf = cfg.sriov.dev
    write_sysfs(pf / "sriov_numvfs", 0)
    write_sysfs(pf / "driver/unbind", pf.name)
    write_sysfs(pf / "driver_override", "\n")
    write_sysfs("/sys/bus/pci/drivers_probe", pf.name)
    ip(f"addr add {cfg.addr_v['4']}/24 dev {cfg.ifname}")
    cfg.pf_up()


@ksft_disruptive
def c42_dpdk(cfg) -> None:
    """On a PF that DPDK drives, VFs get an address and reach the wire."""
    pf = cfg.sriov.dev
    cmd("modprobe vfio-pci")
    write_sysfs("/sys/module/vfio_pci/parameters/enable_sriov", "Y")
    cfg.sriov.set(0)
    write_sysfs(pf / "driver/unbind", pf.name)
    defer(_back_to_igb, cfg)
    write_sysfs(pf / "driver_override", "vfio-pci")
    write_sysfs("/sys/bus/pci/drivers_probe", pf.name)
    cfg.sriov.write(2)
    pmd = TestPmd(pf.name, f"--vfio-vf-token={uuid.uuid4()}",
                  "--forward-mode=rxonly")
    defer(pmd.quit)
    until(lambda: "Link status: up" in pmd.ask("show port info 0"), BACK,
          "DPDK sees link")
    if cfg.sriov.emulated:
        _let_vfs_interrupt(pf)
    for i in range(2):
        vf = foreign.change(Vf(cfg.sriov, i), "kawelavf")
        vf.enter(f"kvf{i}").up(f"192.0.2.{10 + i}/24")
        vf.cmd(f"{PING} {cfg.remote_addr_v['4']}")
        cmd(f"{PING} 192.0.2.{10 + i}", host=cfg.remote)
    ksft_eq(pmd.quit(), 0)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([c42_igb_traffic, c42_igb_vlan, c42_igb_mtu, c42_igb_multicast,
                  c42_igb_address, c42_igb_admin_address, c42_igb_admin_vlan,
                  c42_igb_rebind, c42_igb_cable, c42_igb_pf_down,
                  c42_igb_pf_down_first, c42_dpdk], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

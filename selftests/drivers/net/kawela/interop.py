#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""Others' VF drivers on this PF: the kernel's igbvf, and DPDK's."""

import itertools

from guest import Guest, vf0_back

from lib.py import PfEnv, KsftXfailEx, Vf, cmd, defer, ip, tool, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, \
    ksft_pr, ksft_run, ksft_true, ksft_variants
from lib.py import foreign
from lib.py.foreign import PING, VF2_V4, change
from lib.py.probe import Probe
from lib.py.testpmd import TestPmd

FRAMES = 1024
# Neighbour discovery of the others
STRAY = 8
# What DPDK asks and takes a no for: promiscuous mode, the address 0 on closing
DPDK_REFUSED = {"0x00030006", "0x00010006", "0x00000002"}


def _igbvf(cfg):
    """VF 0 with igbvf, VF 1 with kawelavf."""
    cmd("modprobe igbvf")
    defer(cmd, "modprobe -r igbvf")
    refused = foreign.refusals()
    vf, other = foreign.pair(cfg, "igbvf")
    return vf, other, refused


@ksft_disruptive
def c41_igbvf_traffic(cfg) -> None:
    """igbvf binds, has the PF's address, and reaches everyone."""
    vf, _, refused = _igbvf(cfg)
    ksft_in("driver: igbvf", vf.cmd(f"ethtool -i {vf.ifname}").stdout)
    foreign.reaches(cfg)
    ksft_eq(refused(), [])


@ksft_disruptive
def c41_igbvf_vlan(cfg) -> None:
    """Its VLANs work."""
    vf, other, refused = _igbvf(cfg)
    foreign.vlans(cfg, vf, other)
    ksft_eq(refused(), [])


@ksft_disruptive
def c41_igbvf_mtu(cfg) -> None:
    """Its jumbo frames pass."""
    vf, other, refused = _igbvf(cfg)
    foreign.mtus(cfg, vf, other)
    ksft_eq(refused(), [])


@ksft_disruptive
def c41_igbvf_multicast(cfg) -> None:
    """It receives the groups it joins."""
    vf, _, refused = _igbvf(cfg)
    foreign.groups(cfg, vf)
    ksft_eq(refused(), [])


@ksft_disruptive
def c41_igbvf_address(cfg) -> None:
    """It changes its address."""
    vf, _, refused = _igbvf(cfg)
    foreign.own_address(cfg, vf)
    ksft_eq(refused(), [])


@ksft_disruptive
def c41_igbvf_rebind(cfg) -> None:
    """From kawelavf to igbvf and back, five times."""
    cmd("modprobe igbvf")
    defer(cmd, "modprobe -r igbvf")
    vf = cfg.sriov.fresh(2)[0]
    mac = vf.mac
    for _ in range(5):
        vf = change(vf, "igbvf")
        ksft_eq(vf.mac, mac)
        vf = change(vf, "kawelavf")
        ksft_eq(vf.mac, mac)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def c41_igbvf_pf_down(cfg) -> None:
    """With the PF down it reaches the other VF and the wire, and can be bound."""
    vf, _, refused = _igbvf(cfg)
    cfg.pf_down()
    vf.cmd(f"{PING} {VF2_V4}")
    cfg.ping_remote(ns="kvf0", count=3)
    mac = vf.mac
    vf = change(vf, "igbvf")
    ksft_eq(vf.mac, mac)
    ip(f"link set dev {vf.ifname} netns kvf0")
    vf.ns = "kvf0"
    vf.up("192.0.2.10/24")
    vf.cmd(f"{PING} {VF2_V4}")
    cfg.pf_up()
    vf.cmd(f"{PING} {cfg.addr_v['4']}")
    ksft_eq(refused(), [])


def _untaken(cfg):
    """Messages that VF 0 didn't take, and reports of the mailbox."""
    name = f"pci/{cfg.sriov.dev.name}"
    boxes = tool("devlink", f"health diagnose {name} reporter mbx", json=True)
    out = tool("devlink", f"health show {name} reporter mbx", json=True)
    return (boxes["mailboxes"][0]["untaken"],
            next(iter(out.values()))[name][0]["error"])


@ksft_disruptive
def c41_igbvf_down(cfg) -> None:
    """With its interface down it takes no messages, and isn't blamed for that."""
    vf, _, _ = _igbvf(cfg)
    before = _untaken(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} down")
    looks, state = Probe("kawela_watch_look"), itertools.cycle(("disable", "enable"))

    def looked_at():
        ip(f"link set dev {cfg.ifname} vf 0 state {next(state)}")
        return looks.count() >= 3
    until(looked_at, 10, "looks at the VFs", sleep=0.3)
    ksft_eq(_untaken(cfg), before)
    ip(f"link set dev {cfg.ifname} vf 0 state auto")
    vf.up()
    cfg.ping(cfg.remote_addr_v["4"], ns="kvf0")


@ksft_disruptive
def c41_igbvf_cable(cfg) -> None:
    """Its carrier follows the cable."""
    vf, _, _ = _igbvf(cfg)
    defer(cfg.cable, "up")
    cfg.cable("down")
    try:
        # On QEMU each run waits for this in vain
        until(lambda: not vf.has_carrier(), 1 if cfg.sriov.emulated else 3,
              "igbvf without carrier")
    except TimeoutError:
        if not cfg.sriov.emulated:
            raise
        raise KsftXfailEx("QEMU raises a queue's interrupt for the PF's notice, "
                          "so igbvf doesn't look; below igb neither") from None
    cfg.cable("up")
    until(vf.has_carrier, 5, "igbvf with carrier")
    until(cfg.has_carrier, 5, "PF with carrier")
    foreign.reaches_soon(cfg, vf, 5)


def _dpdk_vfs(cfg):
    """VF 0 for DPDK, and VF 1 with kawelavf at work."""
    vf, other = cfg.sriov.fresh(2)
    other.enter("kvf1")
    # Deep enough for all: the device drops what a VF has no buffers for
    other.cmd(f"ethtool -G {other.ifname} rx 4096")
    other.up(f"{VF2_V4}/24")
    return vf, vf.mac, other


def _testpmd(pci, mac, other, **where):
    """testpmd on a VF, ready to send to the other."""
    pmd = TestPmd(pci, more=f"--forward-mode=rxonly --eth-peer=0,{other.mac} "
                  "--burst=32", **where)
    defer(pmd.quit)
    ksft_in(f"MAC address: {mac.upper()}", pmd.ask("show port info 0"))
    until(lambda: "Link status: up" in pmd.ask("show port info 0"), 10,
          "DPDK sees link")
    return pmd


def _dpdk(cfg):
    """testpmd on VF 0, and VF 1 with kawelavf."""
    cmd("modprobe vfio-pci")
    vf, mac, other = _dpdk_vfs(cfg)
    change(vf, "vfio-pci")
    return _testpmd(vf.pci, mac, other), mac, other


def _rx(vf):
    return vf.stats()["rx"]["packets"]


def _sends(pmd, other):
    before = _rx(other)
    pmd.ask(f"start tx_first {FRAMES // 32}")
    until(lambda: _rx(other) - before >= FRAMES, 10, f"{FRAMES} frames")
    ksft_eq(pmd.stop()[1], FRAMES)
    ksft_true(_rx(other) - before <= FRAMES + STRAY, f"{_rx(other) - before}")


@ksft_disruptive
def c41_dpdk_sends(cfg) -> None:
    """Of what DPDK sends to the other VF, each frame arrives there."""
    refused = foreign.refusals()
    pmd, _, other = _dpdk(cfg)
    _sends(pmd, other)
    ksft_ge(pmd.port("TX-packets"), FRAMES)
    ksft_eq(pmd.quit(), 0)
    ksft_eq(set(refused()) - DPDK_REFUSED, set())
    ksft_pr("refused, and not missed by DPDK: " + " ".join(refused()))


def _pings(pmd, before, **where):
    """50 pings. Return: whether 50 frames have come, of these and of those before."""
    cmd("ping -q -c 50 -i 0.01 -W 0.2 192.0.2.10", fail=False, **where)
    return pmd.port("RX-packets") - before >= 50


def _receives(cfg, pmd, mac, other):
    """From PF, other VF and wire. A guest that isn't given a processor may lose some."""
    pmd.ask("start")
    for dev, ns in ((cfg.ifname, None), (other.ifname, other.ns),
                    (cfg.remote_ifname, cfg.remote.name)):
        before = pmd.port("RX-packets")
        ip(f"neigh replace 192.0.2.10 lladdr {mac} dev {dev}", ns=ns)
        defer(ip, f"neigh del 192.0.2.10 dev {dev}", ns=ns)
        until(lambda ns=ns, n=before: _pings(pmd, n, ns=ns), 5, f"50 frames from {dev}")
    ksft_ge(pmd.stop()[0], 150)


@ksft_disruptive
def c41_dpdk_receives(cfg) -> None:
    """DPDK receives what PF, other VF and wire send to it."""
    _receives(cfg, *_dpdk(cfg))


@ksft_disruptive
def c41_dpdk_restarts(cfg) -> None:
    """Its port stops, starts and is reset; each time frames pass."""
    pmd, _, other = _dpdk(cfg)
    for _ in range(3):
        pmd.ask("port stop 0")
        pmd.ask("port start 0")
        _sends(pmd, other)
    pmd.ask("port stop 0")
    pmd.ask("port close 0")
    ksft_eq(pmd.quit(), 0)


_GUEST_DPDK = """
# The IOMMU of this VM has no interrupt remapping
modprobe vfio_iommu_type1 allow_unsafe_interrupts=1 && modprobe vfio-pci || exit 1
for dev in /sys/bus/pci/devices/*; do
    if [ "$(cat $dev/device)" = 0x10ca ]; then
        echo vfio-pci > $dev/driver_override
        echo ${dev##*/} > /sys/bus/pci/drivers_probe
        echo ${dev##*/}
    fi
done
# Small pages are mapped one by one, and each costs an exit to two emulated IOMMUs
echo 24 > /proc/sys/vm/nr_hugepages
"""


def _igbvf_in_guest(cfg, guest):
    """igbvf comes, reaches PF, VF and wire, and leaves."""
    refused = foreign.refusals()
    guest.load("igbvf")
    for addr in (cfg.addr_v["4"], VF2_V4, cfg.remote_addr_v["4"]):
        guest.cmd(f"{PING} {addr}")
    guest.cmd("modprobe -r igbvf")
    ksft_eq(refused(), [])


@ksft_disruptive
def c41_guest(cfg) -> None:
    """In a guest VM, igbvf reaches everyone, and after it DPDK sends and receives, each
    frame counted at both ends. Then the plug is pulled, and the host has the VF again."""
    _, mac, other = _dpdk_vfs(cfg)
    guest = Guest("--driver none --mem 640 --iommu")
    _igbvf_in_guest(cfg, guest)
    pci = guest.cmd(_GUEST_DPDK).stdout.strip()
    pmd = _testpmd(pci, mac, other, where="ssh guest0",
                   machine="--in-memory -m 32 --lcores=0@0,1@0")
    _sends(pmd, other)
    ksft_ge(pmd.port("TX-packets"), FRAMES)
    _receives(cfg, pmd, mac, other)
    ksft_eq(pmd.quit(), 0)
    guest.stop("--pull")
    ksft_eq(vf0_back(cfg, "192.0.2.10/24").mac, mac)
    cfg.ping_remote(ns="kvf0")
    cfg.ping_remote(ns=other.ns)


@ksft_variants(("quit", "kill"))
@ksft_disruptive
def c41_dpdk_leaves(cfg, how) -> None:
    """After DPDK, VF and PF are as before, also when it was killed."""
    pmd, mac, other = _dpdk(cfg)
    _sends(pmd, other)
    getattr(pmd, how)()
    vf = change(Vf(cfg.sriov, 0), "kawelavf")
    ksft_eq(vf.mac, mac)
    vf.enter("kvf0").up("192.0.2.10/24")
    vf.cmd(f"{PING} {VF2_V4}")
    cfg.ping_remote(ns="kvf0", count=3)
    cfg.ping_remote()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([c41_igbvf_traffic, c41_igbvf_vlan, c41_igbvf_mtu,
                  c41_igbvf_multicast, c41_igbvf_address, c41_igbvf_rebind,
                  c41_igbvf_pf_down, c41_igbvf_down, c41_igbvf_cable,
                  c41_dpdk_sends, c41_dpdk_receives, c41_dpdk_restarts,
                  c41_dpdk_leaves, c41_guest], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

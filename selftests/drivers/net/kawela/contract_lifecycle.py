#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
What those that create VFs rely on: sysfs, binding and unbinding, names. Rows of
contract.tsv; for any PF and VF driver.
"""

import os
import re
import socket

from lib.py import PfEnv, KsftSkipEx, Vf, bkg, cmd, defer, each_limited, \
    errno_of, ip, until, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_lt, \
    ksft_ne, ksft_pr, ksft_run, ksft_true
from lib.py.vfio import Holder, from_vfio, to_vfio

NETLINK_KOBJECT_UEVENT = 15


def _rid(pci):
    _, bus, rest = pci.split(":")
    slot, func = rest.split(".")
    return int(bus, 16) << 8 | int(slot, 16) << 3 | int(func)


def _read(path):
    return path.read_text(encoding="utf-8").strip()


def _no_autoprobe(cfg):
    auto = cfg.sriov.dev / "sriov_drivers_autoprobe"
    auto.write_text("0")
    defer(auto.write_text, "1")


@ksft_disruptive
def c01_sysfs(cfg) -> None:
    """totalvfs is 7, and the files and links of PF and VFs are there."""
    cfg.sriov.fresh(2)
    dev = cfg.sriov.dev
    ksft_eq(cfg.sriov.total, 7)
    for name in ("sriov_totalvfs", "sriov_numvfs", "sriov_offset",
                 "sriov_stride"):
        ksft_eq((dev / name).stat().st_mode & 0o444, 0o444, name)
    offset, stride = (int(_read(dev / f"sriov_{name}"))
                      for name in ("offset", "stride"))
    for i in range(2):
        vf = Vf(cfg.sriov, i)
        ksft_eq(os.path.realpath(vf.dev / "physfn"), str(dev))
        ksft_eq(_rid(vf.pci), _rid(dev.name) + offset + i * stride)
    ksft_true(not (dev / "virtfn2").exists())


@ksft_disruptive
def c01_too_many(cfg) -> None:
    """More than totalvfs, and what is no number, is refused; nothing changes."""
    cfg.sriov.fresh(2)
    for value, err in ((8, "ERANGE"), (255, "ERANGE"), (-1, "EINVAL"),
                       (65536, "EINVAL"), ("x", "EINVAL")):
        ksft_eq(errno_of(cfg.sriov.write, value), err, f"{value}")
        ksft_eq(cfg.sriov.num, 2)


@ksft_disruptive
def c02_toggle(cfg) -> None:
    """0 and then 7 at once, five times: no interface is missing."""
    cfg.sriov.fresh(7)
    for _ in range(5):
        cfg.sriov.write(0)
        cfg.sriov.write(7)
        until(lambda: len(cfg.sriov.netdevs()) == 7, 10, "7 interfaces")
    for i in range(7):
        ksft_eq(Vf(cfg.sriov, i).driver, cfg.sriov.vf_driver)


@ksft_disruptive
def c03_busy(cfg) -> None:
    """Another number than 0 while there are VFs is EBUSY; VFs stay as they are."""
    vfs = cfg.sriov.fresh(2)
    before = [vf.link()["ifindex"] for vf in vfs]
    for n in (1, 3, 7):
        ksft_eq(errno_of(cfg.sriov.write, n), "EBUSY")
    ksft_eq(cfg.sriov.num, 2)
    ksft_eq([vf.link()["ifindex"] for vf in vfs], before)
    cfg.ping_remote()


@ksft_disruptive
def c04_same_number(cfg) -> None:
    """The present number, 0 too, is accepted and changes nothing."""
    cfg.sriov.fresh(0)
    ksft_eq(errno_of(cfg.sriov.write, 0), "")
    vfs = cfg.sriov.fresh(2)
    before = [vf.link()["ifindex"] for vf in vfs]
    ksft_eq(errno_of(cfg.sriov.write, 2), "")
    ksft_eq([vf.link()["ifindex"] for vf in vfs], before)


@ksft_disruptive
def c05_interfaces_in_time(cfg) -> None:
    """Interfaces of 7 VFs are there within 10 s, and 3 s after the write, as the
    shortest waiters need."""
    cfg.sriov.fresh(0)
    defer(cfg.sriov.set, 0)
    begin = os.times().elapsed
    cfg.sriov.write(7)
    until(lambda: len(cfg.sriov.netdevs()) == 7, 3, "7 interfaces")
    took = os.times().elapsed - begin
    ksft_pr(f"7 interfaces after {took:.2f} s")
    ksft_lt(took, 10)


def _traffic_and_policy(cfg):
    """What may not wait for a program that holds a VF."""
    cfg.ping_remote()
    link = ip(f"-d link show dev {cfg.ifname}", json=True)[0]
    ip(f"link set dev {cfg.ifname} mtu 1600")
    ip(f"link set dev {cfg.ifname} mtu {link['mtu']}")
    until(cfg.has_carrier, what="carrier of the PF")
    cfg.ping("192.0.2.2")


@ksft_disruptive
def c06_remove_while_held(cfg) -> None:
    """Removing VFs waits for who has one open; PF and ip link work meanwhile."""
    vfs = cfg.sriov.fresh(2)
    cmd("dmesg -C")
    holder = Holder(vfs[0])
    defer(holder.close)
    with bkg(f"echo 0 > {cfg.sriov.dev}/sriov_numvfs", shell=True,
             exit_wait=True) as disable:
        until(lambda: "No device request channel" in cmd("dmesg").stdout or
              disable.proc.poll() is not None, 15, "the kernel to wait")
        ksft_eq(disable.proc.poll(), None, "it didn't wait")
        _traffic_and_policy(cfg)
        if (vfs[1].dev / "net").exists():
            vfs[1].cmd(f"ip link set dev {vfs[1].ifname} mtu 1400")
        ksft_eq(disable.proc.poll(), None, "it didn't wait")
        holder.close()
    ksft_eq(cfg.sriov.num, 0)
    ksft_eq(len(cfg.sriov.fresh(2)), 2)
    cfg.ping_remote()


def _back(cfg):
    """Bind the PF again, with its addresses."""
    if not (cfg.sriov.dev / "driver").exists():
        write_sysfs("/sys/bus/pci/drivers_probe", cfg.sriov.dev.name)
    until((cfg.sriov.dev / "net").exists, 10, "PF interface")
    ip(f"addr replace {cfg.addr_v['4']}/24 dev {cfg.ifname}")
    cfg.forget_policy()
    cfg.pf_up()


def _pf_goes(cfg, command):
    """COMMAND takes the PF's driver away while somebody holds VF 0."""
    cfg.sriov.fresh(2)
    holder = Holder(Vf(cfg.sriov, 0))
    defer(_back, cfg)
    defer(holder.close)
    with bkg(command, shell=True, exit_wait=True) as goes:
        until(lambda: "No device request channel" in cmd("dmesg").stdout or
              goes.proc.poll() is not None, 15, "the kernel to wait")
        ip("link show")
        holder.close()
    ksft_eq(goes.ret, 0, goes.stderr)
    ksft_true(not (cfg.sriov.dev / "driver").exists(), "the driver stays")
    ksft_eq(cfg.sriov.num, 0, "VFs without anybody who guards their filters")


@ksft_disruptive
def c07_unbind_while_held(cfg) -> None:
    """The PF can be unbound while a VF is held; it comes back in order."""
    cmd("dmesg -C")
    pci = cfg.sriov.dev
    _pf_goes(cfg, f"echo {pci.name} > {pci}/driver/unbind")
    _back(cfg)
    ksft_eq(len(cfg.sriov.fresh(2)), 2)
    cfg.ping_remote()


@ksft_disruptive
def c07_unload_while_held(cfg) -> None:
    """So can its module be unloaded."""
    cmd("dmesg -C")
    module = os.path.basename(os.path.realpath(cfg.sriov.dev / "driver/module"))
    defer(cmd, f"modprobe {module}")
    _pf_goes(cfg, f"rmmod {module}")
    cmd(f"modprobe {module}")
    _back(cfg)
    ksft_eq(len(cfg.sriov.fresh(2)), 2)
    cfg.ping_remote()


@ksft_disruptive
def c08_no_autoprobe(cfg) -> None:
    """Without autoprobe VFs have no driver; PF, policy, and later binding work."""
    cfg.sriov.fresh(0)
    _no_autoprobe(cfg)
    cfg.sriov.write(2)
    defer(cfg.sriov.set, 0)
    vf = Vf(cfg.sriov, 0)
    ksft_eq([vf.driver, vf.ifname], [None, None])
    cfg.ping_remote()
    ksft_eq(cfg.policy.set(0, mac="02:00:00:00:08:01"), "")
    vf = vf.bind(cfg.sriov.vf_driver)
    ksft_eq(vf.mac, "02:00:00:00:08:01")
    ksft_eq(Vf(cfg.sriov, 1).bind(cfg.sriov.vf_driver).driver,
            cfg.sriov.vf_driver)


@ksft_disruptive
def c09_before_pf_up(cfg) -> None:
    """VFs are created while the PF is down, with interfaces and drivers."""
    cfg.sriov.fresh(0)
    cfg.pf_down()
    vfs = cfg.sriov.fresh(2)
    ksft_eq([vf.driver for vf in vfs], [cfg.sriov.vf_driver] * 2)


@ksft_disruptive
def c09_then_at_work(cfg) -> None:
    """Those that were up before the PF have carrier and traffic once it is up."""
    cfg.sriov.fresh(0)
    cfg.pf_down()
    vf = cfg.sriov.fresh(2)[0]
    vf.enter("kvf0").cmd(f"ip link set dev {vf.ifname} up")
    vf.cmd(f"ip addr add 192.0.2.10/24 dev {vf.ifname}")
    cfg.pf_up()
    until(vf.has_carrier, what="carrier of the VF")
    cfg.ping("192.0.2.2", ns="kvf0")


@ksft_disruptive
def c32_driver_override(cfg) -> None:
    """A VF goes to vfio-pci and back by driver_override, and keeps nothing of it."""
    vf = cfg.sriov.fresh(2)[0]
    mac, driver = vf.mac, vf.driver
    ksft_eq(cfg.policy.set(0, mac=mac), "")
    for _ in range(3):
        to_vfio(vf)
        ksft_eq(vf.driver, "vfio-pci")
        vf = from_vfio(vf)
        ksft_eq(_read(vf.dev / "driver_override"), "(null)")
        ksft_eq([vf.driver, vf.mac], [driver, mac])
    holder = Holder(vf)
    holder.close()
    vf = from_vfio(vf)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping("192.0.2.2", ns="kvf0")


@ksft_disruptive
def c33_names(cfg) -> None:
    """udev names interfaces after their VF; no switch or port name says otherwise."""
    for vf in cfg.sriov.fresh(2):
        net = vf.dev / "net" / vf.ifname
        ksft_eq(_read(net / "dev_port"), "0")
        for name in ("phys_port_name", "phys_switch_id", "phys_port_id"):
            # Linux 7.3 has no such files at all
            ksft_in(errno_of(_read, net / name), ("EOPNOTSUPP", "ENOENT"), name)
        try:
            out = cmd(f"udevadm test-builtin net_id {net}").stdout
        except FileNotFoundError:
            raise KsftSkipEx("no udev here") from None
        name = re.search(r"ID_NET_NAME_PATH=(\S+)", out)
        ksft_true(name, out)
        ksft_true(name and name[1].endswith(f"v{vf.index}"), name and name[1])


@ksft_disruptive
def c38_iommu_group(cfg) -> None:
    """Each VF has an IOMMU group of its own, and the PF's NUMA node."""
    vfs = cfg.sriov.fresh(7)
    groups = [vf.dev / "iommu_group" for vf in vfs]
    if not groups[0].exists():
        raise KsftSkipEx("no IOMMU")
    ksft_eq(len({os.readlink(group) for group in groups}), 7)
    for group in groups:
        ksft_eq(len(os.listdir(group / "devices")), 1)
    node = _read(cfg.sriov.dev / "numa_node")
    ksft_eq({_read(vf.dev / "numa_node") for vf in vfs}, {node})


def _uevents(sock):
    """Those that have arrived."""
    while True:
        try:
            text = sock.recv(1 << 16, socket.MSG_DONTWAIT).decode()
        except BlockingIOError:
            return
        yield dict(line.split("=", 1) for line in text.split("\0")
                   if "=" in line)


@ksft_disruptive
def c39_uevents(cfg) -> None:
    """Events, and uevent files, name each VF's address, interface and driver."""
    cfg.sriov.fresh(0)
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                         NETLINK_KOBJECT_UEVENT)
    defer(sock.close)
    sock.bind((0, 1))
    vfs = cfg.sriov.fresh(2)
    for vf in vfs:
        text = _read(vf.dev / "uevent")
        for line in (f"PCI_SLOT_NAME={vf.pci}", "PCI_ID=8086:10CA",
                     f"DRIVER={vf.driver}"):
            ksft_in(line, text)
    events = list(_uevents(sock))
    added = [e for e in events if e["ACTION"] == "add"]
    for vf in vfs:
        ksft_in(vf.pci, [e.get("PCI_SLOT_NAME") for e in added])
        ksft_in(vf.ifname, [e.get("INTERFACE") for e in added])
    ksft_in(cfg.sriov.dev.name, [e.get("PCI_SLOT_NAME") for e in events
                                 if e["ACTION"] == "change"])


@ksft_disruptive
def c40_pf_is_mute(cfg) -> None:
    """Without answer from the PF a VF driver probes in time, and goes on trying."""
    cfg.sriov.fresh(0)
    _no_autoprobe(cfg)
    cfg.sriov.write(1)
    defer(cfg.sriov.set, 0)
    vf = Vf(cfg.sriov, 0)

    def mask(value):
        cmd(f"setpci -s {cfg.sriov.dev.name} CAP_MSIX+2.w={value}:4000")
    defer(mask, "0000")
    mask("4000")
    begin = os.times().elapsed
    vf = vf.bind(cfg.sriov.vf_driver)
    took = os.times().elapsed - begin
    ksft_pr(f"probe without the PF: {took:.1f} s")
    ksft_lt(took, 10)
    ksft_eq(vf.driver, cfg.sriov.vf_driver)
    ksft_true(vf.ifname, "no interface")
    ksft_ne(vf.mac, "00:00:00:00:00:00")
    # NET_ADDR_RANDOM: nobody gave it one
    ksft_eq(_read(vf.dev / "net" / vf.ifname / "addr_assign_type"), "1")
    begin = os.times().elapsed
    vf.enter("kvf0").cmd(f"ip link set dev {vf.ifname} up")
    ksft_lt(os.times().elapsed - begin, 10)
    mask("0000")
    until(vf.has_carrier, 10, "carrier once the PF answers")
    vf.cmd(f"ip addr add 192.0.2.10/24 dev {vf.ifname}")
    cfg.ping("192.0.2.2", ns="kvf0")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run(each_limited([
            c01_sysfs, c01_too_many, c02_toggle, c03_busy, c04_same_number,
            c05_interfaces_in_time, c08_no_autoprobe, c09_before_pf_up,
            c09_then_at_work, c32_driver_override, c33_names, c38_iommu_group,
            c39_uevents, c40_pf_is_mute, c06_remove_while_held, c07_unbind_while_held,
            c07_unload_while_held]), args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

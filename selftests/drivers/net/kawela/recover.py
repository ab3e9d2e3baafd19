#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""Resets of PF and VFs while VFs are at work: they come back by themselves."""

import os
import time

from lib.py import KsftNamedVariant, KsftSkipEx, PfEnv, Sriov, Vf, cmd, defer, \
    ethtool, ip, until
from lib.py import aer
from lib.py.pfregs import PfRegs
from lib.py.wait import SLOW
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, ksft_lt, \
    ksft_pr, ksft_run, ksft_true, ksft_variants, write_sysfs

BACK = 3 * SLOW
OWN_MAC = "02:00:00:00:06:10"


def _ethtool_reset(cfg):
    cmd(f"ethtool --reset {cfg.ifname} all")


def _self_test(cfg):
    out = cmd(f"ethtool -t {cfg.ifname} offline").stdout
    ksft_in("PASS", out)


def _flr(cfg):
    write_sysfs(cfg.sriov.dev / "reset", 1)


RESETS = [KsftNamedVariant("ethtool_reset", _ethtool_reset),
          KsftNamedVariant("self_test", _self_test),
          KsftNamedVariant("flr", _flr)]


def _vfs(cfg):
    vf, vf2 = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    vf2.enter("kvf1").up("192.0.2.11/24")
    cfg.ping_remote(ns="kvf0")
    return vf, vf2


def _answers(addr, ns):
    return cmd(f"ping -q -c 1 -W 0.1 {addr}", ns=ns, fail=False).ret == 0


def _back_after(begin, addr="192.0.2.11", ns="kvf0"):
    until(lambda: _answers(addr, ns), 10, f"{addr} from {ns}")
    return time.monotonic() - begin


@ksft_variants(RESETS)
@ksft_disruptive
def pf_reset(cfg, reset) -> None:
    """VFs pass traffic again, with all that they had, and nobody touched them."""
    vf, vf2 = _vfs(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} address {OWN_MAC}")
    for end in (vf, vf2):
        end.cmd(f"ip link set dev {end.ifname} mtu 2000")
    vf.cmd(f"ip link add link {vf.ifname} name v100 type vlan id 100")
    vf.cmd("ip addr add 198.51.100.10/24 dev v100")
    vf.cmd("ip link set dev v100 up")
    vf2.cmd(f"ip link add link {vf2.ifname} name v100 type vlan id 100")
    vf2.cmd("ip addr add 198.51.100.11/24 dev v100")
    vf2.cmd("ip link set dev v100 up")
    ip(f"link set dev {cfg.ifname} vf 1 mac 02:00:00:00:06:11")
    index = vf.link()["ifindex"]
    before = vf.stats()["rx"]["packets"]

    begin = time.monotonic()
    reset(cfg)
    vf_vf = _back_after(begin)
    wire = _back_after(begin, cfg.remote_addr_v["4"])
    ksft_pr(f"VF to VF after {vf_vf:.2f} s, VF to wire after {wire:.2f} s")
    ksft_lt(max(vf_vf, wire), BACK)

    link = vf.link()
    ksft_eq((link["ifindex"], link["address"], link["mtu"]),
            (index, OWN_MAC, 2000))
    until(lambda: vf2.mac == "02:00:00:00:06:11", 2, "address of VF 1")
    until(lambda: _answers("198.51.100.11", "kvf0"), 3, "VLAN 100")
    # The PF, too, must know how long their frames may be
    until(lambda: _answers("-M do -s 1972 192.0.2.11", "kvf0"), 3, "long frames")
    ksft_ge(vf.stats()["rx"]["packets"], before)
    until(cfg.has_carrier, what="carrier of the PF")
    cfg.ping_remote()


@ksft_variants(RESETS)
@ksft_disruptive
def pf_reset_while_down(cfg, reset) -> None:
    """The same while the PF's interface is down."""
    _vfs(cfg)
    cfg.pf_down()
    begin = time.monotonic()
    if reset is _self_test:
        # The link test of an interface that is down says nothing
        cmd(f"ethtool -t {cfg.ifname} offline", fail=False)
    else:
        reset(cfg)
    ksft_lt(_back_after(begin), BACK)


@ksft_disruptive
def vf_flr(cfg) -> None:
    """A VF that is reset by sysfs goes on with what it had."""
    vf, _ = _vfs(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} address {OWN_MAC}")
    begin = time.monotonic()
    write_sysfs(vf.dev / "reset", 1)
    took = _back_after(begin)
    ksft_pr(f"VF to VF after {took:.2f} s")
    ksft_lt(took, BACK)
    ksft_eq(vf.mac, OWN_MAC)
    # Closed, it stays closed
    vf.cmd(f"ip link set dev {vf.ifname} down")
    write_sysfs(vf.dev / "reset", 1)
    vf.cmd(f"ip link set dev {vf.ifname} up")
    until(vf.has_carrier, what="carrier after a reset while down")
    _back_after(begin)


@ksft_disruptive
def bus_error(cfg) -> None:
    """An error on the bus that costs a reset of PF and VFs: all come back."""
    vf, _ = _vfs(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} address {OWN_MAC}")
    seen = len(aer.recoveries())
    begin = time.monotonic()
    aer.inject(cfg.sriov.dev, aer.COMPLETER_ABORT)
    until(lambda: len(aer.recoveries()) > seen, 10, "recovery")
    ksft_eq(aer.recoveries()[-1], "successful")
    vf_vf = _back_after(begin)
    wire = _back_after(begin, cfg.remote_addr_v["4"])
    ksft_pr(f"VF to VF after {vf_vf:.2f} s, VF to wire after {wire:.2f} s")
    ksft_eq((cfg.sriov.num, vf.mac), (2, OWN_MAC))
    until(cfg.has_carrier, what="carrier of the PF")
    cfg.ping_remote()


@ksft_disruptive
def reset_storm(cfg) -> None:
    """Resets in a row, of both, with traffic: no splat, and all come back."""
    vf, _ = _vfs(cfg)
    for i in range(5):
        write_sysfs((vf.dev if i % 2 else cfg.sriov.dev) / "reset", 1)
        _ethtool_reset(cfg)
    _back_after(time.monotonic())
    _back_after(time.monotonic(), cfg.remote_addr_v["4"])


@ksft_disruptive
def counters_survive(cfg) -> None:
    """A VF's counters at the PF don't go back when the PF is reset."""
    def rx(index=1):
        return ip(f"-s link show dev {cfg.ifname}",
                  json=True)[0]["vfinfo_list"][index]["stats"]["rx"]["packets"]
    _vfs(cfg)
    cmd("ping -q -c 5 -i 0.05 192.0.2.11", ns="kvf0")
    before = rx()
    ksft_ge(before, 5)
    _ethtool_reset(cfg)
    _back_after(time.monotonic())
    ksft_ge(rx(), before + 1)
    ksft_lt(rx(), before + 1000)


@ksft_disruptive
def handover(cfg) -> None:
    """The next driver of a VF finds nothing of what the last one left."""
    vf, _ = _vfs(cfg)
    regs = PfRegs(cfg.sriov.dev)
    defer(regs.close)
    rx, tx, words = 0xc000, 0xe000, 0x800
    left = {f"{name}{queue}": base + 0x40 * queue + off for queue in (0, 8)
            for base, fields in ((rx, {"RDBAL": 0, "RDBAH": 4, "RDLEN": 8,
                                       "SRRCTL": 0xc, "RDT": 0x18, "RXDCTL": 0x28}),
                                 (tx, {"TDBAL": 0, "TDBAH": 4, "TDLEN": 8,
                                       "TDT": 0x18, "TXDCTL": 0x28, "TDWBAL": 0x38}))
            for name, off in fields.items()}
    left.update({f"VMBMEM{i}": words + 4 * i for i in range(16)})
    left.update({"IVAR0": 0x1700, "EITR22": 0x1680 + 4 * 22})
    for name in ("RDBAL0", "RDLEN0", "TDLEN0", "RXDCTL0", "VMBMEM0", "IVAR0"):
        ksft_true(regs.rd(left[name]), f"{name} of a VF at work")
    vf.unbind()
    # The PF hears of the goodbye first, and of the reset behind it a little later
    deadline = time.monotonic() + 2
    found = ["not looked yet"]
    while found and time.monotonic() < deadline:
        found = [name for name, reg in left.items() if regs.rd(reg)]
    ksft_eq(found, [])


@ksft_disruptive
def adopts_vfs(cfg) -> None:
    """VFs that another driver of the PF left are served."""
    if cmd("modprobe pci-pf-stub", fail=False).ret:
        raise KsftSkipEx("no pci-pf-stub to leave VFs behind")
    cfg.sriov.fresh(0)
    pci = cfg.sriov.dev
    addr = os.path.basename(pci)

    def bind(driver):
        if (pci / "driver").exists():
            write_sysfs(pci / "driver/unbind", addr)
        write_sysfs(pci / "driver_override", driver)
        write_sysfs("/sys/bus/pci/drivers_probe", addr)
        write_sysfs(pci / "driver_override", "\n")

    def back():
        bind("kawela")
        until((pci / "net").exists, what="the PF's interface")
        name = os.listdir(pci / "net")[0]
        if name != cfg.ifname:
            ip(f"link set dev {name} name {cfg.ifname}")
        ip(f"addr replace {cfg.addr_v['4']}/24 dev {cfg.ifname}")
        cfg.pf_up()

    bind("pci-pf-stub")
    defer(cfg.sriov.set, 0)
    write_sysfs(pci / "sriov_numvfs", 2)
    for i in range(2):
        until(lambda n=i: Vf(cfg.sriov, n).ifname, 10, "VFs without PF")
        # The PF's name may have been free when it came
        ip(f"link set dev {Vf(cfg.sriov, i).ifname} name kvf{i}")
    back()
    ksft_eq(cfg.sriov.num, 2)
    ksft_eq(len(ip(f"link show dev {cfg.ifname}", json=True)[0]["vfinfo_list"]), 2)
    for i in range(2):
        Vf(Sriov(cfg.ifname), i).enter(f"kvf{i}").up(f"192.0.2.{10 + i}/24")
    cmd("ping -q -c 2 -i 0.1 -W 2 192.0.2.11", ns="kvf0")
    cfg.ping_remote(ns="kvf0")
    cfg.ping_remote()
    features = ethtool(f"-k {cfg.ifname}", json=True)[0]
    ksft_eq([name for name in ("rx-checksumming", "tcp-segmentation-offload",
                               "receive-hashing") if not features[name]["active"]],
            [], "what is on by default and is off")
    ksft_true(cfg.sriov.total >= 7)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([pf_reset, pf_reset_while_down, vf_flr, bus_error, reset_storm,
                  counters_survive, handover, adopts_vfs], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

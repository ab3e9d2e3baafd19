#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Resets of PF and VFs while VFs are at work: they come back by themselves. The modules
kawela_fail and kawela_test cause what no device of the lab does.
"""

import errno
import os
import time
from pathlib import Path

from lib.py import CmdExitFailure, EthtoolFamily, KsftNamedVariant, KsftSkipEx, \
    NlError, PfEnv, Sriov, Vf, cmd, defer, errno_of, ethtool, ip, until
from lib.py import aer
from lib.py.fail import fail, refuse
from lib.py import pfregs
from lib.py.pfregs import PfPokes, PfRegs
from lib.py.probe import CarrierEvents, Probe
from lib.py.vfio import Holder, from_vfio
from lib.py.wait import SLOW
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_gt, ksft_in, ksft_lt, \
    ksft_ne, ksft_pr, ksft_raises, ksft_run, ksft_true, ksft_variants, tool, write_sysfs

BACK = 15 * SLOW
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

    allowed = vf.allowed(BACK, "192.0.2.11")
    failed = cmd("dmesg").stdout.count("doesn't come back")
    begin = time.monotonic()
    reset(cfg)
    vf_vf = _back_after(begin)
    wire = _back_after(begin, cfg.remote_addr_v["4"])
    ksft_pr(f"VF to VF after {vf_vf:.2f} s, VF to wire after {wire:.2f} s, "
            f"allowed {allowed:.2f} s")
    ksft_lt(max(vf_vf, wire), allowed)
    ksft_eq(cmd("dmesg").stdout.count("doesn't come back"), failed, "attempts that failed")

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
    vf, _ = _vfs(cfg)
    allowed = vf.allowed(BACK, "192.0.2.11")
    cfg.pf_down()
    begin = time.monotonic()
    if reset is _self_test:
        # The link test of an interface that is down says nothing
        cmd(f"ethtool -t {cfg.ifname} offline", fail=False)
    else:
        reset(cfg)
    ksft_lt(_back_after(begin), allowed)


@ksft_disruptive
def vf_flr(cfg) -> None:
    """A VF that is reset by sysfs goes on with what it had."""
    vf, _ = _vfs(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} address {OWN_MAC}")
    allowed = vf.allowed(BACK, "192.0.2.11")
    begin = time.monotonic()
    write_sysfs(vf.dev / "reset", 1)
    took = _back_after(begin)
    ksft_pr(f"VF to VF after {took:.2f} s, allowed {allowed:.2f} s")
    ksft_lt(took, allowed)
    ksft_eq(vf.mac, OWN_MAC)
    # Closed, it stays closed
    vf.cmd(f"ip link set dev {vf.ifname} down")
    write_sysfs(vf.dev / "reset", 1)
    vf.cmd(f"ip link set dev {vf.ifname} up")
    until(vf.has_carrier, what="carrier after a reset while down")
    _back_after(begin)


def _leave(vf):
    vf.unbind()
    defer(vf.bind, "kawelavf")


def _to_guest(vf):
    holder = Holder(vf)
    defer(from_vfio, vf)
    defer(holder.close)


def _config(pci, *what):
    """Words of a function's configuration space, as setpci names them."""
    return cmd(f"setpci -s {pci.name} {' '.join(what)}").stdout.split()


@ksft_disruptive
def config_kept(cfg) -> None:
    """VFs that can't be reached when the PF is reset get what was kept of them before."""
    vfs = _vfs(cfg)
    _leave(vfs[1])
    wire = cfg.remote_addr_v["4"]

    def words():
        return [_config(vf.dev, "COMMAND", "CAP_EXP+8.w") for vf in vfs]
    before = words()
    # A reset finds both as they are, and the next one neither: no VF Enable
    _flr(cfg)
    ksft_eq(words(), before)
    _back_after(time.monotonic(), wire)
    _config(cfg.sriov.dev, "ECAP_SRIOV+8.w=0:1")
    ksft_eq([_config(vf.dev, "COMMAND") for vf in vfs], [["ffff"], ["ffff"]])
    _flr(cfg)
    ksft_eq(words(), before)
    _back_after(time.monotonic(), wire)
    cfg.ping(wire)
    vfs[1].bind("kawelavf").up()


NEIGHBOURS = [KsftNamedVariant("kawelavf", lambda vf: None),
              KsftNamedVariant("vfio", _to_guest),
              KsftNamedVariant("none", _leave)]


@ksft_variants(NEIGHBOURS)
@ksft_disruptive
def bus_error(cfg, neighbour) -> None:
    """After an error that isn't fatal all come back, whatever drives VF 1."""
    vf, vf2 = _vfs(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} address {OWN_MAC}")
    neighbour(vf2)
    seen = len(aer.recoveries())
    resets = _vf_resets(cfg)
    begin = time.monotonic()
    aer.inject(cfg.sriov.dev, aer.COMPLETER_ABORT)
    until(lambda: len(aer.recoveries()) > seen, 10, "recovery")
    ksft_pr("the PCI core's recovery:", aer.recoveries()[-1])
    until(lambda: _vf_resets(cfg) > resets, 10, "reset of the device")
    wire = _back_after(begin, cfg.remote_addr_v["4"])
    ksft_pr(f"VF to wire after {wire:.2f} s")
    ksft_eq((cfg.sriov.num, vf.mac), (2, OWN_MAC))
    cfg.ping(cfg.remote_addr_v["4"])
    # And nothing is half suspended
    _flr(cfg)
    _back_after(time.monotonic(), cfg.remote_addr_v["4"])
    cfg.ping(cfg.remote_addr_v["4"])


@ksft_disruptive
def error_of_vf(cfg) -> None:
    """An error that isn't fatal, of one VF, resets neither the PF nor another VF."""
    _, vf2 = _vfs(cfg)
    seen = len(aer.recoveries())
    resets = _vf_resets(cfg)
    aer.inject(vf2.dev, aer.COMPLETER_ABORT)
    until(lambda: len(aer.recoveries()) > seen, 10, "recovery")
    cfg.ping(cfg.remote_addr_v["4"])
    cfg.ping(cfg.remote_addr_v["4"], ns="kvf0")
    ksft_eq(_vf_resets(cfg), resets)


@ksft_disruptive
def masked_error(cfg) -> None:
    """What the PF masks it notes, too, and isn't reset for when a VF has an error."""
    _, vf2 = _vfs(cfg)
    pci, bit = cfg.sriov.dev, f"{aer.COMPLETER_ABORT:x}"
    mask, status = "ECAP_AER+8.l", "ECAP_AER+4.l"
    before = _config(pci, mask)[0]
    defer(_config, pci, f"{mask}={before}")
    _config(pci, f"{mask}={bit}:{bit}")
    # It is noted, but nobody hears of it
    ksft_eq(errno_of(aer.inject, pci, aer.COMPLETER_ABORT), "EINVAL")
    seen = len(aer.recoveries())
    asked = Probe("kawela_recovery_request")
    aer.inject(vf2.dev, aer.COMPLETER_ABORT)
    until(lambda: len(aer.recoveries()) > seen, 10, "recovery")
    noted = _config(pci, status)[0]
    # It goes by writing it
    defer(_config, pci, f"{status}={noted}")
    ksft_true(int(noted, 16) & aer.COMPLETER_ABORT, "the PF's error isn't noted")
    ksft_eq(asked.count(), 0, "requests for a reset")
    cfg.ping(cfg.remote_addr_v["4"])
    cfg.ping(cfg.remote_addr_v["4"], ns="kvf0")


@ksft_variants(NEIGHBOURS)
@ksft_disruptive
def fatal_error(cfg, neighbour) -> None:
    """After a fatal error all come back, whether the PCI core asks VF 0 and PF or not."""
    vf, vf2 = _vfs(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} address {OWN_MAC}")
    neighbour(vf2)
    seen = len(aer.recoveries())
    refuse("bus_reset", cfg.ifname, 1)
    begin = time.monotonic()
    aer.inject(cfg.sriov.dev, aer.MALFORMED_TLP)
    until(lambda: len(aer.recoveries()) > seen, 10, "recovery")
    # With a function that has no driver, the core ends it early
    ksft_eq(aer.recoveries()[-1], "successful" if vf2.driver else "failed")
    for ns in (None, "kvf0"):
        until(lambda ns=ns: _answers(cfg.remote_addr_v["4"], ns), 20,
              "an answer from the wire")
    ksft_pr(f"VF and PF to wire after {time.monotonic() - begin:.2f} s")
    until(lambda: _health(cfg) == "healthy", what="health")
    ksft_eq((cfg.sriov.num, vf.mac), (2, OWN_MAC))
    # And nothing is half suspended
    _flr(cfg)
    _back_after(time.monotonic(), cfg.remote_addr_v["4"])
    cfg.ping(cfg.remote_addr_v["4"])


def _health(cfg, reporter="device"):
    """State of one of the PF's health reporters."""
    name = f"pci/{cfg.sriov.dev.name}"
    out = tool("devlink", f"health show {name} reporter {reporter}", json=True)
    return next(iter(out.values()))[name][0]["state"]


def _vf_resets(cfg, index=0):
    """How often the PF saw a VF reset."""
    name = f"pci/{cfg.sriov.dev.name}"
    out = tool("devlink", f"health diagnose {name} reporter vf", json=True)
    return out["vfs"][index]["resets"]


@ksft_variants([RESETS[0], RESETS[2]])
@ksft_disruptive
def pf_reset_fails(cfg, reset) -> None:
    """A reset that fails is no success; it is tried again until it works."""
    _vfs(cfg)
    works_again = fail("kawela_link_start", errno.ETIMEDOUT, 1 << 20)
    if reset is _ethtool_reset:
        with ksft_raises(CmdExitFailure):
            reset(cfg)
    else:
        # The PCI core asks nobody how it went
        reset(cfg)
    until(lambda: _health(cfg) == "error", 20, "report of the failure")
    ksft_true(not _answers(cfg.remote_addr_v["4"], None), "traffic")
    ksft_ne(cmd(f"ethtool -G {cfg.ifname} rx 256", fail=False).ret, 0)
    works_again.exec()
    until(lambda: _health(cfg) == "healthy", 40, "recovery by itself")
    _back_after(time.monotonic())
    cfg.ping(cfg.remote_addr_v["4"])


def _recover(cfg):
    """Ask for another attempt. Return: whether the device is back."""
    return not cmd(f"devlink health recover pci/{cfg.sriov.dev.name} reporter device",
                   fail=False).ret


@ksft_disruptive
def queues_start_late(cfg) -> None:
    """A reset that was given up since the queues didn't start ends when they do."""
    cfg.sriov.fresh(0)
    works_again = refuse("refuse_start", cfg.ifname, 1 << 30)
    seen = cmd("dmesg").stdout.count("given up until")
    cmd(f"ethtool --reset {cfg.ifname} all", fail=False)
    until(lambda: not _recover(cfg) and
          cmd("dmesg").stdout.count("given up until") > seen, 20, "the last attempt")
    works_again.exec()
    until(lambda: _health(cfg) == "healthy", 20, "recovery by itself")
    until(cfg.has_carrier, what="carrier of the PF")
    cfg.ping(cfg.remote_addr_v["4"])


@ksft_disruptive
def vf_queues_start_late(cfg) -> None:
    """The same for a VF, which doesn't wait for its own next attempt then."""
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    resets = Probe("kawelavf_handshake")
    works_again = refuse("refuse_start", vf.ifname, 1 << 30)
    write_sysfs(vf.dev / "reset", 1)
    times = []
    for i in range(1, 5):
        until(lambda n=i: resets.count() >= n, 20, "another attempt", sleep=0.005)
        times.append(time.monotonic())
    # It waits twice as long as before the last attempt, and once more
    works_again.exec()
    begin = time.monotonic()
    until(vf.has_carrier, 20, "carrier")
    took = time.monotonic() - begin
    ksft_pr(f"back after {took:.2f} s; attempts at",
            *(f"{at - times[0]:.2f}" for at in times))
    ksft_lt(took, 1.5 * (times[3] - times[2]))


def _queues(cfg):
    """Queue pairs of the PF, or 0 while its interface is detached."""
    try:
        return EthtoolFamily().channels_get(
            {"header": {"dev-name": cfg.ifname}})["combined-count"]
    except NlError:
        return 0


def _down(cfg):
    cfg.pf_down()
    return cfg.pf_up


def _without_memory(cfg):
    return refuse("refuse_alloc", cfg.ifname, 1 << 30).exec


def _does_not_start(cfg):
    works_again = refuse("refuse_start", cfg.ifname, 1 << 30)
    cmd(f"ethtool --reset {cfg.ifname} dma", fail=False)
    return works_again.exec


def _not_back(cfg):
    works_again = fail("kawela_link_start", errno.ETIMEDOUT, 1 << 20)
    cmd(f"ethtool --reset {cfg.ifname} all", fail=False)
    return works_again.exec


STATES = [KsftNamedVariant("down", _down),
          KsftNamedVariant("without_memory", _without_memory),
          KsftNamedVariant("failed", _does_not_start),
          KsftNamedVariant("not_back", _not_back)]


@ksft_variants(STATES)
@ksft_disruptive
def vfs_go(cfg, state) -> None:
    """The PF has its queues again though it couldn't take them when the VFs went."""
    # Whatever another case has left
    cfg.sriov.set(1)
    cfg.sriov.fresh(0)
    before = _queues(cfg)
    ksft_gt(before, 1, "queues")
    cfg.sriov.set(1)
    ksft_eq(_queues(cfg), 1)
    works_again = state(cfg)
    cfg.sriov.write(0)
    works_again()
    until(lambda: _queues(cfg) == before, 20, "all queues")
    until(cfg.has_carrier, what="carrier of the PF")
    cfg.ping(cfg.remote_addr_v["4"])


def _driven_again(cfg):
    """The PF's interface is there, with its name and addresses."""
    pci = cfg.sriov.dev
    until((pci / "net").exists, what="the PF's interface")
    name = os.listdir(pci / "net")[0]
    if name != cfg.ifname:
        ip(f"link set dev {name} name {cfg.ifname}")
    ip(f"addr replace {cfg.addr_v['4']}/24 dev {cfg.ifname}")
    cfg.pf_up()


@ksft_disruptive
def link_changes_while_removed(cfg) -> None:
    """No link event is left behind for an interface that is gone."""
    cfg.sriov.fresh(0)
    pci, regs = cfg.sriov.dev, PfPokes(cfg.sriov.dev)
    defer(regs.close)
    events = CarrierEvents()
    gone = Path("/sys/class/net") / cfg.ifname
    pid = os.fork()
    if not pid:
        try:
            while gone.exists():
                pass
            # Autonegotiation begins again, and the link is down meanwhile
            for _ in range(50):
                regs.wr(pfregs.MDIC, 1 << 26 | 1 << 21 | 0x1200)
                regs.wr(pfregs.ICS, pfregs.LSC)
        finally:
            os._exit(0)
    write_sysfs(pci / "driver/unbind", pci.name)
    os.waitpid(pid, 0)
    write_sysfs("/sys/bus/pci/drivers_probe", pci.name)
    _driven_again(cfg)
    ksft_true(events.states() or not events.recorded, "the probe sees nothing")
    ksft_eq(events.late(), [])


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
    deadline = time.monotonic() + 15 * SLOW
    found = ["not looked yet"]
    while found and time.monotonic() < deadline:
        found = [name for name, reg in left.items() if regs.rd(reg)]
    ksft_eq(found, [])


def bind_driver(pci, driver):
    """Bind a function to a driver."""
    if (pci / "driver").exists():
        write_sysfs(pci / "driver/unbind", pci.name)
    write_sysfs(pci / "driver_override", driver)
    write_sysfs("/sys/bus/pci/drivers_probe", pci.name)
    write_sysfs(pci / "driver_override", "\n")


def _stub(cfg, vfs):
    """Another driver of the PF creates VFs and leaves. Return: the way back."""
    if cmd("modprobe pci-pf-stub", fail=False).ret:
        raise KsftSkipEx("no pci-pf-stub to leave VFs behind")
    pci = cfg.sriov.dev

    def back():
        bind_driver(pci, "kawela")
        _driven_again(cfg)

    bind_driver(pci, "pci-pf-stub")
    write_sysfs(pci / "sriov_numvfs", vfs)
    write_sysfs(pci / "driver/unbind", pci.name)
    return back


@ksft_disruptive
def adopts_vfs(cfg) -> None:
    """VFs that another driver of the PF left are served."""
    cfg.sriov.fresh(0)
    address = cfg.link()["address"]
    defer(cfg.sriov.set, 0)
    back = _stub(cfg, 2)
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
    ksft_eq([name for name in ("rx-checksumming", "tcp-segmentation-offload")
             if not features[name]["active"]],
            [], "what is on by default and is off")
    # The PCI core lets more through than the driver can have
    cfg.sriov.write(0)
    ksft_eq(cfg.sriov.total, 7)
    ksft_eq(errno_of(cfg.sriov.write, 8), "ERANGE")
    # The emulated device hashes nothing while there are VFs
    features = ethtool(f"-k {cfg.ifname}", json=True)[0]
    ksft_true(features["receive-hashing"]["active"], "receive-hashing")
    ksft_eq(cfg.link()["address"], address)
    cfg.ping_remote()


@ksft_disruptive
def refuses_to_adopt_8(cfg) -> None:
    """Eight VFs that another driver left, which take the PF's own pool."""
    cfg.sriov.fresh(0)
    address = cfg.link()["address"]
    back = _stub(cfg, 8)
    errno_of(write_sysfs, "/sys/bus/pci/drivers_probe", cfg.sriov.dev.name)
    ksft_true(not (cfg.sriov.dev / "driver").exists(), "the PF is driven")
    bind_driver(cfg.sriov.dev, "pci-pf-stub")
    write_sysfs(cfg.sriov.dev / "sriov_numvfs", 0)
    back()
    ksft_eq(cfg.link()["address"], address)
    cfg.ping_remote()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cmd("modprobe kawela_test")
        try:
            ksft_run([pf_reset, pf_reset_while_down, pf_reset_fails,
                      queues_start_late, vf_queues_start_late, vfs_go, vf_flr,
                      config_kept, bus_error, error_of_vf, masked_error, fatal_error,
                      reset_storm, counters_survive, handover,
                      link_changes_while_removed, adopts_vfs, refuses_to_adopt_8],
                     args=(cfg,))
        finally:
            cmd("modprobe -r kawela_test")
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""PF and VF as devlink instances."""

import contextlib
import errno
import itertools
import re
import struct
import time
from pathlib import Path

from lib.py import CmdExitFailure, PfEnv, cmd, defer, ethtool, ip, tool, \
    until, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_gt, \
    ksft_in, ksft_lt, ksft_not_in, ksft_pr, ksft_raises, ksft_run, ksft_true, \
    ksft_variants
from lib.py import pfregs, rawvf
from lib.py.pfregs import PfPokes
from lib.py.probe import Probe
from lib.py.rawvf import SET_LPE, SET_VLAN, raw_vf

REPORT_PERIOD = 10	# seconds; KAWELA_REPORT_PERIOD
LOOK = 2		# seconds; how often the PF looks at its VFs


class Devlink:
    """A devlink instance, by the devlink program."""

    def __init__(self, pci):
        self.name = f"pci/{pci}"
        self.config = Path("/sys/bus/pci/devices") / pci / "config"

    def run(self, comm, rest=""):
        """A command without output."""
        cmd(f"devlink {comm} {self.name}{rest}")

    def ask(self, comm, rest=""):
        """A command's JSON, without what is common to all."""
        out = tool("devlink", f"{comm} {self.name}{rest}", json=True)
        return next(iter(out.values()))[self.name]

    def reporter(self, name):
        """State and counters of a health reporter."""
        return self.ask("health show", f" reporter {name}")[0]

    def errors(self, name):
        """Errors that a reporter counted."""
        return self.reporter(name)["error"]

    def state(self, name):
        """State of a reporter."""
        return self.reporter(name)["state"]

    def diagnose(self, name):
        """What a reporter says now."""
        return tool("devlink", f"health diagnose {self.name} reporter {name}",
                    json=True)

    def dump(self, name):
        """What a reporter recorded."""
        return tool("devlink", f"health dump show {self.name} reporter {name}",
                    json=True)

    def fresh(self, name):
        """Drop an older dump. Return: errors so far."""
        cmd(f"devlink health dump clear {self.name} reporter {name}")
        return self.errors(name)

    @contextlib.contextmanager
    def deaf(self):
        """Without bus mastering: neither DMA nor interrupts."""
        with open(self.config, "r+b", buffering=0) as f:
            def master(on):
                f.seek(4)
                val = int.from_bytes(f.read(2), "little")
                f.seek(4)
                f.write(struct.pack("<H", val | 4 if on else val & ~4))
            master(False)
            try:
                yield
            finally:
                master(True)


def _pf(cfg):
    return Devlink(cfg.sriov.dev.name)


def _raw(cfg):
    """VF 0 without driver, its handshake done."""
    raw = raw_vf(cfg)
    raw.connect()
    return raw


def info(cfg) -> None:
    """Driver, part, board and NVM version; ethtool shows the latter too."""
    got = _pf(cfg).ask("dev info")
    ksft_eq(got["driver"], "kawela")
    fixed = got["versions"]["fixed"]
    ksft_eq(fixed["asic.id"], "82576")
    ksft_eq(fixed["asic.rev"],
            str(int((cfg.sriov.dev / "revision").read_text(), 16)))
    ksft_true(re.fullmatch(r"[0-9A-F]{6}-[0-9A-F]{3}", fixed["board.id"]),
              fixed["board.id"])
    version = got["versions"]["running"]["fw"]
    ksft_true(re.fullmatch(r"\d+\.\d+\.\d+", version), version)
    # Nobody waits for firmware that holds NVM
    regs = PfPokes(cfg.sriov.dev)
    defer(regs.close)
    with regs.firmware_holds(pfregs.FW_EEP):
        ksft_in(f"firmware-version: {version}",
                ethtool(f"-i {cfg.ifname}").stdout)
    ksft_in(f"firmware-version: {version}",
            ethtool(f"-i {cfg.ifname}").stdout)


def eswitch(cfg) -> None:
    """The mode is legacy; others are refused with the reason."""
    dev = _pf(cfg)
    ksft_eq(dev.ask("dev eswitch show")["mode"], "legacy")
    dev.run("dev eswitch set", " mode legacy")
    out = cmd(f"devlink dev eswitch set {dev.name} mode switchdev", fail=False)
    ksft_true(out.ret, "switchdev is accepted")
    ksft_in("representors", out.stderr + out.stdout)
    ksft_eq(dev.ask("dev eswitch show")["mode"], "legacy")


def port(cfg) -> None:
    """The port knows its netdev, and gives it nothing to be renamed by."""
    ports = tool("devlink", "port show", json=True)["port"]
    mine = ports[f"{_pf(cfg).name}/0"]
    ksft_eq((mine["type"], mine["netdev"]), ("eth", cfg.ifname))
    sysfs = Path("/sys/class/net") / cfg.ifname
    for name in ("phys_port_name", "phys_switch_id"):
        with ksft_raises(OSError) as caught:
            (sysfs / name).read_text()
        ksft_eq(caught.exception.errno, errno.EOPNOTSUPP)
        ksft_not_in(name, cfg.link())


@ksft_disruptive
def reporters(cfg) -> None:
    """Each reporter is there and can be asked; recovery of nothing succeeds."""
    cfg.sriov.fresh(2)
    dev = _pf(cfg)
    ksft_eq(sorted(r["reporter"] for r in dev.ask("health show")),
            ["device", "mbx", "tx", "vf"])
    for name in ("device", "mbx", "tx"):
        dev.run("health recover", f" reporter {name}")
        ksft_eq(dev.state(name), "healthy")
    queue = dev.diagnose("tx")["queues"][0]
    ksft_eq(queue["hw_queue"], 2, "queue of the pool behind the VFs")
    ksft_eq((queue["stopped"], queue["count"]), (False, 256))
    ksft_eq([vf["active"] for vf in dev.diagnose("vf")["vfs"]], [True, True])
    ksft_eq([m["vf"] for m in dev.diagnose("mbx")["mailboxes"]], [0, 1])
    for name, key in (("tx", "queues"), ("vf", "vfs"), ("mbx", "mailboxes")):
        dev.fresh(name)
        ksft_true(dev.dump(name)[key])


def _tx_hang(cfg, dev, ns=None):
    """Lose completions until the watchdog notices."""
    cfg.ping_remote(ns=ns)
    before = dev.fresh("tx")
    recovered = dev.reporter("tx")["recover"]
    with dev.deaf():
        cmd(f"ping -q -l 300 -c 300 -s 1400 -w 1 {cfg.remote_addr_v['4']}",
            ns=ns, fail=False)
    until(lambda: dev.errors("tx") > before, 15, "report of the hang")
    until(lambda: dev.reporter("tx")["recover"] > recovered, 5, "recovery")
    ksft_eq(dev.errors("tx"), before + 1)
    ksft_eq(dev.state("tx"), "healthy")
    dump = dev.dump("tx")
    queue = dump["queues"][dump["hung"]]
    ksft_true(queue["stopped"], "the dump shows no stopped queue")
    ksft_true(queue["fill"] != queue["clean"], "the dump shows no frames")
    until(lambda: not cmd(f"ping -q -c 1 -W 1 {cfg.remote_addr_v['4']}",
                          ns=ns, fail=False).ret, 10, "traffic")


@ksft_variants((0, 2))
@ksft_disruptive
def tx_hang(cfg, vfs) -> None:
    """A transmit queue that hangs is reported, dumped and restarted."""
    cfg.sriov.fresh(vfs)
    _tx_hang(cfg, _pf(cfg))


@ksft_disruptive
def tx_hang_manual(cfg) -> None:
    """With auto_recover off a hang waits for the administrator."""
    cfg.sriov.fresh(0)
    dev = _pf(cfg)
    dev.run("health set", " reporter tx auto_recover false")
    defer(dev.run, "health set", " reporter tx auto_recover true")
    before = dev.fresh("tx")
    cfg.ping_remote()
    with dev.deaf():
        cmd(f"ping -q -l 300 -c 300 -s 1400 -w 1 {cfg.remote_addr_v['4']}",
            fail=False)
    until(lambda: dev.errors("tx") > before, 15, "report of the hang")
    ksft_eq(dev.state("tx"), "error")
    dev.run("health recover", " reporter tx")
    ksft_eq(dev.state("tx"), "healthy")
    until(lambda: not cmd(f"ping -q -c 1 -W 1 {cfg.remote_addr_v['4']}",
                          fail=False).ret, 10, "traffic")


@ksft_disruptive
def vf_instance(cfg) -> None:
    """A VF has an instance: information, and the reporter of its queue."""
    vf = cfg.sriov.fresh(1)[0]
    dev = Devlink(vf.pci)
    got = dev.ask("dev info")
    ksft_eq(got["driver"], "kawelavf")
    ksft_eq(got["versions"]["fixed"]["asic.id"], "82576 VF")
    ksft_eq([r["reporter"] for r in dev.ask("health show")], ["tx"])
    vf.enter("kvf0").up("192.0.2.10/24")
    _tx_hang(cfg, dev, ns="kvf0")
    # Its instance goes with it
    cfg.sriov.set(0)
    with ksft_raises(CmdExitFailure):
        dev.run("dev info")


def _nonsense(raw):
    for _ in range(20):
        raw.ask(SET_VLAN | 1 << 16, 4095)


def _flood(raw):
    for _ in range(200):
        raw.post([SET_VLAN | 1 << 16, 4095])


def _reset(raw):
    for _ in range(20):
        raw.wr(rawvf.VTCTRL, rawvf.VTCTRL_RST)
        time.sleep(0.01)


MISDEEDS = {"refused": _nonsense, "resets": _reset}


@ksft_variants(sorted(MISDEEDS))
@ksft_disruptive
def vf_misbehaves(cfg, kind) -> None:
    """A VF that misbehaves is reported by name, until it stops."""
    raw = _raw(cfg)
    dev = _pf(cfg)
    before = dev.fresh("vf")

    def reported():
        MISDEEDS[kind](raw)
        return dev.errors("vf") > before
    until(reported, 10, "report")
    ksft_eq(dev.state("vf"), "error")
    # What VFs do is nothing to repair
    with ksft_raises(CmdExitFailure):
        dev.run("health recover", " reporter vf")
    dump = dev.dump("vf")
    ksft_eq(dump["vf"], 0)
    ksft_pr(f"{dump['count']} {dump['offence']}")
    ksft_in(kind, dump["offence"])
    ksft_ge(dump["vfs"][0][kind], dump["count"])
    ksft_eq(dump["vfs"][1]["requests"], 0)
    until(lambda: dev.state("vf") == "healthy", 2 * REPORT_PERIOD,
          "the end of the case")


@ksft_disruptive
def vf_flood(cfg) -> None:
    """However fast a VF misbehaves, reports come slowly, and end with it."""
    raw = _raw(cfg)
    dev = _pf(cfg)
    before = dev.fresh("vf")
    begin = time.monotonic()
    while time.monotonic() < begin + 1.2 * REPORT_PERIOD:
        _flood(raw)
    count = dev.errors("vf") - before
    took = time.monotonic() - begin
    ksft_pr(f"{count} reports in {took:.0f} s")
    ksft_ge(count, 1)
    ksft_lt(count, 2 + took / REPORT_PERIOD)
    ksft_eq(dev.state("vf"), "error")
    until(lambda: dev.state("vf") == "healthy", 2 * REPORT_PERIOD,
          "the end of the case")
    ksft_lt(dev.errors("vf") - before, 3 + took / REPORT_PERIOD)


@ksft_disruptive
def mbx_buffer(cfg) -> None:
    """A VF that doesn't release the buffer is reported by "mbx"."""
    raw = _raw(cfg)
    dev = _pf(cfg)
    before = dev.fresh("mbx")
    raw.post([SET_LPE, 1522], signal=rawvf.REQ | rawvf.VFU)
    # After another report it takes that long
    until(lambda: dev.errors("mbx") > before, 1.5 * REPORT_PERIOD, "report")
    ksft_in("buffer", dev.dump("mbx")["offence"])
    until(lambda: dev.state("mbx") == "healthy", what="recovery")


@ksft_disruptive
def mbx_untaken(cfg) -> None:
    """A VF that doesn't take its messages is reported by "mbx"."""
    _raw(cfg)
    dev = _pf(cfg)
    before = dev.fresh("mbx")
    state = itertools.cycle(("disable", "enable"))

    def sent():
        ip(f"link set dev {cfg.ifname} vf 0 state {next(state)}")
        return dev.diagnose("mbx")["mailboxes"][0]["untaken"]

    def reported():
        sent()
        return dev.errors("mbx") > before
    # Drivers of version 1 don't listen while their interface is down
    looks = Probe("kawela_watch_look")

    def looked_at():
        ksft_eq(sent(), 0)
        return looks.count() >= 3
    until(looked_at, 5 * LOOK, "looks at the VFs", sleep=0.3)
    ksft_eq(dev.errors("mbx"), before)
    raw = raw_vf(cfg)
    raw.connect2()
    # On a busy machine this process may hold the buffer for too long, too
    def named():
        nonlocal before
        if not reported():
            return False
        offence = dev.dump("mbx")["offence"]
        ksft_pr(offence)
        before = dev.fresh("mbx")
        return "not taken" in offence
    until(named, 3 * REPORT_PERIOD, "report of messages that are not taken", sleep=0.3)


@ksft_disruptive
def mbx_held(cfg) -> None:
    """A VF that keeps the buffer for itself costs few attempts, not 100 a second."""
    raw = _raw(cfg)
    raw.claim()
    attempts, looks = Probe("kawela_mbx_service"), Probe("kawela_watch_look")
    ip(f"link set dev {cfg.ifname} vf 0 state disable")
    until(lambda: looks.count() >= 3, 5 * LOOK, "looks at the VFs")
    ksft_pr(f"{attempts.count()} attempts in {2 * LOOK} s")
    ksft_lt(attempts.count(), 30)
    # It is told when it lets go
    raw.wr(rawvf.V2PMAILBOX, 0)
    ksft_true(raw.answer(2 * LOOK), "no notice")


@ksft_disruptive
def mbx_recover_keeps_link(cfg) -> None:
    """Recovery of "mbx" doesn't lose a change of the link that is pending."""
    raw = raw_vf(cfg)
    raw.connect2()
    dev = _pf(cfg)
    before = dev.fresh("mbx")
    defer(dev.run, "health set", " reporter mbx auto_recover true")
    dev.run("health set", " reporter mbx auto_recover false")
    state = itertools.cycle(("disable", "enable"))

    def reported():
        ip(f"link set dev {cfg.ifname} vf 0 state {next(state)}")
        return dev.errors("mbx") > before
    # Only a reporter with an error recovers
    until(reported, 1.5 * REPORT_PERIOD, "report", sleep=0.3)
    defer(cfg.cable, "up")
    checks, looks = Probe("kawela_link_check"), Probe("kawela_watch_look")

    def asked():
        """Looks at the link for an interrupt. Those that come anyway come in pairs."""
        # Behind the second of a pair, and long before the next
        seen = looks.count()
        until(lambda: looks.count() > seen, 5, "a look at the VFs")
        seen, pairs = Probe.counts(checks, looks)
        return seen - pairs

    with dev.deaf():
        cfg.cable("down")
        until(lambda: not _word_now(cfg, 0x8) & 2, 5, "the device without link")
        before = asked()
        dev.run("health recover", " reporter mbx")
        ksft_gt(asked(), before, "looks at the link for the interrupt that was lost")
    cfg.cable("up")
    until(cfg.has_carrier, 5, "carrier")


def _word_now(cfg, reg):
    regs = PfPokes(cfg.sriov.dev)
    try:
        return regs.rd(reg)
    finally:
        regs.close()


@ksft_disruptive
def mbx_interrupt(cfg) -> None:
    """A request whose interrupt was lost is reported, and then served."""
    raw = _raw(cfg)
    dev = _pf(cfg)
    # A frame that arrives at deaf ears leaves a hole in the receive ring
    cfg.pf_down()
    before = dev.fresh("mbx")
    with dev.deaf():
        raw.post([SET_LPE, 1522])
        # Longer than moderation may hold the interrupt back
        ksft_true(raw.answer(0.5) is None, "the interrupt wasn't lost")
    got = raw.answer(9)
    ksft_true(got, "no answer")
    until(lambda: dev.errors("mbx") > before, 5, "report")
    ksft_in("interrupt", dev.dump("mbx")["offence"])
    # And the next one interrupts again
    ksft_true(raw.ask(SET_LPE, 1522)[0] & rawvf.ACK)


def _word(dev, number, address):
    """A register, from a snapshot."""
    out = cmd(f"devlink region read {dev.name}/regs snapshot {number} "
              f"address {address} length 4").stdout
    return int.from_bytes(bytes.fromhex(out.split(maxsplit=1)[1].strip()),
                          "little")


@ksft_disruptive
def region(cfg) -> None:
    """Snapshots of the registers: up to eight, taken, read and deleted."""
    cfg.sriov.fresh(2)
    dev = _pf(cfg)
    name = f"{dev.name}/regs"
    shown = tool("devlink", f"region show {name}", json=True)["regions"][name]
    ksft_eq(shown["snapshot"], [])
    for i in range(8):
        cmd(f"devlink region new {name} snapshot {i}")
        defer(cmd, f"devlink region del {name} snapshot {i}", fail=False)
    with ksft_raises(CmdExitFailure):
        cmd(f"devlink region new {name} snapshot 8")
    ksft_true(_word(dev, 3, 0x8) & 2, "STATUS shows no link")
    mac = struct.pack("<IH", _word(dev, 3, 0x5400),
                      _word(dev, 3, 0x5404) & 0xffff)
    ksft_eq(mac.hex(":"), cfg.link()["address"])
    ksft_true(_word(dev, 3, 0xe028 + 2 * 0x40) >> 25 & 1,
              "TXDCTL shows no queue in the PF's pool")
    ksft_eq(_word(dev, 3, 0x4074), 0, "a statistic was read")
    lines = cmd(f"devlink region dump {name} snapshot 0").stdout.splitlines()
    ksft_eq(len(lines), 0xe400 // 16)
    for i in range(8):
        cmd(f"devlink region del {name} snapshot {i}")
    cfg.ping_remote()


@ksft_disruptive
def survives(cfg) -> None:
    """Driver away and back, with snapshots and dumps left; nothing warns."""
    cfg.sriov.fresh(0)
    dev = _pf(cfg)
    cmd(f"devlink region new {dev.name}/regs snapshot 1")
    dev.dump("tx")
    write_sysfs(cfg.sriov.dev / "driver/unbind", cfg.sriov.dev.name)
    ksft_not_in(dev.name, tool("devlink", "dev", json=True)["dev"])
    write_sysfs("/sys/bus/pci/drivers/kawela/bind", cfg.sriov.dev.name)
    ksft_in(dev.name, tool("devlink", "dev", json=True)["dev"])
    until((cfg.sriov.dev / "net" / cfg.ifname).exists,
          what="interface with the same name")
    if cfg.addr_v["4"]:
        ip(f"addr replace {cfg.addr_v['4']}/24 dev {cfg.ifname}")
    cfg.pf_up()
    cfg.ping_remote()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([info, eswitch, port, reporters, tx_hang, tx_hang_manual,
                  vf_instance, mbx_buffer, mbx_untaken, mbx_held, mbx_interrupt,
                  mbx_recover_keeps_link,
                  vf_misbehaves, vf_flood, region, survives],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

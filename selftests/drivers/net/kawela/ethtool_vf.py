#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""What ethtool offers on a VF, and the log of PF and VF."""

import re
import subprocess

from lib.py import PfEnv, cmd, defer, ethtool, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_ne, \
    ksft_not_in, ksft_run, ksft_true, ksft_variants
from lib.py.kmsg import Kmsg

STATUS, TXDCTL, RDLEN = 0x00008, 0x03828, 0x02808
ENABLE = 1 << 25


def _vf(cfg):
    vf = cfg.sriov.fresh(1)[0]
    vf.enter("kvf0").up("192.0.2.10/24")
    return vf


def _dump(vf):
    """Register dump: value of each offset."""
    raw = subprocess.run(["ip", "netns", "exec", vf.ns, "ethtool", "-d", vf.ifname,
                          "raw", "on"], check=True, capture_output=True).stdout
    words = memoryview(raw).cast("I")
    return dict(zip(words[::2], words[1::2]))


@ksft_disruptive
def registers(cfg) -> None:
    """ethtool -d: the VF's own registers, none that reading clears, also when down."""
    vf = _vf(cfg)
    dump = _dump(vf)
    ksft_true(dump[STATUS] & 2, "link in STATUS")
    ksft_true(dump[TXDCTL] & ENABLE, "transmit queue")
    ksft_eq(dump[RDLEN], 512 * 16)
    for cleared in (0x00c40, 0x01580, 0x00800):
        ksft_not_in(cleared, dump)
    vf.cmd(f"ip link set dev {vf.ifname} down")
    ksft_eq(_dump(vf)[TXDCTL] & ENABLE, 0)


def _tested(vf, mode=""):
    """ethtool -t: whether it passed, and the number of each test."""
    out = vf.cmd(f"ethtool -t {vf.ifname} {mode}", fail=False).stdout
    return "is PASS" in out, \
        {name: int(value) for name, value in
         re.findall(r"^(\w+) test \([a-z/]+\)\s+(\d+)", out, re.M)}


@ksft_disruptive
def self_test(cfg) -> None:
    """Mailbox, interrupt and link work; registers keep values; traffic goes on."""
    vf = _vf(cfg)
    good = {"Register": 0, "Mailbox": 0, "Interrupt": 0, "Link": 0}
    ksft_eq(_tested(vf, "online"), (True, good))
    ksft_eq(_tested(vf, "offline"), (True, good))
    cfg.ping_remote(ns=vf.ns)
    ip(f"link set dev {cfg.ifname} vf 0 state disable")
    defer(ip, f"link set dev {cfg.ifname} vf 0 state auto")
    until(lambda: not vf.has_carrier(), what="no carrier")
    ksft_eq(_tested(vf, "offline"), (False, {**good, "Link": 1}))
    ip(f"link set dev {cfg.ifname} vf 0 state auto")
    until(vf.has_carrier, what="carrier")
    cfg.ping_remote(ns=vf.ns)
    vf.cmd(f"ip link set dev {vf.ifname} down")
    ksft_eq(_tested(vf, "offline"), (True, good))
    vf.up()
    cfg.ping(cfg.remote_addr_v["4"], ns=vf.ns)


@ksft_disruptive
def refused(cfg) -> None:
    """What is the PF's isn't offered on a VF."""
    vf = _vf(cfg)
    for args in ("-s {} speed 100 duplex full autoneg off", "-A {} rx off",
                 "-s {} wol g", "-r {}", "-p {} 1", "-e {}", "--set-eee {} eee on",
                 "-G {} tx-push on", "-K {} loopback on", "-K {} rx-fcs on",
                 "-X {} equal 1"):
        out = vf.cmd("ethtool " + args.format(vf.ifname), fail=False)
        ksft_ne(out.ret, 0, args)
    cfg.ping_remote(ns=vf.ns)


def _level(ifname):
    out = ethtool(ifname).stdout
    return int(re.search(r"Current message level: 0x([0-9a-f]+)", out)[1], 16)


def _said(kmsg, part):
    return any(part in text for _, text in kmsg.read())


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def msglvl(cfg, end) -> None:
    """The log gets what ethtool says, and no more."""
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    ifname = cfg.ifname if end == "pf" else vf.ifname
    before = _level(ifname)
    defer(ethtool, f"-s {ifname} msglvl {before}")
    refusal = f"ethtool -s {ifname} speed 1000 duplex full autoneg off" \
        if end == "pf" else \
        f"ip link set dev {ifname} address {cfg.link()['address']}"
    kmsg = Kmsg()
    ksft_ne(cmd(refusal, fail=False).ret, 0)
    ksft_true(_said(kmsg, "refuse"), "the reason")
    ethtool(f"-s {ifname} msglvl drv off ifup on ifdown on")
    ksft_eq(_level(ifname), before & ~1 | 0x30)
    ksft_ne(cmd(refusal, fail=False).ret, 0)
    ksft_true(not _said(kmsg, "refuse"), "what nobody wants to read")
    ip(f"link set dev {ifname} down")
    ip(f"link set dev {ifname} up")
    lines = [text for _, text in kmsg.read() if ifname in text]
    ksft_true(any(text.endswith(": down") for text in lines), "down")
    ksft_true(any("queue pairs" in text for text in lines), "up")
    if end == "pf":
        cfg.pf_up()


@ksft_disruptive
def why_not_that_address(cfg) -> None:
    """A refused address is refused with the reason in errno and log."""
    vfs = cfg.sriov.fresh(2)
    for vf in vfs:
        vf.up()
    kmsg = Kmsg()
    out = cmd(f"ip link set dev {vfs[0].ifname} address {vfs[1].mac}", fail=False)
    ksft_in("in use", out.stderr)
    ksft_true(_said(kmsg, "another function has it"), "the reason")
    ip(f"link set dev {cfg.ifname} vf 0 mac 02:00:00:00:0e:01")
    until(lambda: vfs[0].mac == "02:00:00:00:0e:01", what="the address")
    out = cmd(f"ip link set dev {vfs[0].ifname} address 02:00:00:00:0e:02",
              fail=False)
    ksft_in("not permitted", out.stderr)
    ksft_true(_said(kmsg, "the administrator chose another one"), "the reason")


@ksft_disruptive
def why_not_everything(cfg) -> None:
    """A VF that isn't trusted says that it doesn't hear everything, once."""
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    kmsg = Kmsg()
    for mode, what in (("allmulticast", "all multicast groups"), ("promisc", "everything")):
        ip(f"link set dev {vf.ifname} {mode} on")
        until(lambda text=what: _said(kmsg, f"receive {text}, because"), what="the reason")
        ip(f"maddr add 33:33:00:00:0e:01 dev {vf.ifname}")
        ip(f"maddr del 33:33:00:00:0e:01 dev {vf.ifname}")
        ip(f"link set dev {vf.ifname} {mode} off")
        ksft_true(not _said(kmsg, "because"), "said again")
    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    ip(f"link set dev {vf.ifname} promisc on")
    until(lambda: "promisc 1" in cmd("cat /sys/kernel/debug/kawela/*/vfs",
                                     shell=True).stdout, what="the VF to ask")
    ksft_true(not _said(kmsg, "because"), "said of a trusted VF")
    ip(f"link set dev {cfg.ifname} vf 0 trust off")
    until(lambda: _said(kmsg, "receive everything, because"), what="the reason")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([registers, self_test, refused, msglvl, why_not_that_address,
                  why_not_everything], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

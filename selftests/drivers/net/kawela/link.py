#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""Carrier follows the cable, at the PF and at VFs."""

import re
from pathlib import Path

from lib.py import PfEnv, defer, ethtool, ip, until
from lib.py import pfregs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_run, \
    ksft_true

# The device renegotiates for half a second when the cable is plugged
LIMIT = 3


@ksft_disruptive
def pf_follows(cfg) -> None:
    """The PF loses and finds its carrier with the cable."""
    cfg.sriov.fresh(0)
    defer(cfg.cable, "up")
    cfg.cable("down")
    until(lambda: not cfg.has_carrier(), LIMIT, "PF without carrier")
    cfg.cable("up")
    until(cfg.has_carrier, LIMIT, "PF with carrier")
    cfg.ping_remote()


@ksft_disruptive
def vf_follows(cfg) -> None:
    """So do VFs, and they pass traffic again."""
    vfs = cfg.sriov.fresh(2)
    vfs[0].enter("kvf0").up("192.0.2.10/24")
    vfs[1].enter("kvf1").up("192.0.2.11/24")
    defer(cfg.cable, "up")
    cfg.cable("down")
    for vf in vfs:
        until(lambda vf=vf: not vf.has_carrier(), LIMIT, "VF without carrier")
    cfg.cable("up")
    for vf in vfs:
        until(vf.has_carrier, LIMIT, "VF with carrier")
    until(cfg.has_carrier, LIMIT, "PF with carrier")
    cfg.ping_remote(ns="kvf0")
    cfg.ping_remote()


@ksft_disruptive
def down_while_closed(cfg) -> None:
    """A cable pulled while the PF is down is noticed when it comes up."""
    cfg.sriov.fresh(0)
    defer(cfg.cable, "up")
    cfg.pf_down()
    cfg.cable("down")
    cfg.cable("up")
    cfg.pf_up()
    cfg.ping_remote()


@ksft_disruptive
def settings(cfg) -> None:
    """ethtool says 1000 Mb/s full duplex with link, and unknown without."""
    cfg.sriov.fresh(0)
    info = ethtool(cfg.ifname).stdout
    ksft_true("Speed: 1000Mb/s" in info and "Duplex: Full" in info, info)
    defer(cfg.cable, "up")
    cfg.cable("down")
    until(lambda: not cfg.has_carrier(), LIMIT, "PF without carrier")
    info = ethtool(cfg.ifname).stdout
    ksft_true("Speed: Unknown!" in info, info)
    ksft_eq("Link detected: no" in info, True)
    cfg.cable("up")
    until(cfg.has_carrier, LIMIT, "PF with carrier")


def _events(ifname):
    """How often the stack was told of a link, up or changed."""
    path = Path("/sys/class/net") / ifname / "carrier_up_count"
    return int(path.read_text())


def _limits():
    """Rate limits that were written: link speed divided by rate, if whole."""
    top = Path("/sys/kernel/tracing")
    values = re.findall(r"reg=0x036b0 val=(0x[0-9a-f]+)",
                        (top / "trace").read_text())
    return [int(val, 16) >> 14 & 0x3fff for val in values]


@ksft_disruptive
def speed_changes(cfg) -> None:
    """A new speed without a link-down: stack, VFs and rate limits follow."""
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    regs = pfregs.PfPokes(cfg.sriov.dev)
    defer(regs.close)
    ctrl = regs.rd(pfregs.CTRL)
    # The emulated device doesn't keep what is written there
    cfg.trace()
    ip(f"link set dev {cfg.ifname} vf 0 max_tx_rate 50")
    ksft_in(1000 // 50, _limits())
    defer(lambda: until(lambda: "Speed: 1000Mb/s" in ethtool(cfg.ifname).stdout, 5))
    defer(regs.wr, pfregs.CTRL, ctrl)
    events = {name: _events(name) for name in (cfg.ifname, vf.ifname)}
    regs.wr(pfregs.CTRL, ctrl & ~pfregs.CTRL_SPEED | 1 << 8 |
            pfregs.CTRL_FRCSPD | pfregs.CTRL_FRCDPX)
    until(lambda: _limits()[-1] == 100 // 50, 5, "limit at 100 Mb/s")
    for name, before in events.items():
        until(lambda name=name: "Speed: 100Mb/s" in ethtool(name).stdout, 5,
              f"speed of {name}")
        # Without that a bond or an agent goes on with the old speed
        until(lambda name=name, n=before: _events(name) > n, 5,
              f"event for the stack of {name}")


@ksft_disruptive
def renegotiate(cfg) -> None:
    """ethtool -r leads to link again."""
    ethtool(f"-r {cfg.ifname}")
    # The link may not have gone yet
    cfg.ping(cfg.remote_addr_v["4"])
    until(cfg.has_carrier, LIMIT, "PF with carrier")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([pf_follows, vf_follows, down_while_closed, settings,
                  speed_changes, renegotiate], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

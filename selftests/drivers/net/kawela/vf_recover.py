#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
A VF comes back when something fails on the way, and goes away while it is coming
back. The module kawela_fail reports the failures. KAWELA_CYCLES says how often it goes
away.
"""

import errno
import os

from lib.py import PfEnv, bkg, cmd, ip, until, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_pr, ksft_run, ksft_true
from lib.py.fail import fail, left
from lib.py.probe import CarrierEvents

ROUNDS = int(os.environ.get("KAWELA_CYCLES", "12"))


def _vf(cfg, ns="kvf0"):
    vf = cfg.sriov.fresh(2)[0]
    vf.enter(ns).up("192.0.2.10/24")
    return vf


def _log():
    return cmd("dmesg").stdout


def _since(before):
    return _log()[len(before):] if _log().startswith(before) else _log()


@ksft_disruptive
def restart_fails(cfg) -> None:
    """A datapath that doesn't start after a reset is reported and tried again."""
    vf = _vf(cfg)
    before = _log()
    fail("kwl_dp_resume", errno.EIO, 2)
    write_sysfs(vf.dev / "reset", 1)
    until(lambda: left() < 2, 20, "the first attempt")
    until(lambda: left() < 1, 20, "another attempt")
    until(vf.has_carrier, 20, "carrier")
    cfg.ping("192.0.2.2", ns="kvf0")
    log = [line for line in _since(before).splitlines() if vf.pci in line]
    connected = [i for i, line in enumerate(log) if "connected to the PF" in line]
    failed = [i for i, line in enumerate(log) if "does not start" in line]
    ksft_eq((len(failed), len(connected)), (1, 1), "\n".join(log))
    ksft_eq(failed < connected, True, "order")


@ksft_disruptive
def address_list_busy(cfg) -> None:
    """An address that could not be asked for is asked for again."""
    vf = cfg.sriov.fresh(1)[0].enter("kvf0")
    # IPv6 joins groups some time after an interface is up; each has the lists looked at
    vf.cmd("sysctl -qw net.ipv6.conf.all.disable_ipv6=1")
    vf.up("192.0.2.10/24")
    read = cfg.trace()
    fail("kawelavf_req_uc_add", errno.EBUSY, 1)
    vf.cmd(f"bridge fdb add 02:00:00:00:06:20 dev {vf.ifname} self")
    until(lambda: not left(), what="the request that fails")

    def asked():
        return sum(line.startswith(f"{vf.pci} VF vf=0 send SET_MAC") and
                   "info=2" in line for line in read())
    until(lambda: asked() >= 2, 20, "another request")


@ksft_disruptive
def removed_while_coming_back(cfg) -> None:
    """A VF that goes while it connects leaves no change of carrier behind."""
    cfg.sriov.fresh(2)
    events = CarrierEvents()
    vf = cfg.sriov.set(2)[0]
    read = cfg.trace()
    # It has link as soon as it is connected
    ip(f"link set dev {cfg.ifname} vf 0 state enable")
    for i in range(ROUNDS):
        ip(f"link set dev {vf.ifname} up")
        until(vf.has_carrier, 10, "carrier")
        before = len(read())
        with bkg(f"ethtool --reset {cfg.ifname} all"):
            # From the first message of the handshake to the last
            until(lambda n=before + i: len(read()) >= n, 10, "a message", 0.001)
            vf.unbind()
        vf = vf.bind("kawelavf")
    ksft_pr(f"{ROUNDS} rounds, changes of carrier "
            f"{'recorded' if events.recorded else 'left to the kernel to judge'}")
    ksft_true(events.states() or not events.recorded, "the probe sees nothing")
    ksft_eq(events.late(), [])


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([restart_fails, address_list_busy, removed_while_coming_back],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

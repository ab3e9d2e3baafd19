#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
A PF that lies to its VF: this program writes into the mailbox of VF 0 as fast as
it can, beside the PF's driver. No wait of the VF may last as long as the lies.
"""

import subprocess
import sys
import time
from pathlib import Path

from lib.py import PfEnv, KsftNamedVariant, cmd, defer, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_pr, ksft_run, \
    ksft_true, ksft_variants
from lib.py.pfregs import P2VMAILBOX, VMBMEM, PfPokes
from lib.py.rawvf import ACK, CTS, NACK, PF_CONTROL, RESET, SET_LPE, WELCOME
from lib.py.wait import SLOW

# How long the lies last, and how long a request of the VF may take at most: three
# tries of 0.7 s each, and a machine that is busy with the lies
LIES = 40 * SLOW
REQUEST = 20 * SLOW
STS, ACK_BIT = 1 << 0, 1 << 1

NOTICES = [[PF_CONTROL | CTS, 0xF, 0]]
STORIES = {
    "notices": NOTICES,
    "reset_notices": [[PF_CONTROL, 0, 0]],
    "ones": [[0xFFFFFFFF] * 16],
    "answers": [[SET_LPE | ACK | CTS | seq << 24, 0xFFFFFFFF]
                for seq in range(32)],
    "refusals": [[SET_LPE | NACK | CTS | seq << 24, reason]
                 for seq in range(32) for reason in (0, 3, 0xFFFFFFFF)],
    "welcomes": [[RESET | ACK, 0xFFFFFFFF, 0xFFFFFFFF, WELCOME, 2, 1]],
}


def _lie(dev, story, seconds):
    """Write a story's messages over and over."""
    regs = PfPokes(dev)
    messages = STORIES[story]
    end = time.monotonic() + seconds
    i = 0
    while time.monotonic() < end:
        for k, word in enumerate(messages[i % len(messages)]):
            regs.wr(VMBMEM + 4 * k, word)
        # Faster than the VF can take them
        for _ in range(200):
            regs.wr(P2VMAILBOX, STS | ACK_BIT)
        i += 1


@ksft_variants([KsftNamedVariant(key, key) for key in STORIES])
@ksft_disruptive
def deadlines(cfg, story) -> None:
    """Requests of the VF end while the lies go on; afterwards all is well."""
    vf, other = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    other.enter("kvf1").up("192.0.2.11/24")
    with subprocess.Popen([sys.executable, __file__, str(cfg.sriov.dev), story,
                           str(LIES)], stdout=subprocess.PIPE,
                          text=True) as liar:
        defer(liar.kill)
        slowest = 0
        for mtu in (1400, 1450, 1480):
            begin = time.monotonic()
            vf.cmd(f"ip link set dev {vf.ifname} mtu {mtu}", fail=False)
            slowest = max(slowest, time.monotonic() - begin)
        lying = liar.poll() is None
        # The other VF has nothing to do with it
        cfg.ping_remote(ns="kvf1", count=3)
        liar.terminate()
    ksft_pr(f"slowest request {slowest:.1f} s")
    ksft_true(lying, "the lies ended before the requests")
    ksft_true(slowest < REQUEST, f"a request took {slowest:.1f} s")

    def works():
        return not vf.cmd(f"ip link set dev {vf.ifname} mtu 1500",
                          fail=False).ret
    until(works, 20, "a request that is granted")
    until(vf.has_carrier, 20, "carrier")
    cfg.ping_remote(ns="kvf0", count=3)
    ksft_eq(vf.link()["mtu"], 1500)


def main() -> None:
    """Ksft boilerplate main, or the liar"""
    if len(sys.argv) == 4:
        _lie(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
        return
    with PfEnv(__file__) as cfg:
        cmd("modprobe kawelavf")
        ksft_run([deadlines], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

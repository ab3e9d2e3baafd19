#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""DPDK's testpmd on the link partner's interface as a source of frames."""

import re

from lib.py import PfEnv, cmd, defer, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_pr, \
    ksft_run, ksft_variants

BURSTS = 100
BURST = 32


def _testpmd(cfg, mac, size):
    """Send BURSTS * BURST frames to an address. Return: frames DPDK sent."""
    script = (f"set txpkts {size}\\nset burst {BURST}\\nset fwd txonly\\n"
              "start tx_first 0\\n")
    del script
    out = cmd(["ip", "netns", "exec", cfg.remote.name, "sh", "-c",
               "timeout 60 dpdk-testpmd --no-huge -m 256 -l 0 --no-pci "
               f"--in-memory --vdev=net_af_packet0,iface={cfg.remote_ifname} "
               f"-- --eth-peer=0,{mac} --forward-mode=flowgen "
               f"--txpkts={size} --burst={BURST} --total-num-mbufs=2048 "
               "--stats-period 1 --no-lsc-interrupt < /dev/null"],
              timeout=90, fail=False).stdout
    return out

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""DPDK's testpmd on the link partner's interface as the source of frames."""

import re

from lib.py import PfEnv, RINGS, cmd, defer, ethtool, ip, until
from lib.py import ksft_disruptive, ksft_exit, ksft_gt, ksft_lt, ksft_pr, \
    ksft_run, ksft_true, ksft_variants

BURST = 32
# Neighbour discovery at either end
STRAY = 6


def _testpmd(cfg, mac, size, bursts):
    """Send frames of a size to an address. Return: how many DPDK sent."""
    script = f"start tx_first {bursts}\\nstop\\nquit\\n"
    out = cmd(f"printf '{script}' | ip netns exec {cfg.remote.name} "
              "dpdk-testpmd --no-huge -m 256 -l 0-1 --no-pci --no-telemetry "
              f"--vdev=net_af_packet0,iface={cfg.remote_ifname} -- -i "
              f"--forward-mode=rxonly --eth-peer=0,{mac} --burst={BURST} "
              f"--txpkts={size} --total-num-mbufs=4096",
              shell=True, timeout=120).stdout
    return int(re.search(r"TX-packets: (\d+)", out).group(1))


def _on_wire(cfg):
    """Frames that the link partner's interface has sent."""
    return ip(f"-s link show dev {cfg.remote_ifname}", host=cfg.remote,
              json=True)[0]["stats64"]["tx"]["packets"]


def _receives_all(cfg, mac, size, bursts, count):
    """What DPDK brings onto the wire arrives, to the frame.

    DPDK goes around the queueing discipline, so what the partner's interface
    has no room for is lost before the wire, and DPDK may not notice.
    """
    received, sent = count(), _on_wire(cfg)
    said = _testpmd(cfg, mac, size, bursts)
    sent = _on_wire(cfg) - sent
    ksft_pr(f"DPDK says {said}, on the wire {sent}")
    ksft_gt(sent, bursts * BURST // 2)
    until(lambda: count() - received >= sent - STRAY, 10, f"{sent} frames")
    ksft_true(abs(count() - received - sent) <= STRAY, f"{count() - received}")


@ksft_variants((60, 1514))
@ksft_disruptive
def to_pf(cfg, size) -> None:
    """All frames that DPDK sends to the PF are received, and no others."""
    cfg.sriov.fresh(0)
    # Deep enough for all, as below
    defer(ethtool, f"-G {cfg.ifname} {RINGS}")
    ethtool(f"-G {cfg.ifname} rx 4096")
    _receives_all(cfg, cfg.link()["address"], size, 60,
                  lambda: ip(f"-s link show dev {cfg.ifname}",
                             json=True)[0]["stats64"]["rx"]["packets"])


@ksft_variants((60, 1514))
@ksft_disruptive
def to_vf(cfg, size) -> None:
    """The same for a VF; the PF and the other VF receive nothing of it."""
    vf, other = cfg.sriov.fresh(2)
    # Deep enough for all: the device drops what a VF has no buffers for
    vf.cmd(f"ethtool -G {vf.ifname} rx 4096")
    vf.up()
    other.up()
    before = other.stats()["rx"]["packets"]
    _receives_all(cfg, vf.mac, size, 60, lambda: vf.stats()["rx"]["packets"])
    ksft_lt(other.stats()["rx"]["packets"] - before, STRAY)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([to_pf, to_vf], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

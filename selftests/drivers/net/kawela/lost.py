#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
The device is lost while PF and VFs are at work. In a boot of its own: it doesn't
come back.
"""

from lib.py import KsftSkipEx, PfEnv, cmd, ethtool, ip, until
from lib.py import aer, bpf
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ne, ksft_run, \
    ksft_true, write_sysfs


def _sizes(cfg):
    now = ethtool(f"-g {cfg.ifname}", json=True)[0]
    return now["rx"], now["tx"]


def _refused(comm):
    ksft_ne(cmd(comm, fail=False).ret, 0, comm)


@ksft_disruptive
def lost(cfg) -> None:
    """Nothing hangs, changes are refused, VFs can go, and so can the PF."""
    vf, _ = cfg.sriov.set(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")
    ethtool(f"-G {cfg.ifname} rx 256 tx 128")
    aer.inject(cfg.sriov.dev, aer.MALFORMED_TLP)
    until(aer.recoveries, 30, "end of the recovery")
    if aer.recoveries()[-1] == "successful":
        raise KsftSkipEx("this machine's link comes back after a reset")
    for comm in (f"ethtool -G {cfg.ifname} rx 512", f"ethtool -L {cfg.ifname} combined 2",
                 f"ip link set dev {cfg.ifname} mtu 2000"):
        _refused(comm)
    ksft_eq(cfg.link()["mtu"], 1500)
    ksft_true(not cfg.has_carrier(), "carrier")
    for _ in range(2):
        bpf.attach(cfg.ifname, bpf.verdict(bpf.PASS))
        ip(f"link set dev {cfg.ifname} xdp off")
    _refused(f"ping -q -c 1 -W 0.5 {cfg.remote_addr_v['4']}")
    _refused(f"ip netns exec kvf0 ping -q -c 1 -W 0.5 {cfg.remote_addr_v['4']}")
    cfg.sriov.write(0)
    ksft_eq(cfg.sriov.num, 0)
    cmd(f"ethtool -S {cfg.ifname}", fail=False)
    ip(f"link set dev {cfg.ifname} down")
    _refused(f"ip link set dev {cfg.ifname} up")
    write_sysfs(cfg.sriov.dev / "remove", 1)
    ksft_true(not cfg.sriov.dev.exists(), "the PF is still there")
    cmd("modprobe -r kawela")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([lost], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

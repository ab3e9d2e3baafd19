#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Fatal errors after which the PCI core gives up, while PF and VFs are at work: the device
works, or it is lost. The last in a boot: in the end it doesn't come back.
"""

from lib.py import KsftSkipEx, PfEnv, cmd, ethtool, ip, until
from lib.py import aer, bpf
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ne, ksft_run, \
    ksft_true, write_sysfs


# In configuration space
_COMMAND, _MEMORY = 4, 2


def _refused(comm):
    ksft_ne(cmd(comm, fail=False).ret, 0, comm)


def _fatal_error(cfg):
    before = len(aer.recoveries())
    aer.inject(cfg.sriov.dev, aer.MALFORMED_TLP)
    until(lambda: len(aer.recoveries()) > before, 30, "end of the recovery")
    if aer.recoveries()[-1] == "successful":
        raise KsftSkipEx("this machine's link comes back after a reset")


def _vf_at_work(cfg):
    cfg.sriov.set(0)
    # Without a way back: there may be none
    vf, _ = cfg.sriov.set(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


def _cut_off(cfg):
    """The port above doesn't forward to the device's registers any more."""
    port = cfg.sriov.dev.resolve().parent
    with open(port / "config", "r+b", buffering=0) as config:
        config.seek(_COMMAND)
        command = config.read(1)[0]
        config.seek(_COMMAND)
        config.write(bytes([command & ~_MEMORY]))


@ksft_disruptive
def given_up(cfg) -> None:
    """The PCI core gives up, but the device works: PF and VF go on."""
    _vf_at_work(cfg)
    _fatal_error(cfg)
    cfg.ping(cfg.remote_addr_v["4"])
    cfg.ping(cfg.remote_addr_v["4"], ns="kvf0")


@ksft_disruptive
def lost(cfg) -> None:
    """Nothing hangs, changes are refused, VFs can go, and so can the PF."""
    _vf_at_work(cfg)
    ethtool(f"-G {cfg.ifname} rx 256 tx 128")
    _cut_off(cfg)
    _fatal_error(cfg)
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
        ksft_run([given_up, lost], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""Two hosts with a PF and VFs each, on one wire. The remote end is the other one."""

from lib.py import PfEnv, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_exit, ksft_in, ksft_ne, ksft_run

HERE, THERE = "192.0.2.10", "192.0.2.30"


def hosts(cfg) -> None:
    """They are different machines, and their PFs reach each other."""
    boot = "cat /proc/sys/kernel/random/boot_id"
    ksft_ne(cmd(boot).stdout, cmd(boot, host=cfg.remote).stdout)
    ksft_in("driver: kawela", cmd(f"ethtool -i {cfg.remote_ifname}",
                                  host=cfg.remote).stdout)
    cfg.ping_remote(count=3)
    cfg.ping_remote(size=1472)


@ksft_disruptive
def vf_to_vf(cfg) -> None:
    """A VF reaches the other host's PF and VF, and loses both when the cable is pulled."""
    cfg.sriov.fresh(2)[0].enter("kvf0").up(f"{HERE}/24")
    vf = cmd(f"ls /sys/class/net/{cfg.remote_ifname}/device/virtfn0/net",
             host=cfg.remote).stdout.strip()
    ip("netns add kvf0", host=cfg.remote)
    defer(ip, "netns del kvf0", host=cfg.remote)
    ip(f"link set dev {vf} netns kvf0", host=cfg.remote)
    ip(f"-n kvf0 addr add {THERE}/24 dev {vf}", host=cfg.remote)
    ip(f"-n kvf0 link set dev {vf} up", host=cfg.remote)
    for addr in cfg.remote_addr_v["4"], THERE:
        cfg.ping(addr, ns="kvf0")
    cfg.cable("down")
    defer(until, cfg.has_carrier, what="carrier of the PF")
    defer(cfg.cable, "up")
    for addr in cfg.remote_addr_v["4"], THERE:
        cfg.ping(addr, ns="kvf0", works=False)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([hosts, vf_to_vf], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

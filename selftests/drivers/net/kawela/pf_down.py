#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""VFs live without the PF's interface."""

from lib.py import PfEnv, bkg, cmd
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_run, ksft_true


def _vfs(cfg):
    vf, vf2 = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    vf2.enter("kvf1").up("192.0.2.11/24")
    return vf, vf2


def _flaps(vf):
    return int(vf.cmd(f"cat /sys/class/net/{vf.ifname}/carrier_down_count")
               .stdout)


@ksft_disruptive
def traffic(cfg) -> None:
    """With the PF down, VFs reach each other and the wire."""
    vf, vf2 = _vfs(cfg)
    flaps = (_flaps(vf), _flaps(vf2))
    cfg.pf_down()
    cmd("ping -q -c 3 -i 0.1 -W 2 192.0.2.11", ns="kvf0")
    cfg.ping_remote(ns="kvf0", count=3)
    cfg.pf_up()
    cmd("ping -q -c 3 -i 0.1 -W 2 192.0.2.11", ns="kvf0")
    cfg.ping_remote(ns="kvf0", count=3)
    cfg.ping_remote(count=3)
    ksft_eq((_flaps(vf), _flaps(vf2)), flaps, "VFs lost carrier")


@ksft_disruptive
def uninterrupted(cfg) -> None:
    """PF down and up again costs VFs no ping of one each 10 ms."""
    _vfs(cfg)
    script = ("ping -q -i 0.01 -c 300 -W 1 192.0.2.11 > /tmp/kawela-ping & "
              "ping -q -i 0.01 -c 300 -W 1 192.0.2.2; wait; "
              "cat /tmp/kawela-ping")
    with bkg(["ip", "netns", "exec", "kvf0", "sh", "-c", script],
             exit_wait=True) as pings:
        cfg.pf_down()
        cfg.pf_up()
    ksft_eq(pings.stdout.count(" 300 received"), 2, pings.stdout)


@ksft_disruptive
def mailbox(cfg) -> None:
    """With the PF down, requests are answered."""
    vf, _ = _vfs(cfg)
    cfg.pf_down()
    vf.cmd(f"ip link set dev {vf.ifname} mtu 2000")
    vf.cmd(f"ip link set dev {vf.ifname} mtu 1500")
    vf.cmd(f"ip link set dev {vf.ifname} address 02:00:00:00:05:10")
    vf.cmd("ip neigh flush all")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def rebind(cfg) -> None:
    """With the PF down, the VF driver can be bound and gets the same address."""
    vf, _ = cfg.sriov.fresh(2)
    mac = vf.mac
    cfg.pf_down()
    vf.unbind()
    vf = vf.bind("kawelavf")
    ksft_eq(vf.mac, mac)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def pf_is_deaf(cfg) -> None:
    """While it is down, the PF receives nothing."""
    _vfs(cfg)
    before = cfg.sriov.dev / f"net/{cfg.ifname}/statistics/rx_packets"
    cfg.pf_down()
    count = int(before.read_text())
    cmd("ping -q -c 3 -i 0.1 -W 2 192.0.2.11", ns="kvf0")
    cmd(f"ping -q -c 2 -i 0.1 -W 0.3 {cfg.addr_v['4']}", ns="kvf0", fail=False)
    ksft_eq(int(before.read_text()), count)


@ksft_disruptive
def repeatedly(cfg) -> None:
    """Ten times down and up, with VFs in use."""
    _vfs(cfg)
    for _ in range(10):
        cfg.pf_down()
        cfg.pf_up()
    cfg.ping_remote()
    cfg.ping_remote(ns="kvf0")
    ksft_true(cfg.has_carrier())


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([traffic, uninterrupted, mailbox, rebind, pf_is_deaf,
                  repeatedly], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

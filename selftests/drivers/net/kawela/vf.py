#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""What a VF's interface can do: addresses, VLANs, MTU, multicast, moving."""

from lib.py import PfEnv, CmdExitFailure, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_gt, ksft_in, \
    ksft_raises, ksft_run, ksft_true

NEW_MAC = "02:00:00:00:05:20"


def _vf(cfg):
    return _two(cfg)[0]


def _two(cfg):
    """VF 0 at work in a namespace, and VF 1 as it was created."""
    vf, other = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24", "2001:db8::10/64")
    return vf, other


def _peer_vlan(cfg, vid, v4):
    """A VLAN on the remote end, until the case ends."""
    ip(f"link add link {cfg.remote_ifname} name v{vid} type vlan id {vid}",
       host=cfg.remote)
    defer(ip, f"link del v{vid}", host=cfg.remote)
    ip(f"addr add {v4}/24 dev v{vid}", host=cfg.remote)
    ip(f"link set dev v{vid} up", host=cfg.remote)


@ksft_disruptive
def identity(cfg) -> None:
    """ethtool -i names driver and PCI address."""
    vf = cfg.sriov.fresh(1)[0]
    out = cmd(f"ethtool -i {vf.ifname}").stdout
    ksft_in("driver: kawelavf", out)
    ksft_in(f"bus-info: {vf.pci}", out)


@ksft_disruptive
def own_address(cfg) -> None:
    """A VF takes another address while it is up, and is reached by it."""
    vf = _vf(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} address {NEW_MAC}")
    ksft_eq(vf.mac, NEW_MAC)
    cfg.ping_remote(ns="kvf0")
    neigh = ip("neigh show to 192.0.2.10", host=cfg.remote, json=True)
    ksft_eq(neigh[0]["lladdr"], NEW_MAC)


@ksft_disruptive
def foreign_address(cfg) -> None:
    """Addresses of the PF and of other VFs are refused; its own stays."""
    vf, other = _two(cfg)
    mac = vf.mac
    for taken in (cfg.link()["address"], other.mac):
        with ksft_raises(CmdExitFailure):
            vf.cmd(f"ip link set dev {vf.ifname} address {taken}")
        ksft_eq(vf.mac, mac)
    with ksft_raises(CmdExitFailure):
        ip(f"link set dev {cfg.ifname} address {mac}")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def vlan(cfg) -> None:
    """Frames of a VLAN arrive after it is added, and not any more after."""
    vf = _vf(cfg)
    _peer_vlan(cfg, 100, "198.51.100.2")
    vf.cmd(f"ip link add link {vf.ifname} name v100 type vlan id 100")
    vf.cmd("ip addr add 198.51.100.10/24 dev v100")
    vf.cmd("ip link set dev v100 up")
    vf.cmd("ping -q -c 2 -i 0.1 -W 2 198.51.100.2")
    vf.cmd("ip link del v100")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def vlan_apart(cfg) -> None:
    """A VF outside of a VLAN sees nothing of it."""
    vf, other = _two(cfg)
    other.enter("kvf1").up("192.0.2.11/24")
    vf.cmd(f"ip link add link {vf.ifname} name v100 type vlan id 100")
    vf.cmd("ip addr add 198.51.100.10/24 dev v100")
    vf.cmd("ip link set dev v100 up")
    _peer_vlan(cfg, 100, "198.51.100.2")
    before = other.stats()["rx"]["packets"]
    cmd("ping -q -b -c 20 -i 0.02 -W 0.2 198.51.100.255", host=cfg.remote,
        fail=False)
    vf.cmd("ping -q -c 2 -i 0.1 -W 2 198.51.100.2")
    # IPv6 housekeeping of the others may add a few
    ksft_true(other.stats()["rx"]["packets"] - before < 10)


@ksft_disruptive
def vlan_limit(cfg) -> None:
    """A VLAN beyond the VF's share is refused, and the others stay."""
    vf = _vf(cfg)
    made = 0
    with ksft_raises(CmdExitFailure):
        for vid in range(200, 240):
            vf.cmd(f"ip link add link {vf.ifname} name v{vid} type vlan id {vid}")
            made += 1
    # One entry is VLAN 0; the others are two VFs'
    ksft_eq(made, 15)
    _peer_vlan(cfg, 200, "198.51.100.2")
    vf.cmd("ip addr add 198.51.100.10/24 dev v200")
    vf.cmd("ip link set dev v200 up")
    vf.cmd("ping -q -c 1 -W 2 198.51.100.2")


@ksft_disruptive
def mtu(cfg) -> None:
    """MTU from 68 to 9216, while up; others are refused and nothing changes."""
    vf = _vf(cfg)
    for size in (68, 576, 1500, 3000, 9000, 9216):
        vf.cmd(f"ip link set dev {vf.ifname} mtu {size}")
        ksft_eq(vf.link()["mtu"], size)
    for size in (67, 9217, 65536):
        with ksft_raises(CmdExitFailure):
            vf.cmd(f"ip link set dev {vf.ifname} mtu {size}")
        ksft_eq(vf.link()["mtu"], 9216)
    vf.cmd(f"ip link set dev {vf.ifname} mtu 1500")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def multicast(cfg) -> None:
    """A group's frames arrive once the VF has joined it."""
    vf = _vf(cfg)

    def heard():
        before = vf.stats()["rx"]["packets"]
        cmd(f"ping -q -c 5 -i 0.02 -W 0.2 -I {cfg.remote_ifname} -t 1 "
            "239.1.2.3", host=cfg.remote, fail=False)
        return vf.stats()["rx"]["packets"] - before
    ksft_true(heard() < 5, "frames of a group that it isn't in")
    vf.cmd(f"ip addr add 239.1.2.3/32 dev {vf.ifname} autojoin")
    ksft_gt(heard(), 4, "frames of its group")


@ksft_disruptive
def unicast_filters(cfg) -> None:
    """Two additional addresses (macvlan) are received; they go again."""
    vf = _vf(cfg)
    for i in (1, 2):
        vf.cmd(f"ip link add link {vf.ifname} name mv{i} type macvlan mode bridge")
        vf.cmd(f"ip addr add 198.51.100.{i}/24 dev mv{i}")
        vf.cmd(f"ip link set dev mv{i} up")
    ip(f"addr add 198.51.100.9/24 dev {cfg.remote_ifname}", host=cfg.remote)
    defer(ip, f"addr del 198.51.100.9/24 dev {cfg.remote_ifname}",
          host=cfg.remote)
    for i in (1, 2):
        cmd(f"ping -q -c 1 -W 5 198.51.100.{i}", host=cfg.remote)
        vf.cmd(f"ip link del mv{i}")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def moving(cfg) -> None:
    """Rename, move to a namespace and back, up and down many times."""
    vf = cfg.sriov.fresh(1)[0]
    vf.enter("kvf0")
    vf.cmd(f"ip link set dev {vf.ifname} name kwlx0")
    vf.ifname = "kwlx0"
    vf.up("192.0.2.10/24")
    for _ in range(20):
        vf.cmd("ip link set dev kwlx0 down")
        vf.cmd("ip link set dev kwlx0 up")
    until(vf.has_carrier, what="carrier")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def rebind(cfg) -> None:
    """Unbinding and binding the VF driver keeps the address, ten times."""
    vf = cfg.sriov.fresh(2)[0]
    mac = vf.mac
    for _ in range(10):
        vf.unbind()
        vf = vf.bind("kawelavf")
    ksft_eq(vf.mac, mac)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([identity, own_address, foreign_address, vlan, vlan_apart,
                  vlan_limit, mtu, multicast, unicast_filters, moving, rebind],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

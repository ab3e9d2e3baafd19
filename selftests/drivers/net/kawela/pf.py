#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""What the PF's interface can do, without VFs and with them."""

from lib.py import PfEnv, RINGS, CmdExitFailure, cmd, defer, ethtool, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_gt, \
    ksft_in, ksft_raises, ksft_run, ksft_true, ksft_variants

WITH_VFS = (0, 2)


def _rx(cfg):
    return ip(f"-s link show dev {cfg.ifname}", json=True)[0]["stats64"]["rx"]


def _received(cfg):
    return _rx(cfg)["packets"]


def _sent_to(cfg, mac, count=10):
    """Have the remote end send frames to an address. Return: those received."""
    ip(f"route replace 198.51.100.77/32 dev {cfg.remote_ifname}",
       host=cfg.remote)
    ip(f"neigh replace 198.51.100.77 lladdr {mac} nud permanent "
       f"dev {cfg.remote_ifname}", host=cfg.remote)
    before = _received(cfg)
    cmd(f"ping -q -c {count} -i 0.01 -W 0.2 198.51.100.77", host=cfg.remote,
        fail=False)
    return _received(cfg) - before


def _vlan_pair(cfg):
    """A VLAN between PF and remote end, until the case ends."""
    for dev, addr, host in ((cfg.ifname, "198.51.100.1", None),
                            (cfg.remote_ifname, "198.51.100.2", cfg.remote)):
        ip(f"link add link {dev} name kv100 type vlan id 100", host=host)
        defer(ip, "link del kv100", host=host)
        ip(f"addr add {addr}/24 dev kv100", host=host)
        ip("link set dev kv100 up", host=host)


def identity(cfg) -> None:
    """ethtool -i names driver and PCI address."""
    out = ethtool(f"-i {cfg.ifname}").stdout
    ksft_in("driver: kawela\n", out)
    ksft_in(f"bus-info: {cfg.sriov.dev.name}", out)


@ksft_variants(WITH_VFS)
@ksft_disruptive
def address(cfg, vfs) -> None:
    """The PF takes another address and is reached by it."""
    cfg.sriov.fresh(vfs)
    old = cfg.link()["address"]
    ip(f"link set dev {cfg.ifname} address 02:00:00:00:05:30")
    defer(ip, f"link set dev {cfg.ifname} address {old}")
    cfg.ping_remote()
    with ksft_raises(CmdExitFailure):
        ip(f"link set dev {cfg.ifname} address 01:00:00:00:00:01")
    ksft_eq(cfg.link()["address"], "02:00:00:00:05:30")


@ksft_variants(WITH_VFS)
@ksft_disruptive
def mtu(cfg, vfs) -> None:
    """MTU from 68 to 9216, while up; others are refused and nothing changes. With a
    small one the PF hears 1500 octets all the same."""
    cfg.sriov.fresh(vfs)
    defer(ip, f"link set dev {cfg.ifname} mtu 1500")
    for size in (576, 9216):
        ip(f"link set dev {cfg.ifname} mtu {size}")
        ksft_eq(cfg.link()["mtu"], size)
    for size in (67, 9217):
        with ksft_raises(CmdExitFailure):
            ip(f"link set dev {cfg.ifname} mtu {size}")
        ksft_eq(cfg.link()["mtu"], 9216)
    ip(f"link set dev {cfg.ifname} mtu 1400")
    cfg.ping(cfg.addr_v["4"], ns=cfg.remote.name, size=1472)
    cfg.ping_remote()


@ksft_variants(WITH_VFS)
@ksft_disruptive
def filters(cfg, vfs) -> None:
    """Foreign unicast frames are dropped, or with VFs kept for the PF; an
    additional address is received."""
    cfg.sriov.fresh(vfs)
    foreign = _sent_to(cfg, "02:00:00:00:05:31")
    if vfs:
        # The PF's pool is the default pool: frames from the wire for nobody
        ksft_ge(foreign, 10)
    else:
        ksft_true(foreign < 10, f"{foreign} foreign frames")
    ip(f"link add link {cfg.ifname} name kmv0 address 02:00:00:00:05:32 "
       "type macvlan")
    defer(ip, "link del kmv0")
    ip("link set dev kmv0 up")
    until(lambda: _sent_to(cfg, "02:00:00:00:05:32") >= 10, 3,
          "frames for the additional address")


@ksft_variants(WITH_VFS)
@ksft_disruptive
def promiscuous(cfg, vfs) -> None:
    """Promiscuous, the PF receives what is for others on the wire."""
    cfg.sriov.fresh(vfs)
    ip(f"link set dev {cfg.ifname} promisc on")
    defer(ip, f"link set dev {cfg.ifname} promisc off")
    until(lambda: _sent_to(cfg, "02:00:00:00:05:33") >= 10, 3,
          "foreign frames")
    cfg.ping_remote()


@ksft_variants(WITH_VFS)
@ksft_disruptive
def multicast(cfg, vfs) -> None:
    """A group's frames arrive once joined, and all groups' with allmulticast. They
    are counted."""
    cfg.sriov.fresh(vfs)
    counted = _rx(cfg)["multicast"]

    def heard(group):
        before = _received(cfg)
        cmd(f"ping -q -c 5 -i 0.02 -W 0.2 -I {cfg.remote_ifname} -t 1 {group}",
            host=cfg.remote, fail=False)
        return _received(cfg) - before
    ksft_true(heard("239.1.2.3") < 5)
    ip(f"addr add 239.1.2.3/32 dev {cfg.ifname} autojoin")
    defer(ip, f"addr del 239.1.2.3/32 dev {cfg.ifname}")
    until(lambda: heard("239.1.2.3") >= 5, 3, "frames of its group")
    ksft_true(heard("239.4.5.6") < 5)
    ip(f"link set dev {cfg.ifname} allmulticast on")
    defer(ip, f"link set dev {cfg.ifname} allmulticast off")
    until(lambda: heard("239.4.5.6") >= 5, 3, "frames of any group")
    until(lambda: _rx(cfg)["multicast"] >= counted + 10, what="their number")


@ksft_variants(WITH_VFS)
@ksft_disruptive
def vlan(cfg, vfs) -> None:
    """A VLAN works, with VFs and without."""
    cfg.sriov.fresh(vfs)
    _vlan_pair(cfg)
    cmd("ping -q -c 2 -i 0.1 -W 2 198.51.100.2")
    cmd("ping -q -c 2 -i 0.1 -W 2 -s 1472 198.51.100.2")


@ksft_disruptive
def vlan_survives(cfg) -> None:
    """A VLAN keeps working while VFs come and go."""
    cfg.sriov.fresh(0)
    _vlan_pair(cfg)
    for n in (2, 0, 7, 0):
        cfg.sriov.set(n)
        cmd("ping -q -c 2 -i 0.1 -W 2 198.51.100.2")


@ksft_variants(WITH_VFS)
@ksft_disruptive
def rings(cfg, vfs) -> None:
    """Ring sizes change under traffic; impossible ones are refused with a
    reason."""
    cfg.sriov.fresh(vfs)
    defer(ethtool, f"-G {cfg.ifname} {RINGS}")
    for rx, tx in ((64, 64), (4096, 4096), (72, 1000), (1024, 256)):
        ethtool(f"-G {cfg.ifname} rx {rx} tx {tx}")
        cfg.ping_remote(count=3)
    # What exceeds the maximum that we report, ethtool's core refuses
    for bad, reason in (("rx 63", "takes 64 to 4096"), ("tx 4097", "maximum"),
                        ("rx 100", "multiples of 8")):
        out = cmd(f"ethtool -G {cfg.ifname} {bad}", fail=False)
        ksft_true(out.ret, f"{bad} is accepted")
        ksft_in(reason, out.stderr + out.stdout)
    now = ethtool(f"-g {cfg.ifname}", json=True)[0]
    ksft_eq((now["rx"], now["tx"]), (1024, 256))
    cfg.ping_remote()


@ksft_disruptive
def counters(cfg) -> None:
    """Counters grow with traffic, and survive rings, VFs and down and up."""
    cfg.sriov.fresh(0)
    last = _received(cfg)
    for change in (lambda: ethtool(f"-G {cfg.ifname} rx 128"),
                   lambda: cfg.sriov.set(2), lambda: cfg.sriov.set(0),
                   lambda: (cfg.pf_down(), cfg.pf_up()),
                   lambda: ethtool(f"-G {cfg.ifname} {RINGS}")):
        cfg.ping_remote(count=3)
        change()
        now = _received(cfg)
        ksft_gt(now, last + 2)
        last = now


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([identity, address, mtu, filters, promiscuous, multicast,
                  vlan, vlan_survives, rings, counters],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

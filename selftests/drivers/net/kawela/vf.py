#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""What a VF's interface can do: addresses, VLANs, MTU, multicast, moving."""

import contextlib
import re
import time

from lib.py import PfEnv, CmdExitFailure, bkg, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, \
    ksft_lt, ksft_pr, ksft_raises, ksft_run, ksft_true
from lib.py.pfregs import VFTE, PfPokes
from lib.py.rawvf import ACK, NACK, PF_CONTROL, SET_MAC, mac_words, raw_vfs

NEW_MAC = "02:00:00:00:05:20"
POLICY_CHANGED = 2


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
        done = vf.cmd(f"ip link set dev {vf.ifname} address {taken}", fail=False)
        ksft_in("Address already in use", done.stderr)
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
    for vid in range(200, 240):
        done = vf.cmd(f"ip link add link {vf.ifname} name v{vid} "
                      f"type vlan id {vid}", fail=False)
        if done.ret:
            break
        made += 1
    ksft_in("No space left", done.stderr)
    # One entry is VLAN 0; the others are two VFs'
    ksft_eq(made, 15)
    _peer_vlan(cfg, 200, "198.51.100.2")
    vf.cmd("ip addr add 198.51.100.10/24 dev v200")
    vf.cmd("ip link set dev v200 up")
    vf.cmd("ping -q -c 1 -W 2 198.51.100.2")


@ksft_disruptive
def mtu(cfg) -> None:
    """MTU from 68 to 9216, while up; others are refused and nothing changes. With a
    small one the VF hears 1500 octets all the same."""
    vf = _vf(cfg)
    for size in (68, 576, 1500, 3000, 9000, 9216):
        vf.cmd(f"ip link set dev {vf.ifname} mtu {size}")
        ksft_eq(vf.link()["mtu"], size)
    for size in (67, 9217, 65536):
        with ksft_raises(CmdExitFailure):
            vf.cmd(f"ip link set dev {vf.ifname} mtu {size}")
        ksft_eq(vf.link()["mtu"], 9216)
    vf.cmd(f"ip link set dev {vf.ifname} mtu 1400")
    cfg.ping("192.0.2.10", ns=cfg.remote.name, size=1472)
    vf.cmd(f"ip link set dev {vf.ifname} mtu 1500")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def multicast(cfg) -> None:
    """A group's frames arrive once the VF has joined it, and are counted."""
    vf = _vf(cfg)
    counted = vf.stats()["rx"]["multicast"]

    def heard():
        before = vf.stats()["rx"]["packets"]
        cmd(f"ping -q -c 5 -i 0.02 -W 0.2 -I {cfg.remote_ifname} -t 1 "
            "239.1.2.3", host=cfg.remote, fail=False)
        return vf.stats()["rx"]["packets"] - before
    ksft_true(heard() < 5, "frames of a group that it isn't in")
    vf.cmd(f"ip addr add 239.1.2.3/32 dev {vf.ifname} autojoin")
    until(lambda: heard() > 4, what="frames of its group")
    until(lambda: vf.stats()["rx"]["multicast"] >= counted + 5, what="their number")


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


def _count(vf, name):
    """A counter of ethtool -S."""
    out = vf.cmd(f"ethtool -S {vf.ifname}").stdout
    return int(re.search(rf"^ *{name}: (\d+)$", out, re.M)[1])


def _warned(vf, text):
    """Lines of the log about this VF."""
    return [line for line in cmd("dmesg").stdout.splitlines()
            if vf.pci in line and text in line]


@ksft_disruptive
def many_groups(cfg) -> None:
    """45 addresses of IPv6, each with a group: reached, or counted and said."""
    vf = _vf(cfg)
    addrs = [f"2001:db8:0:1::{i:x}:{0x1000 + i:x}" for i in range(1, 46)]
    before = len(_warned(vf, "groups"))
    for addr in addrs:
        vf.cmd(f"ip addr add {addr}/64 dev {vf.ifname} nodad")
    ip(f"addr add 2001:db8:0:1::fffe/64 dev {cfg.remote_ifname} nodad",
       host=cfg.remote)
    defer(ip, f"addr del 2001:db8:0:1::fffe/64 dev {cfg.remote_ifname}",
          host=cfg.remote)
    reached = sum(cmd(f"ping -6 -q -c 1 -i 0.3 -w 5 {addr}", host=cfg.remote,
                      fail=False).ret == 0 for addr in addrs)
    missing = _count(vf, "mc_missing")
    ksft_pr(f"{reached} of 45 reached, {missing} groups missing")
    ksft_true(reached == 45 or missing >= 45 - reached, "nobody says it")
    ksft_eq(len(_warned(vf, "groups")) - before, 1 if missing else 0, "log")
    for addr in addrs:
        vf.cmd(f"ip addr del {addr}/64 dev {vf.ifname}")
    until(lambda: not _count(vf, "mc_missing"), 5, "all groups again")


@ksft_disruptive
def too_many_addresses(cfg) -> None:
    """Macvlans beyond the VF's share hear nothing; that is counted and said."""
    vf = _vf(cfg)
    before = len(_warned(vf, "additional address"))
    vf.cmd("sysctl -qw net.ipv4.conf.all.arp_ignore=1")
    for i in range(5):
        vf.cmd(f"ip link add link {vf.ifname} name mv{i} type macvlan mode bridge")
        vf.cmd(f"ip addr add 198.51.100.{100 + i}/24 dev mv{i}")
        vf.cmd(f"ip link set dev mv{i} up")
    ip(f"addr add 198.51.100.9/24 dev {cfg.remote_ifname}", host=cfg.remote)
    defer(ip, f"addr del 198.51.100.9/24 dev {cfg.remote_ifname}",
          host=cfg.remote)
    heard = sum(cmd(f"ping -q -c 1 -i 0.3 -w 5 198.51.100.{100 + i}", host=cfg.remote,
                    fail=False).ret == 0 for i in range(5))
    ksft_eq((heard, _count(vf, "uc_missing")), (3, 2))
    ksft_eq(len(_warned(vf, "additional address")) - before, 1, "log")
    # What one gives back another one gets
    vf.cmd("ip link del mv0")
    until(lambda: _count(vf, "uc_missing") == 1, 5, "one more")
    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    until(lambda: _count(vf, "uc_missing") == 0, 5, "trust")
    for i in range(1, 5):
        cfg.ping(f"198.51.100.{100 + i}", ns=cfg.remote.name)


def _next_requests(cfg, vf, n):
    """When a VF asks for an additional address, the next times."""
    read, times = cfg.trace(), []

    def asked():
        return sum(line.startswith(f"{vf.pci} VF ") and " send SET_MAC" in line and
                   "info=2" in line for line in read())
    for i in range(1, n + 1):
        until(lambda n=i: asked() >= n, 20, "a request", sleep=0.01)
        times.append(time.monotonic())
    return times


def _when(vf, what):
    """When a VF did so, by the kernel's clock: commands take long on a busy machine."""
    with open("/sys/kernel/tracing/trace", encoding="utf-8") as f:
        return [float(t) for t in re.findall(
            rf" (\d+\.\d+): kwl_mbx: {re.escape(vf.pci)} VF .* {what}", f.read())]


@ksft_disruptive
def address_becomes_free(cfg) -> None:
    """An additional address that another VF has is asked for until it is free."""
    vf, other = _two(cfg)
    shared = "00:00:5e:00:01:07"
    other.enter("kvf1").up("192.0.2.11/24")
    ip(f"addr add 198.51.100.9/24 dev {cfg.remote_ifname}", host=cfg.remote)
    defer(ip, f"addr del 198.51.100.9/24 dev {cfg.remote_ifname}",
          host=cfg.remote)
    for end in vf, other:
        # The VF's own address must not answer instead
        end.cmd("sysctl -qw net.ipv4.conf.all.arp_ignore=1")
        end.cmd(f"ip link add link {end.ifname} name vrrp address {shared} "
                "type macvlan mode private")
        end.cmd("ip link set dev vrrp up")
    vf.cmd("ip addr add 198.51.100.7/24 dev vrrp")
    cfg.ping("198.51.100.7", ns=cfg.remote.name)
    until(lambda: _count(other, "uc_missing") == 1, 5, "the refusal")
    times = _next_requests(cfg, other, 2)
    # The first one resigns, and the other takes over, with no wait for its next request
    vf.cmd("ip link del vrrp")
    until(lambda: _count(other, "uc_missing") == 0, 20, "the address")
    asked = _when(other, "send SET_MAC .*info=2")[-1]
    took = asked - max(t for t in _when(other, "recv PF_CONTROL") if t <= asked)
    ksft_pr(f"asked {took:.2f} s after the news; otherwise each {times[1] - times[0]:.2f} s")
    ksft_lt(took, (times[1] - times[0]) / 4)
    other.cmd("ip addr add 198.51.100.7/24 dev vrrp")
    cfg.ping("198.51.100.7", ns=cfg.remote.name)


@ksft_disruptive
def told_of_free_address(cfg) -> None:
    """A VF hears when an address is free that it was refused, and of no other."""
    one, two = raw_vfs(cfg, 2)
    wanted, other, last = (mac_words(f"00:00:5e:00:01:{i:02x}") for i in range(3))
    for raw in one, two:
        raw.connect2()
    for granted in ((SET_MAC | 2 << 16, *wanted), (SET_MAC, *other)):
        ksft_true(one.ask(*granted)[0] & ACK, "granted")
    ksft_true(two.ask(SET_MAC | 2 << 16, *wanted)[0] & NACK, "refused")
    one.ask(SET_MAC, *last)
    ksft_eq(two.answer(0.5), None)
    one.ask(SET_MAC | 1 << 16, *wanted)
    got = two.answer()
    ksft_eq((got[0] & 0xffff, got[1]), (PF_CONTROL, POLICY_CHANGED))
    ksft_true(two.ask(SET_MAC | 2 << 16, *wanted)[0] & ACK, "granted")


@ksft_disruptive
def hashed_fields(cfg) -> None:
    """A trusted VF is told what is hashed, if anything is, and can't change it."""
    vf = cfg.sriov.fresh(1)[0]
    show = f"ethtool -n {vf.ifname} rx-flow-hash tcp4"
    ksft_true(cmd(show, fail=False).ret, "told without trust")
    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    until(lambda: cmd(f"ethtool -x {vf.ifname}", fail=False).ret == 0, 5, "trust")
    out = cmd(show, fail=False)
    # QEMU hashes nothing while there are VFs
    ksft_eq("L4 bytes 0 & 1" in out.stdout, not cfg.sriov.emulated, out.stdout)
    ksft_eq(bool(out.ret), cfg.sriov.emulated, out.stdout)
    ksft_true(cmd(f"ethtool -N {vf.ifname} rx-flow-hash tcp4 sd", fail=False).ret,
              "a change is accepted")


def _rows(vf):
    return len(vf.cmd(f"ethtool -S {vf.ifname}").stdout.splitlines())


@ksft_disruptive
def statistics_rows(cfg) -> None:
    """ethtool -S has the same rows always, also while the PF is reset."""
    vf = _vf(cfg)
    rows = {_rows(vf)}
    with bkg(f"for i in 1 2 3; do ethtool --reset {cfg.ifname} all; done",
             shell=True) as resets:
        while resets.proc.poll() is None:
            rows.add(_rows(vf))
    until(vf.has_carrier, 10, "carrier")
    rows.add(_rows(vf))
    ksft_eq(len(rows), 1, f"rows: {sorted(rows)}")


@ksft_disruptive
def vlan_left(cfg) -> None:
    """A VLAN that the VF leaves inside a port VLAN is left when that goes."""
    vf = _vf(cfg)
    vf.cmd(f"ip link add link {vf.ifname} name v200 type vlan id 200")
    vf.cmd("ip link set dev v200 up")
    ip(f"link set dev {cfg.ifname} vf 0 vlan 100")
    _no_vlan(cfg, vf, works=False)
    vf.cmd("ip link del v200")
    ip(f"link set dev {cfg.ifname} vf 0 vlan 0")
    _no_vlan(cfg, vf, works=True)
    _peer_vlan(cfg, 200, "198.51.100.2")

    def heard():
        before = vf.stats()["rx"]["packets"]
        cmd("ping -q -b -c 40 -i 0.01 -W 0.1 -I v200 198.51.100.255",
            host=cfg.remote, fail=False)
        return vf.stats()["rx"]["packets"] - before
    until(lambda: heard() < 20, 5, "silence of VLAN 200")


def _no_vlan(cfg, vf, works):
    """Wait until the VF is in no port VLAN, or in one."""
    until(lambda: (vf.cmd(f"ping -q -c 1 -W 0.3 {cfg.remote_addr_v['4']}",
                          fail=False).ret == 0) == works, 10, "port VLAN")


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


def _keep_back(cfg, vf):
    """The PF keeps frames back for a moment. Return: times that the kernel found a hang."""
    def hangs():
        path = f"/sys/class/net/{vf.ifname}/queues/tx-0/tx_timeout"
        return int(vf.cmd(f"cat {path}").stdout)
    before, sent = hangs(), vf.stats()["tx"]["packets"]
    with contextlib.closing(PfPokes(cfg.sriov.dev)) as regs:
        regs.wr(VFTE, regs.rd(VFTE) & ~(1 << vf.index))
        try:
            vf.cmd(f"ping -q -c 3 -i 0.05 -W 0.2 {cfg.remote_addr_v['4']}", fail=False)
            ksft_eq(vf.stats()["tx"]["packets"], sent, "sent")
        finally:
            regs.wr(VFTE, regs.rd(VFTE) | 1 << vf.index)
    until(lambda: vf.stats()["tx"]["packets"] >= sent + 3, what="three frames")
    return hangs() - before


@ksft_disruptive
def kept_back(cfg) -> None:
    """What the PF kept back for a moment goes out by itself when it lets it."""
    vf = _vf(cfg)
    # Nothing else is sent, and nobody asks, which would take the others along
    vf.cmd("sysctl -qw net.ipv6.conf.all.disable_ipv6=1")
    vf.cmd(f"ip neigh replace {cfg.remote_addr_v['4']} dev {vf.ifname} "
           f"lladdr {cfg.remote_mac} nud permanent")
    here = f"192.0.2.10 dev {cfg.remote_ifname}"
    ip(f"neigh replace {here} lladdr {vf.mac} nud permanent", host=cfg.remote)
    defer(ip, f"neigh del {here}", host=cfg.remote)
    cfg.ping_remote(ns=vf.ns)
    # The kernel's five seconds may be over by then on a slow machine, but not each time
    ksft_in(0, (_keep_back(cfg, vf) for _ in range(3)), "rounds without a hang")
    cfg.ping_remote(ns=vf.ns)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([identity, own_address, foreign_address, vlan, vlan_apart,
                  vlan_limit, vlan_left, mtu, multicast, many_groups,
                  unicast_filters, too_many_addresses, address_becomes_free,
                  told_of_free_address, hashed_fields, statistics_rows, moving,
                  rebind, kept_back], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""Frames with tags: of priority, of VLANs in VLANs, and for a promiscuous PF."""

import os
import shlex

from lib.py import PfEnv, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_run, ksft_true, \
    ksft_variants

INNER = {None: "198.51.100.1", "kvf0": "198.51.100.3"}
PARTNER = "198.51.100.2"

# Frames with a priority tag (VLAN 0), and how many of them are answered
_PRIORITY = """
import sys
from scapy.all import AsyncSniffer, Dot1Q, Ether, ICMP, IP, get_if_hwaddr, sendp
iface, mac, src, dst = sys.argv[1:]
frame = Ether(src=get_if_hwaddr(iface), dst=mac) / Dot1Q(vlan=0, prio=5) / \\
    IP(src=src, dst=dst) / ICMP(id=119) / (b"x" * 40)
sniff = AsyncSniffer(iface=iface, count=5, timeout=20, started_callback=lambda:
    sendp([frame] * 5, iface=iface, verbose=0), lfilter=lambda p:
    ICMP in p and p[ICMP].type == 0 and p[ICMP].id == 119)
sniff.start()
sniff.join()
print(len(sniff.results))
"""


def _functions(cfg):
    """The PF's or a VF's (MAC address, IPv4 address, namespace)."""
    vf = cfg.sriov.fresh(1)[0]
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote()
    cfg.ping_remote(ns="kvf0")
    return {"pf": (cfg.link()["address"], cfg.addr_v["4"], None, cfg.ifname),
            "vf": (vf.mac, "192.0.2.10", "kvf0", vf.ifname)}


def _without_8021q():
    """No VLANs: 8021q, which an earlier program loaded, enters VLAN 0 for each interface."""
    cmd("modprobe -r 8021q")
    ksft_true(not os.path.exists("/proc/net/vlan"), "8021q is still there")


@ksft_variants(["pf", "vf"])
@ksft_disruptive
def priority(cfg, which) -> None:
    """A frame with a priority tag belongs to no VLAN: it arrives without 8021q."""
    _without_8021q()
    mac, addr, _, _ = _functions(cfg)[which]
    out = cmd(shlex.join(["python3", "-c", _PRIORITY, cfg.remote_ifname, mac,
                          cfg.remote_addr_v["4"], addr]),
              host=cfg.remote, timeout=240).stdout
    ksft_eq(int(out), 5, "answers")


def _vlan_in_vlan(dev, addr, **where):
    for name, link, vid in (("kq100", dev, 100), ("kq200", "kq100", 200)):
        ip(f"link add link {link} name {name} mtu 1500 type vlan id {vid}", **where)
        ip(f"link set dev {name} up", **where)
    defer(ip, "link del kq100", **where)
    ip(f"addr add {addr}/24 dev kq200", **where)


@ksft_variants(["pf", "vf"])
@ksft_disruptive
def two_tags(cfg, which) -> None:
    """VLAN in VLAN with an MTU of 1500 at each level: nothing is too long."""
    _, _, ns, ifname = _functions(cfg)[which]
    ip(f"link set dev {cfg.remote_ifname} mtu 1600", host=cfg.remote)
    defer(ip, f"link set dev {cfg.remote_ifname} mtu 1500", host=cfg.remote)
    _vlan_in_vlan(cfg.remote_ifname, PARTNER, host=cfg.remote)
    _vlan_in_vlan(ifname, INNER[ns], ns=ns)
    cfg.ping(PARTNER, ns=ns, size=1468)
    cfg.ping(PARTNER, ns=ns, size=1472)


@ksft_disruptive
def promiscuous(cfg) -> None:
    """A promiscuous PF with VFs hears broadcasts of its own VLANs, and of none."""
    cfg.sriov.fresh(1)
    for dev, addr, host in ((cfg.ifname, INNER[None], None),
                            (cfg.remote_ifname, PARTNER, cfg.remote)):
        ip(f"link add link {dev} name kv50 type vlan id 50", host=host)
        defer(ip, "link del kv50", host=host)
        ip(f"addr add {addr}/24 dev kv50", host=host)
        ip("link set dev kv50 up", host=host)

    def heard(dev, addr):
        return cmd(f"arping -c 1 -w 5 -I {dev} {addr}", host=cfg.remote,
                   fail=False).ret == 0

    def both():
        return heard("kv50", INNER[None]) and \
            heard(cfg.remote_ifname, cfg.addr_v["4"])

    until(both, what="answers before")
    ip(f"link set dev {cfg.ifname} promisc on")
    defer(ip, f"link set dev {cfg.ifname} promisc off")
    for _ in range(3):
        ksft_true(both(), "answers of a promiscuous PF")
    ip(f"link set dev {cfg.ifname} promisc off")
    ksft_true(both(), "answers afterwards")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([priority, two_tags, promiscuous], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

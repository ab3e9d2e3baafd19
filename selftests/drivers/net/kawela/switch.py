#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
The switch inside: who forwards, who hears what, and what the device really holds.
"""

import contextlib
import re
import select
import socket
import struct

from lib.py import KsftNamedVariant, NetNSEnter, PfEnv, bkg, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_gt, ksft_in, ksft_run, \
    ksft_true, ksft_variants

STRANGER = "02:00:00:00:07:99"
# Of virtual router 51, and the group of all of them
ROUTER, ROUTERS = bytes.fromhex("00005e000133"), bytes.fromhex("01005e000012")
ETH_P_IP = 0x0800
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST = 263, 1, 0


def _vfs(cfg):
    vf, vf2 = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    vf2.enter("kvf1").up("192.0.2.11/24")
    return vf, vf2


def _answers(addr, ns):
    return cmd(f"ping -q -c 1 -W 0.3 {addr}", ns=ns, fail=False).ret == 0


def _hwmode(cfg):
    return re.search(r"hwmode (\w+)",
                     cmd(f"bridge -d link show dev {cfg.ifname}").stdout)[1]


@ksft_disruptive
def bridge_modes(cfg) -> None:
    """VEPA leaves forwarding to a switch outside, VEB forwards again."""
    _vfs(cfg)
    ksft_eq(_hwmode(cfg), "VEB")
    cmd("ping -q -c 1 -W 2 192.0.2.11", ns="kvf0")
    cmd(f"bridge link set dev {cfg.ifname} hwmode vepa")
    ksft_eq(_hwmode(cfg), "VEPA")
    with bkg(f"timeout 60 tcpdump -c 1 -nn -i {cfg.remote_ifname} icmp and "
             "src 192.0.2.10 and dst 192.0.2.11", host=cfg.remote,
             exit_wait=True) as dump:
        until(lambda: "tcpdump" in cmd("ss -0p", host=cfg.remote).stdout, 3,
              "tcpdump")
        until(lambda: not _answers("192.0.2.11", "kvf0") and
              dump.proc.poll() is not None, 12, "a frame on the wire")
    ksft_in("192.0.2.10 > 192.0.2.11", dump.stdout)
    cfg.ping_remote(ns="kvf0")
    cmd(f"bridge link set dev {cfg.ifname} hwmode veb")
    until(lambda: _answers("192.0.2.11", "kvf0"), 3, "forwarding in VEB")


def _hear(vf, cfg, unicast):
    """Frames that VF receives of what the wire sends to an unknown address."""
    before = vf.stats()["rx"]["packets"]
    cmd("python3 -c 'from scapy.all import Ether, Raw, sendp; "
        f"sendp([Ether(dst=\"{unicast}\")/Raw(bytes(60))]*20, "
        f"iface=\"{cfg.remote_ifname}\", verbose=False)'", host=cfg.remote,
        timeout=240)
    cfg.ping_remote(ns="kvf1")
    return vf.stats()["rx"]["packets"] - before


@ksft_disruptive
def promiscuous(cfg) -> None:
    """Trust lets a VF hear everything; taken away, it hears no more."""
    vf, _ = _vfs(cfg)
    vf.cmd(f"ip link set dev {vf.ifname} promisc on")
    ksft_true(_hear(vf, cfg, STRANGER) < 20, "heard without trust")
    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    until(lambda: "promisc 1" in cmd("cat /sys/kernel/debug/kawela/*/vfs",
                                     shell=True).stdout, 2, "the VF to ask")
    ksft_gt(_hear(vf, cfg, STRANGER), 19)
    ip(f"link set dev {cfg.ifname} vf 0 trust off")
    ksft_true(_hear(vf, cfg, STRANGER) < 20, "heard after trust was gone")
    vf.cmd(f"ip link set dev {vf.ifname} promisc off")


def _box_behind(dev, ns):
    """A bridge with this port, and a namespace behind it. Return: its address."""
    ip("netns add kbox")
    defer(ip, "netns del kbox")
    ip("link add kbr0 type bridge", ns=ns)
    defer(ip, "link del kbr0", ns=ns)
    ip("link add kveth type veth peer name kbox0", ns=ns)
    for port in (dev, "kveth"):
        ip(f"link set dev {port} master kbr0", ns=ns)
    ip("link set dev kbox0 netns kbox", ns=ns)
    ip("addr add 192.0.2.30/24 dev kbox0", ns="kbox")
    ip("link set dev kbox0 up", ns="kbox")
    for link in ("kveth", "kbr0"):
        ip(f"link set dev {link} up", ns=ns)
    return ip("link show dev kbox0", ns="kbox", json=True)[0]["address"]


@ksft_variants(["pf", "vf"])
@ksft_disruptive
def bridged(cfg, which) -> None:
    """A bridge on the PF or on a trusted VF: who is behind it reaches all, and is reached."""
    vf, _ = _vfs(cfg)
    ip(f"link set dev {cfg.ifname} vf 0 trust on spoofchk off")
    dev, ns = {"pf": (cfg.ifname, None), "vf": (vf.ifname, "kvf0")}[which]
    box = _box_behind(dev, ns)
    for addr in (cfg.remote_addr_v["4"], "192.0.2.11"):
        until(lambda to=addr: _answers(to, "kbox"), what=f"an answer of {addr}")
    until(lambda: cmd("ping -q -c 1 -W 0.3 192.0.2.30", host=cfg.remote,
                      fail=False).ret == 0, what="an answer to the wire")
    # Frames that come back to their sender would move it to the other side
    cmd(f"arping -q -c 3 -w 15 -I kbox0 {cfg.remote_addr_v['4']}", ns="kbox")
    fdb = cmd("bridge fdb show br kbr0", ns=ns).stdout
    ksft_eq([l.split()[2] for l in fdb.splitlines() if l.startswith(box)],
            ["kveth"])


def _advert(addr):
    """What a router says: the same two addresses as the other one, but its own IP."""
    return (ROUTERS + ROUTER + struct.pack(">HBBH", ETH_P_IP, 0x45, 0, 46)).ljust(26, b"\0") + \
        socket.inet_aton(addr) + bytes(30)


def _router(ifname, ns):
    """A socket of a router, until the case ends."""
    with NetNSEnter(ns) if ns else contextlib.nullcontext():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sock.bind((ifname, ETH_P_IP))
        sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                        struct.pack("IHH8s", socket.if_nametoindex(ifname),
                                    PACKET_MR_MULTICAST, 6, ROUTERS))
    defer(sock.close)
    sock.settimeout(30)
    return sock


@ksft_variants([KsftNamedVariant(f"{end}_{mode}", end, mode)
                for end in ("pf", "vf") for mode in ("veb", "vepa")])
@ksft_disruptive
def rivals(cfg, end, mode) -> None:
    """Of two routers with one address (VRRP) each hears the other, and none itself."""
    vf = cfg.sriov.fresh(1)[0].enter("kvf0")
    ip(f"link set dev {cfg.ifname} vf 0 spoofchk off")
    defer(ip, f"link set dev {cfg.ifname} vf 0 spoofchk on")
    vf.up("192.0.2.10/24")
    cmd(f"bridge link set dev {cfg.ifname} hwmode {mode}")
    defer(cmd, f"bridge link set dev {cfg.ifname} hwmode veb")
    ours = _router(*((cfg.ifname, None) if end == "pf" else (vf.ifname, vf.ns)))
    theirs = _router(cfg.remote_ifname, cfg.remote.name)

    def heard():
        theirs.send(_advert("192.0.2.99"))
        return select.select([ours], [], [], 0.2)[0]
    # A VF's group takes effect a little later
    until(heard, 20, "the other router")
    got = []
    for _ in range(30):
        ours.send(_advert("192.0.2.10"))
        theirs.send(_advert("192.0.2.2"))
    while got.count("192.0.2.2") < 30:
        got.append(socket.inet_ntoa(ours.recv(100)[26:30]))
    ksft_eq(got.count("192.0.2.10"), 0)


@ksft_disruptive
def image_is_actual(cfg) -> None:
    """What should be in the device's filters is, after all kinds of changes."""
    vf, vf2 = _vfs(cfg)
    steps = (f"ip link set {cfg.ifname} vf 0 vlan 100 qos 3",
             f"ip link set {cfg.ifname} vf 1 mac 02:00:00:00:07:01",
             f"ip link set {cfg.ifname} vf 1 trust on spoofchk off",
             f"ip link set {cfg.ifname} vf 0 state disable",
             f"ip link set {cfg.ifname} promisc on",
             f"ip link set {cfg.ifname} promisc off",
             f"ip link set {cfg.ifname} vf 0 state auto",
             f"ip link set {cfg.ifname} vf 0 vlan 0")
    vf.cmd(f"ip link set dev {vf.ifname} mtu 3000")
    vf2.cmd(f"ip link add link {vf2.ifname} name v9 type vlan id 9")
    for step in steps:
        cmd(step)
        out = cmd("cat /sys/kernel/debug/kawela/*/filters", shell=True).stdout
        ksft_in("VFRE[0]", out)
        ksft_eq([l for l in out.splitlines() if "differs" in l], [], step)
    ksft_eq(len(out.splitlines()), 7 + 2 * 8 + 32 + 2 * 24 + 2 * 128)


@ksft_disruptive
def decoder(cfg) -> None:
    """kawela-mbx tells a conversation from a saved trace."""
    vf, _ = cfg.sriov.fresh(2)
    cfg.trace()
    vf.cmd(f"ip link set dev {vf.ifname} mtu 1600")
    ip(f"link set dev {cfg.ifname} vf 0 mac 02:00:00:00:07:02")
    until(lambda: vf.mac == "02:00:00:00:07:02", 2, "the address")
    told = cmd("kawela-mbx --vf 0 /sys/kernel/tracing/trace").stdout
    for part in ("SET_LPE", "frames up to 1626 octets", "PF_CONTROL",
                 "look at: link, policy", "address 02:00:00:00:07:02 fixed"):
        ksft_in(part, told)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([bridge_modes, promiscuous, bridged, rivals, image_is_actual,
                  decoder], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

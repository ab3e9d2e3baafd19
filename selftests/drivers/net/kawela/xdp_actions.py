#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
XDP on PF and VF: what becomes of frames, seen by the driver's counters and by the
other end, which is on the wire; and what programs may know of frames.
"""

import errno
import os
import socket
import struct
import threading

from lib.py import CmdExitFailure, NetdevFamily, PfEnv, cmd, \
    defer, ethtool, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, \
    ksft_ne, ksft_run, ksft_true, ksft_variants
from lib.py import bpf, errno_of, ptp
from lib.py.xdplab import JUMBO, SIZES, Lab, frame, gained, send, turned

CARDS = (("pf",), ("vf",))
# What fits one receive buffer of 3 KiB with a VLAN tag
SINGLE_MTU = 3054


@ksft_variants([(card, what) for card in ("pf", "vf")
                for what in ("pass", "drop", "aborted")])
def verdicts(lab, card, what) -> None:
    """PASS, DROP and ABORTED do that, and are counted as received."""
    end = lab.ends[card]
    sock = end.open()
    bpf.attached(end.ifname, bpf.verdict(getattr(bpf, what.upper())))
    before, packets = end.counters(), end.packets()
    sent = send(lab, end, SIZES)
    until(lambda: gained(end, before).get(f"xdp_{what}", 0) >= len(sent),
          what="counter")
    ksft_ge(end.packets() - packets, len(sent), "received")
    if what == "pass":
        ksft_eq([sock.recv(2048) for _ in sent], sent, "content")
    else:
        sock.settimeout(0)
        ksft_eq(errno_of(sock.recv, 2048), "EAGAIN", "seen by the stack")


@ksft_variants(CARDS)
def moved_head(lab, card) -> None:
    """The stack gets what bpf_xdp_adjust_head() left."""
    end = lab.ends[card]
    sock = end.open()
    bpf.attached(end.ifname, bpf.move_head(8))
    inner = frame(lab.wire, end, 200)
    lab.raw.send(bytes.fromhex(end.mac.replace(":", "")) + b"\0\0" + inner)
    ksft_eq(sock.recv(2048), inner)


@ksft_variants(CARDS)
@ksft_disruptive
def sent_back(lab, card) -> None:
    """XDP_TX: frames of one buffer and of several come back as they were."""
    end = lab.ends[card]
    lab.jumbo(end)
    sock = lab.wire.open()
    bpf.attached(end.ifname, bpf.back(), frags=True)
    before = end.counters()
    sent = send(lab, end, JUMBO * 5)
    ksft_eq([sock.recv(16384) for _ in sent], [turned(f) for f in sent])
    got = gained(end, before)
    ksft_eq(got.get("xdp_tx"), len(sent), "counted on receive")
    ksft_eq(got.get("xdp_xmit"), len(sent), "counted on transmit")


@ksft_variants(CARDS)
def sent_back_after_restart(lab, card) -> None:
    """XDP_TX still knows where to send when the receive rings are new."""
    end = lab.ends[card]
    sock = lab.wire.open()
    bpf.attached(end.ifname, bpf.back())
    ethtool(f"--reset {end.ifname} dma")
    sent = send(lab, end, SIZES)
    ksft_eq([sock.recv(2048) for _ in sent], [turned(f) for f in sent])


@ksft_variants([("pf", "vf"), ("vf", "pf")])
@ksft_disruptive
def redirected(lab, src, dst) -> None:
    """XDP_REDIRECT from one card and ndo_xdp_xmit of the other."""
    end, out = lab.ends[src], lab.ends[dst]
    lab.jumbo(end, out)
    sock = lab.wire.open()
    bpf.attached(end.ifname,
                 bpf.back_through(socket.if_nametoindex(out.ifname)),
                 frags=True)
    before, before_out = end.counters(), out.counters()
    sent = send(lab, end, JUMBO * 5)
    ksft_eq([sock.recv(16384) for _ in sent], [turned(f) for f in sent])
    ksft_eq(gained(end, before).get("xdp_redirect"), len(sent), "received")
    ksft_eq(gained(out, before_out), {"xdp_xmit": len(sent)})


@ksft_variants(CARDS)
@ksft_disruptive
def several_buffers(lab, card) -> None:
    """Frames of several buffers pass a program that can take them."""
    end = lab.ends[card]
    lab.jumbo(end)
    sock = end.open()
    bpf.attached(end.ifname, bpf.verdict(bpf.PASS), frags=True)
    sent = send(lab, end, JUMBO)
    ksft_eq([sock.recv(16384) for _ in sent], sent)


@ksft_variants(CARDS)
def comes_and_goes(lab, card) -> None:
    """Attaching, replacing and detaching loses no frame and no carrier."""
    end = lab.ends[card]
    others = list(lab.ends.values())
    sock, wire = end.open(), lab.wire.open()
    changes = [e.carrier_changes() for e in others]
    stop, numbers = threading.Event(), []
    program = bpf.verdict(bpf.PASS)
    bpf.keep(program)
    bpf.keep(program, frags=True)

    def traffic():
        while not stop.wait(0.002):
            wire.send(frame(lab.wire, end, 300, len(numbers)))
            numbers.append(len(numbers))
    sender = threading.Thread(target=traffic)
    sender.start()
    try:
        for _ in range(10):
            bpf.attach(end.ifname, program)
            bpf.attach(end.ifname, program, frags=True)
            bpf.detach(end.ifname)
    finally:
        stop.set()
        sender.join()
    got = [int.from_bytes(sock.recv(2048)[14:18], "big") for _ in numbers]
    ksft_eq(got, numbers, "frames")
    ksft_eq([e.carrier_changes() for e in others], changes, "carrier")


@ksft_variants(CARDS)
@ksft_disruptive
def too_long_for_one(lab, card) -> None:
    """A program for one buffer and an MTU for several exclude each other."""
    end = lab.ends[card]
    program = bpf.verdict(bpf.PASS)
    end.mtu(SINGLE_MTU + 1)
    try:
        bpf.attach(end.ifname, program)
        ksft_true(False, "attached")
    except CmdExitFailure as e:
        ksft_in(f"MTU {SINGLE_MTU} at most, not {SINGLE_MTU + 1}", str(e))
    ksft_true(not bpf.is_attached(end.ifname), "a program is there")
    bpf.attached(end.ifname, program, frags=True)
    end.mtu(SINGLE_MTU)
    bpf.attach(end.ifname, program)
    ksft_eq(cmd(f"ip link set dev {end.ifname} mtu 9000", fail=False).ret, 2,
            "MTU change")
    link = ip(f"link show dev {end.ifname}", json=True)[0]
    ksft_eq(link["mtu"], SINGLE_MTU)
    ksft_in(f"goes up to MTU {SINGLE_MTU}", cmd("dmesg").stdout)


@ksft_variants(CARDS)
@ksft_disruptive
def while_down(lab, card) -> None:
    """What is attached while the interface is down works when it comes up."""
    end = lab.ends[card]
    ip(f"link set dev {end.ifname} down")
    defer(lab.cfg.pf_up if card == "pf" else end.up)
    bpf.attached(end.ifname, bpf.verdict(bpf.DROP))
    end.up()
    before = end.counters()
    send(lab, end, SIZES)
    until(lambda: gained(end, before).get("xdp_drop", 0) >= len(SIZES),
          what="dropped frames")


TAIL_SIZES = (60, 1000, 3072, 3073, 6144, 6145, 8800)


@ksft_variants([(card, delta) for card in ("pf", "vf")
                for delta in (-30, 200)])
@ksft_disruptive
def moved_tail(lab, card, delta) -> None:
    """bpf_xdp_adjust_tail() over borders of buffers, for the stack and XDP_TX."""
    end = lab.ends[card]
    lab.jumbo(end)
    here, there = end.open(), lab.wire.open()
    before = lab.wire.shorts()
    for then, sock, change in ((bpf.verdict(bpf.PASS), here, bytes),
                               (bpf.back(), there, turned)):
        bpf.attached(end.ifname, bpf.move_tail(delta, then), frags=True)
        want = [change(f[:delta] if delta < 0 else f + bytes(delta))
                for f in send(lab, end, TAIL_SIZES)]
        got = [sock.recv(16384) for _ in want]
        # The driver pads what is shorter
        ksft_eq([g[:len(w)] for g, w in zip(got, want)], want)
        ksft_eq([len(g) for g in got], [max(len(w), 60) if sock is there else
                                        len(w) for w in want])
    ksft_eq(lab.wire.shorts(), before, "short on the wire")


@ksft_variants(CARDS)
@ksft_disruptive
def tail_too_far(lab, card) -> None:
    """A tail that doesn't fit the frame or its last buffer is refused."""
    end = lab.ends[card]
    bpf.attached(end.ifname, bpf.move_tail(1200, bpf.verdict(bpf.PASS)))
    before = end.counters()
    sent = send(lab, end, (1000, 1514))
    until(lambda: gained(end, before).get("xdp_pass", 0) >= len(sent),
          what="frames that grew")
    bpf.attach(end.ifname, bpf.move_tail(-1000, bpf.verdict(bpf.PASS)))
    sent = send(lab, end, (900, 1000))
    until(lambda: gained(end, before).get("xdp_aborted", 0) >= len(sent),
          what="frames that were too short")


# Bits of enum xdp_rss_hash_type
IPV4 = 0x01
TCP_IPV4 = IPV4 | 0x08 | 0x10


class Metadata:
    """What a program says of a frame."""

    def __init__(self, table):
        raw = bpf.array_get(table, bpf.METADATA.size)
        self.no_hash, self.hash, self.kind, self.no_vlan, proto, self.tci, \
            self.no_stamp, self.stamp = bpf.METADATA.unpack(raw)
        self.proto = socket.ntohs(proto)


def _asking(end):
    """Attach such a program. Return: its map."""
    table = bpf.array(bpf.METADATA.size)
    defer(os.close, table)
    bpf.attached(end.ifname, bpf.metadata(table), bound=True)
    return table


def _marked(dst, rest):
    """A frame that the program looks at."""
    return bytes.fromhex((dst.mac + bpf.MARKED).replace(":", "")) + rest


def _ipv4(protocol, port):
    """An IPv4 frame behind its addresses, with what looks like ports."""
    return struct.pack(">HBBHHHBBHIIHH", 0x0800, 0x45, 0, 40, 0, 0, 64,
                       protocol, 0, 0xc0000201, 0xc0000202, port, 9) + bytes(22)


def _told(lab, end, table, rest):
    """Send a frame. Return: what the program says of it."""
    before = end.counters()["xdp_pass"]
    lab.raw.send(_marked(end, rest))
    until(lambda: end.counters()["xdp_pass"] > before and
          bpf.array_get(table, bpf.METADATA.size) !=
          bytes(bpf.METADATA.size), what="frame", sleep=0.01)
    return Metadata(table)


@ksft_variants(CARDS)
def metadata(lab, card) -> None:
    """Programs may ask for the VLAN tag, and hear what there isn't."""
    end = lab.ends[card]
    offered = NetdevFamily().dev_get(
        {"ifindex": socket.if_nametoindex(end.ifname)})
    # The emulated device hashes nothing for pools, so its VFs don't offer it
    hashes = card == "pf" or not lab.cfg.sriov.emulated
    ksft_eq(offered["xdp-rx-metadata-features"],
            {"vlan-tag"} | ({"hash"} if hashes else set()) |
            ({"timestamp"} if card == "pf" else set()))
    table = _asking(end)
    ip(f"link add link {end.ifname} name {end.ifname}.7 type vlan id 7")
    defer(ip, f"link del {end.ifname}.7")
    tcp = _told(lab, end, table, _ipv4(6, 1))
    ksft_eq((tcp.no_vlan, tcp.no_stamp),
            (-errno.ENODATA, -errno.ENODATA if card == "pf"
             else -errno.EOPNOTSUPP))
    if not lab.cfg.sriov.emulated:      # that one doesn't hash while VFs exist
        ksft_eq((tcp.no_hash, tcp.kind), (0, TCP_IPV4))
    tagged = _told(lab, end, table, struct.pack(">HH", 0x8100, 0x6007) +
                   _ipv4(6, 1))
    ksft_eq((tagged.no_vlan, tagged.proto, tagged.tci), (0, 0x8100, 0x6007))
    none = _told(lab, end, table, struct.pack(">H", bpf.ETHERTYPE) + bytes(60))
    ksft_eq((none.no_hash, none.no_vlan),
            (-errno.ENODATA if hashes else -errno.EOPNOTSUPP, -errno.ENODATA))


@ksft_disruptive
def metadata_hash(lab) -> None:
    """And for the hash with its type."""
    end = lab.ends["pf"]
    defer(lab.add_vf)
    lab.cfg.sriov.set(0)
    until(end.has_carrier, what="carrier")
    table = _asking(end)
    tcp, same, other = (_told(lab, end, table, _ipv4(6, port))
                        for port in (1, 1, 2))
    ksft_eq((tcp.no_hash, tcp.kind), (0, TCP_IPV4))
    ksft_eq(tcp.hash, same.hash)
    ksft_ne(tcp.hash, other.hash)
    icmp = _told(lab, end, table, _ipv4(1, 1))
    ksft_eq((icmp.no_hash, icmp.kind), (0, IPV4))


@ksft_disruptive
def metadata_stamp(lab) -> None:
    """And for the timestamp, on the PF; the stack gets it, too."""
    end = lab.ends["pf"]
    defer(ptp.configure, end.ifname, ptp.TX_OFF, ptp.RX_NONE)
    ptp.configure(end.ifname, ptp.TX_OFF, ptp.RX_L2_SYNC)
    here = ptp.raw_socket(end.ifname)
    defer(here.close)
    table = _asking(end)
    last = 0
    for sequence in range(3):
        lab.raw.send(ptp.frame(bpf.MARKED, ptp.SYNC, sequence))
        stamp = ptp.receive(here)[1]
        told = Metadata(table)
        ksft_eq((told.no_stamp, told.stamp), (0, stamp))
        ksft_true(told.stamp > last, "goes back")
        last = told.stamp
    # Dropped frames don't lock the register
    bpf.attach(end.ifname, bpf.drop_all())
    for sequence in range(3):
        lab.raw.send(ptp.frame(bpf.MARKED, ptp.SYNC, sequence))
    until(lambda: end.counters()["xdp_drop"] >= 3, what="dropped frames")
    bpf.detach(end.ifname)
    lab.raw.send(ptp.frame(bpf.MARKED, ptp.SYNC, 9))
    ksft_true(ptp.receive(here)[1] > last, "no timestamp")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        lab = Lab(cfg)
        try:
            ksft_run([verdicts, moved_head, sent_back,
                      sent_back_after_restart, redirected,
                      several_buffers, comes_and_goes, too_long_for_one,
                      while_down, moved_tail, tail_too_far, metadata,
                      metadata_hash, metadata_stamp], args=(lab,))
        finally:
            cfg.sriov.set(0)
    ksft_exit()


if __name__ == "__main__":
    main()

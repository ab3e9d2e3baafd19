#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
XDP and AF_XDP on PF and VF: what becomes of frames, seen by the driver's
counters and by the other end, which is on the wire. Frames have an EtherType for
experiments, so that nobody else sends or takes any.
"""

import os
import re
import socket
import threading

from lib.py import CmdExitFailure, NetNSEnter, PfEnv, cmd, defer, ethtool, \
    ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, \
    ksft_run, ksft_true, ksft_variants
from lib.py import bpf, errno_of, xsk

CARDS = (("pf",), ("vf",))
_SO_RCVBUFFORCE = 33
# What fits one receive buffer of 3 KiB with a VLAN tag
SINGLE_MTU = 3054


class End:
    """An interface, and a packet socket on it."""

    def __init__(self, ifname, ns=None):
        self.ifname = ifname
        self.ns = ns
        self.mac = self._link()["address"]

    def _link(self):
        return ip(f"link show dev {self.ifname}", ns=self.ns, json=True)[0]

    def open(self):
        """A socket for such frames. It goes when the case ends."""
        def make():
            return socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                 socket.htons(bpf.ETHERTYPE))
        if self.ns:
            with NetNSEnter(self.ns):
                sock = make()
        else:
            sock = make()
        defer(sock.close)
        # Beyond the limit for everybody; frames wait here until they are read
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        sock.bind((self.ifname, bpf.ETHERTYPE))
        sock.settimeout(5)
        return sock

    def has_carrier(self):
        """carrier"""
        return "LOWER_UP" in self._link()["flags"]

    def up(self):
        """Bring it up and wait for carrier."""
        ip(f"link set dev {self.ifname} up", ns=self.ns)
        until(self.has_carrier, what=f"carrier of {self.ifname}")

    def mtu(self, mtu):
        """Change the MTU until the case ends."""
        self._set_mtu(mtu)
        defer(self._set_mtu, 1500)

    def _set_mtu(self, mtu):
        ip(f"link set dev {self.ifname} mtu {mtu}", ns=self.ns)
        # The link partner's driver renegotiates
        until(self.has_carrier, what=f"carrier of {self.ifname}")

    def counters(self):
        """ethtool -S, summed up over the queues."""
        sums = {}
        for name, value in re.findall(r"^\s*[rt]x\d+_(\w+): (\d+)$",
                                      ethtool(f"-S {self.ifname}").stdout,
                                      re.MULTILINE):
            sums[name] = sums.get(name, 0) + int(value)
        return sums

    def packets(self):
        """Received frames, by the standard counter."""
        return ip(f"-s link show dev {self.ifname}",
                  json=True)[0]["stats64"]["rx"]["packets"]

    def carrier_changes(self):
        """How often carrier came or went."""
        with open(f"/sys/class/net/{self.ifname}/carrier_changes",
                  encoding="ascii") as f:
            return int(f.read())


class Lab:
    """PF, one VF and the wire."""

    def __init__(self, cfg):
        self.cfg = cfg
        vf = cfg.sriov.set(1)[0]
        self.ends = {"pf": End(cfg.ifname), "vf": End(vf.ifname)}
        self.wire = End(cfg.remote_ifname, cfg.remote.name)
        self.ends["vf"].up()

    def jumbo(self, *ends):
        """MTU 9000 for these and the wire."""
        for end in (self.wire,) + ends:
            end.mtu(9000)


def frame(src, dst, size, number=0):
    """A frame with random content behind its number."""
    head = bytes.fromhex((dst.mac + src.mac).replace(":", ""))
    head += bpf.ETHERTYPE.to_bytes(2, "big") + number.to_bytes(4, "big")
    return head + os.urandom(size - len(head))


def _gained(end, before):
    return {name: value - before[name]
            for name, value in end.counters().items() if value != before[name]}


def _send(lab, end, sizes):
    """From the wire. Return: the frames."""
    sock = lab.wire.open()
    frames = [frame(lab.wire, end, size, i) for i, size in enumerate(sizes)]
    for data in frames:
        sock.send(data)
    return frames


def _turned(data):
    return data[6:12] + data[:6] + data[12:]


SIZES = (60, 61, 128, 1000, 1513, 1514) * 5
JUMBO = (60, 3072, 3073, 6144, 6145, 9014)


@ksft_variants([(card, what) for card in ("pf", "vf")
                for what in ("pass", "drop", "aborted")])
def verdicts(lab, card, what) -> None:
    """PASS, DROP and ABORTED do that, and are counted as received."""
    end = lab.ends[card]
    sock = end.open()
    bpf.attached(end.ifname, bpf.verdict(getattr(bpf, what.upper())))
    before, packets = end.counters(), end.packets()
    sent = _send(lab, end, SIZES)
    until(lambda: _gained(end, before).get(f"xdp_{what}", 0) >= len(sent),
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
    with NetNSEnter(lab.wire.ns):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    defer(raw.close)
    raw.bind((lab.wire.ifname, 0))
    sock = end.open()
    bpf.attached(end.ifname, bpf.move_head(8))
    inner = frame(lab.wire, end, 200)
    raw.send(bytes.fromhex(end.mac.replace(":", "")) + b"\0\0" + inner)
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
    sent = _send(lab, end, JUMBO * 5)
    ksft_eq([sock.recv(16384) for _ in sent], [_turned(f) for f in sent])
    got = _gained(end, before)
    ksft_eq(got.get("xdp_tx"), len(sent), "counted on receive")
    ksft_eq(got.get("xdp_xmit"), len(sent), "counted on transmit")


@ksft_variants(CARDS)
def sent_back_after_restart(lab, card) -> None:
    """XDP_TX still knows where to send when the receive rings are new."""
    end = lab.ends[card]
    sock = lab.wire.open()
    bpf.attached(end.ifname, bpf.back())
    ethtool(f"--reset {end.ifname} dma")
    sent = _send(lab, end, SIZES)
    ksft_eq([sock.recv(2048) for _ in sent], [_turned(f) for f in sent])


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
    sent = _send(lab, end, JUMBO * 5)
    ksft_eq([sock.recv(16384) for _ in sent], [_turned(f) for f in sent])
    ksft_eq(_gained(end, before).get("xdp_redirect"), len(sent), "received")
    ksft_eq(_gained(out, before_out), {"xdp_xmit": len(sent)})


@ksft_variants(CARDS)
@ksft_disruptive
def several_buffers(lab, card) -> None:
    """Frames of several buffers pass a program that can take them."""
    end = lab.ends[card]
    lab.jumbo(end)
    sock = end.open()
    bpf.attached(end.ifname, bpf.verdict(bpf.PASS), frags=True)
    sent = _send(lab, end, JUMBO)
    ksft_eq([sock.recv(16384) for _ in sent], sent)


@ksft_variants(CARDS)
def comes_and_goes(lab, card) -> None:
    """Attaching, replacing and detaching loses no frame and no carrier."""
    end = lab.ends[card]
    others = list(lab.ends.values())
    sock, wire = end.open(), lab.wire.open()
    changes = [e.carrier_changes() for e in others]
    stop, numbers = threading.Event(), []

    def traffic():
        while not stop.wait(0.002):
            wire.send(frame(lab.wire, end, 300, len(numbers)))
            numbers.append(len(numbers))
    sender = threading.Thread(target=traffic)
    sender.start()
    try:
        for _ in range(10):
            bpf.attach(end.ifname, bpf.verdict(bpf.PASS))
            bpf.attach(end.ifname, bpf.verdict(bpf.PASS), frags=True)
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
    _send(lab, end, SIZES)
    until(lambda: _gained(end, before).get("xdp_drop", 0) >= len(SIZES),
          what="dropped frames")


def _bind(sock, end, flags):
    """Bind to queue 0 when the socket before is gone. Return: errno's name."""
    errors = []

    def attempt():
        errors.append(errno_of(sock.bind, end.ifname, 0, flags))
        return errors[-1] != "EBUSY"
    until(attempt, what="end of the last socket")
    return errors[-1]


def _socket(end, flags):
    """A zero-copy socket on queue 0, with the program that feeds it."""
    sock = xsk.Xsk()
    defer(sock.close)
    ksft_eq(_bind(sock, end, flags | xsk.ZEROCOPY), "")
    ksft_true(sock.is_zero_copy, "no zero copy")
    table = bpf.xskmap(8)
    defer(os.close, table)
    bpf.xskmap_set(table, 0, sock)
    bpf.attached(end.ifname, bpf.to_socket(table), frags=True)
    return sock


def _collect(sock, n):
    """Wait for n frames."""
    got = []

    def enough():
        got.extend(sock.received())
        sock.refill()
        if sock.fill.wants_wakeup:
            sock.wake_rx()
        return len(got) >= n
    until(enough, what=f"{n} frames in the socket")
    return got


@ksft_variants([(card, size) for card in ("pf", "vf")
                for size in ("usual", "jumbo")])
@ksft_disruptive
def sockets(lab, card, size) -> None:
    """AF_XDP without copies: more frames than the ring holds, both ways."""
    end = lab.ends[card]
    sizes = (60, 1000, 1514) * 40
    if size == "jumbo":
        lab.jumbo(end)
        sizes = JUMBO * 5
    changes = end.carrier_changes()
    sock = _socket(end, xsk.NEED_WAKEUP | (xsk.USE_SG if size == "jumbo"
                                           else 0))
    before = end.counters()
    for _ in range(4):
        sent = _send(lab, end, sizes)
        ksft_eq(_collect(sock, len(sent)), sent)
    got = _gained(end, before)
    ksft_eq(got.get("xdp_redirect"), 4 * len(sizes), "counted")
    ksft_eq(got.get("xdp_aborted", 0), 0, "aborted")

    wire = lab.wire.open()
    for i, length in enumerate(sizes):
        data = frame(end, lab.wire, length, i)
        sock.send(data)
        if sock.tx.wants_wakeup:
            sock.wake_tx()
        ksft_eq(wire.recv(16384), data)
        until(sock.completed, what="completion")
    ksft_eq(_gained(end, before).get("xsk_xmit"), len(sizes))
    ksft_eq(end.carrier_changes(), changes, "carrier")


@ksft_variants(CARDS)
@ksft_disruptive
def hungry_socket(lab, card) -> None:
    """A socket that gives no buffers stalls nobody; the stack gets its own."""
    end = lab.ends[card]
    other = lab.ends["vf" if card == "pf" else "pf"]
    sock = _socket(end, xsk.NEED_WAKEUP)
    _send(lab, end, (100,) * 700)
    until(lambda: sock.fill.wants_wakeup, what="call for buffers")
    stack = other.open()
    sent = _send(lab, other, SIZES)
    ksft_eq([stack.recv(2048) for _ in sent], sent, "other interface")
    ksft_ge(len(_collect(sock, 200)), 200)
    bpf.attach(end.ifname, bpf.verdict(bpf.PASS), frags=True)
    sock.received()
    sock.refill()
    sock.wake_rx()
    stack = end.open()
    sent = _send(lab, end, SIZES)
    ksft_eq([stack.recv(2048) for _ in sent], sent, "copied for the stack")


@ksft_variants(CARDS)
@ksft_disruptive
def small_buffers(lab, card) -> None:
    """Buffers that don't fit the MTU are refused, or are used with copies."""
    end = lab.ends[card]
    stack = end.open()
    sock = xsk.Xsk(chunk=2048)
    defer(sock.close)
    ksft_eq(_bind(sock, end, xsk.ZEROCOPY), "EINVAL")
    ksft_in("without multi-buffer support MTU 1006 is the limit",
            cmd("dmesg").stdout)
    sent = _send(lab, end, SIZES)
    ksft_eq([stack.recv(2048) for _ in sent], sent, "as before")
    ksft_eq(_bind(sock, end, 0), "")
    ksft_true(not sock.is_zero_copy, "zero copy")


@ksft_variants(CARDS)
@ksft_disruptive
def socket_stays(lab, card) -> None:
    """A socket outlives new ring sizes, and the interface going down."""
    end = lab.ends[card]
    sock = _socket(end, xsk.NEED_WAKEUP)
    sent = set()
    for change in (lambda: ethtool(f"-G {end.ifname} rx 128 tx 128"),
                   lambda: ip(f"link set dev {end.ifname} down"),
                   lambda: ethtool(f"-G {end.ifname} rx 256 tx 256")):
        change()
        if card == "pf":
            lab.cfg.pf_up()
        end.up()
        sent |= set(_send(lab, end, (100,) * 300))
        got = _collect(sock, 200)
        ksft_true(set(got) <= sent, "frames that nobody sent")


@ksft_variants(CARDS)
def socket_and_stack(lab, card) -> None:
    """XDP_TX out of a socket's memory; and sockets that end give it back."""
    end = lab.ends[card]
    sock = _socket(end, xsk.NEED_WAKEUP)
    bpf.attach(end.ifname, bpf.back(), frags=True)
    wire = lab.wire.open()
    sent = _send(lab, end, SIZES)
    ksft_eq([wire.recv(2048) for _ in sent], [_turned(f) for f in sent])
    sock.close()
    after = xsk.Xsk()
    defer(after.close)
    ksft_eq(_bind(after, end, xsk.COPY), "")
    sent = _send(lab, end, SIZES)
    ksft_eq([wire.recv(2048) for _ in sent], [_turned(f) for f in sent],
            "without the socket")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        lab = Lab(cfg)
        try:
            ksft_run([verdicts, moved_head, sent_back,
                      sent_back_after_restart, redirected,
                      several_buffers, comes_and_goes, too_long_for_one,
                      while_down, sockets, hungry_socket, small_buffers,
                      socket_stays, socket_and_stack], args=(lab,))
        finally:
            cfg.sriov.set(0)
    ksft_exit()


if __name__ == "__main__":
    main()

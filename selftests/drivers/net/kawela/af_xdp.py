#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
AF_XDP without copies on PF and VF, by counters on both ends; the other end is on
the wire.
"""

import os

from lib.py import EthtoolFamily, KsftNamedVariant, PfEnv, RINGS, cmd, defer, \
    ethtool, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, \
    ksft_run, ksft_true, ksft_variants
from lib.py import bpf, errno_of, write_sysfs, xsk
from lib.py.xdplab import JUMBO, SIZES, Lab, frame, gained, send, turned

CARDS = (("pf",), ("vf",))
# KWL_QUIRK_POOL_ONE_PAIR
POOL_ONE_PAIR = 1 << 7


def _bind(sock, end, flags, queue=0):
    """Bind to a queue when the socket before is gone. Return: errno's name."""
    errors = []

    def attempt():
        errors.append(errno_of(sock.bind, end.ifname, queue, flags))
        return errors[-1] != "EBUSY"
    until(attempt, what="end of the last socket")
    return errors[-1]


def _socket(end, flags, chunk=4096):
    """A zero-copy socket on queue 0, with the program that feeds it."""
    sock = xsk.Xsk(chunk=chunk)
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
        sent = send(lab, end, sizes)
        ksft_eq(_collect(sock, len(sent)), sent)
    got = gained(end, before)
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
    ksft_eq(gained(end, before).get("xsk_xmit"), len(sizes))
    ksft_eq(end.carrier_changes(), changes, "carrier")


@ksft_variants(CARDS)
@ksft_disruptive
def wakeups(lab, card) -> None:
    """A socket is asked to wake the driver when that is needed."""
    end = lab.ends[card]
    wire = lab.wire.open()
    sock = _socket(end, xsk.NEED_WAKEUP)
    sent = send(lab, end, SIZES)
    ksft_eq(_collect(sock, len(sent)), sent)
    until(lambda: not sock.fill.wants_wakeup, what="satisfaction")
    unmask = end.mask_interrupts()
    ksft_true(sock.tx.wants_wakeup, "no call for a wake-up")
    data = frame(end, lab.wire, 100)
    sock.send(data)
    sock.wake_tx()
    ksft_eq(wire.recv(2048), data)
    ksft_true(not sock.tx.wants_wakeup, "calls though a frame is under way")
    unmask.exec()
    until(sock.completed, what="completion")
    until(lambda: sock.tx.wants_wakeup, what="call for a wake-up")


@ksft_variants(CARDS)
@ksft_disruptive
def busy_poll(lab, card) -> None:
    """With the queue's interrupt masked, busy polling alone moves frames."""
    end = lab.ends[card]
    # A poll puts off interrupts so long, and the stack's own polling
    for name, value, before in (("napi_defer_hard_irqs", 100, 0),
                                ("gro_flush_timeout", 2000000000, 0)):
        path = f"/sys/class/net/{end.ifname}/{name}"
        write_sysfs(path, str(value))
        defer(write_sysfs, path, str(before))
    sock = _socket(end, xsk.NEED_WAKEUP)
    sock.prefer_busy_poll(64)
    # From this kernels before 7.0 learn whom to poll
    sent = send(lab, end, SIZES)
    ksft_eq(_collect(sock, len(sent)), sent)
    end.mask_interrupts()
    wire = lab.wire.open()
    sent = send(lab, end, SIZES)
    got = []

    def polled():
        sock.wake_rx()
        got.extend(sock.received())
        sock.refill()
        return len(got) >= len(sent)
    until(polled, what="frames by polling", sleep=0)
    ksft_eq(got, sent)
    data = frame(end, lab.wire, 100)
    sock.send(data)
    sock.wake_tx()
    ksft_eq(wire.recv(2048), data)

    def completed():
        sock.wake_tx()
        return sock.completed()
    until(completed, what="completion by polling", sleep=0)


@ksft_variants(CARDS)
@ksft_disruptive
def moved_tail(lab, card) -> None:
    """bpf_xdp_adjust_tail() in a socket's memory."""
    end = lab.ends[card]
    lab.jumbo(end)
    sock = _socket(end, xsk.NEED_WAKEUP | xsk.USE_SG)
    for delta in (-30, 100):
        table = bpf.xskmap(8)
        defer(os.close, table)
        bpf.xskmap_set(table, 0, sock)
        bpf.attach(end.ifname, bpf.move_tail(delta, bpf.to_socket(table)),
                   frags=True)
        sent = send(lab, end, JUMBO[:-1] + (8800,))
        want = [f[:delta] if delta < 0 else f + bytes(delta) for f in sent]
        got = _collect(sock, len(sent))
        ksft_eq([len(f) for f in got], [len(f) for f in want])
        ksft_eq(got, want)


@ksft_variants(CARDS)
@ksft_disruptive
def hungry_socket(lab, card) -> None:
    """A socket that gives no buffers stalls nobody; the stack gets its own."""
    end = lab.ends[card]
    other = lab.ends["vf" if card == "pf" else "pf"]
    sock = _socket(end, xsk.NEED_WAKEUP)

    def hungry():
        # The device drops what the ring has no buffers for
        send(lab, end, (100,) * 100)
        return sock.fill.wants_wakeup
    until(hungry, what="call for buffers")
    stack = other.open()
    sent = send(lab, other, SIZES)
    ksft_eq([stack.recv(2048) for _ in sent], sent, "other interface")
    ksft_ge(len(_collect(sock, 200)), 200)
    bpf.attach(end.ifname, bpf.verdict(bpf.PASS), frags=True)
    sock.received()
    sock.refill()
    sock.wake_rx()
    stack = end.open()
    sent = send(lab, end, SIZES)
    ksft_eq([stack.recv(2048) for _ in sent], sent, "copied for the stack")


@ksft_variants(CARDS)
@ksft_disruptive
def usual_buffers(lab, card) -> None:
    """Buffers of 2 KiB take frames of MTU 1500; longer ones overwrite nothing."""
    end = lab.ends[card]
    sock = _socket(end, xsk.NEED_WAKEUP, chunk=2048)
    sock.paint()
    lab.wire.mtu(9000)
    fit = []
    for length in (1800, 1793, 2048, 4000, 9014) * 4:
        send(lab, end, (length,))
        fit += send(lab, end, (60, 1514))
    ksft_eq(_collect(sock, len(fit)), fit)
    ksft_eq(sock.received(), [], "frames beyond the MTU")
    ksft_eq(sock.overruns(), [])
    wire = lab.wire.open()
    for length in (60, 1000, 1514):
        data = frame(end, lab.wire, length)
        sock.send(data)
        sock.wake_tx()
        ksft_eq(wire.recv(16384), data)
        until(sock.completed, what="completion")
    ksft_eq(cmd(f"ip link set dev {end.ifname} mtu 1771", fail=False).ret, 2,
            "an MTU that doesn't fit")
    end.mtu(1770)
    sent = send(lab, end, (1784,) * 20)
    ksft_eq(_collect(sock, len(sent)), sent, "the longest")
    ksft_eq(sock.overruns(), [])


@ksft_variants(CARDS)
@ksft_disruptive
def small_buffers(lab, card) -> None:
    """Buffers that don't fit the MTU are refused, or are used with copies."""
    end = lab.ends[card]
    end.mtu(1771)
    stack = end.open()
    sock = xsk.Xsk(chunk=2048)
    defer(sock.close)
    ksft_eq(_bind(sock, end, xsk.ZEROCOPY), "EINVAL")
    ksft_in("without multi-buffer support MTU 1770 is the limit",
            cmd("dmesg").stdout)
    sent = send(lab, end, SIZES)
    ksft_eq([stack.recv(2048) for _ in sent], sent, "as before")
    ksft_eq(_bind(sock, end, 0), "")
    ksft_true(not sock.is_zero_copy, "zero copy")


@ksft_variants(CARDS)
@ksft_disruptive
def smaller_buffers(lab, card) -> None:
    """With a small MTU, frames of 1500 octets arrive all the same, so they have to fit."""
    end = lab.ends[card]
    end.mtu(1000)
    sock = xsk.Xsk(chunk=2048, headroom=600)
    defer(sock.close)
    ksft_eq(_bind(sock, end, xsk.ZEROCOPY), "EINVAL")
    ksft_in("frames of 1500 octets take several buffers of 2048, of which the device uses 1024",
            cmd("dmesg").stdout)


@ksft_variants(("rx-all", "rx-fcs"))
@ksft_disruptive
def usual_buffers_and(lab, longer) -> None:
    """Buffers that count on the MTU and longer frames exclude each other."""
    end = lab.ends["pf"]
    lab.cfg.sriov.set(0)
    defer(lab.add_vf)
    ethtool(f"-K {end.ifname} {longer} on")
    defer(ethtool, f"-K {end.ifname} {longer} off")
    sock = xsk.Xsk(chunk=2048)
    defer(sock.close)
    ksft_eq(_bind(sock, end, xsk.ZEROCOPY), "EINVAL")
    ethtool(f"-K {end.ifname} {longer} off")
    ksft_eq(_bind(sock, end, xsk.ZEROCOPY), "")
    cmd(f"ethtool -K {end.ifname} {longer} on", fail=False)
    ksft_eq(ethtool(f"-k {end.ifname}", json=True)[0][longer]["active"], False)


@ksft_variants(CARDS)
@ksft_disruptive
def short_frames(lab, card) -> None:
    """Frames below the least length leave with zeros behind."""
    end = lab.ends[card]
    sock = _socket(end, xsk.NEED_WAKEUP)
    wire = lab.wire.open()
    before = lab.wire.shorts()
    for length in (18, 30, 59):
        data = frame(end, lab.wire, length)
        sock.send(data)
        sock.wake_tx()
        ksft_eq(wire.recv(2048), data + bytes(60 - length))
        until(sock.completed, what="completion")
    ksft_eq(lab.wire.shorts(), before, "short on the wire")


@ksft_variants(CARDS)
@ksft_disruptive
def socket_stays(lab, card) -> None:
    """A socket outlives new ring sizes, and the interface going down."""
    end = lab.ends[card]
    sock = _socket(end, xsk.NEED_WAKEUP)
    sent = set()
    for change in (lambda: ethtool(f"-G {end.ifname} rx 128 tx 128"),
                   lambda: ip(f"link set dev {end.ifname} down"),
                   lambda: ethtool(f"-G {end.ifname} {RINGS}")):
        change()
        if card == "pf":
            lab.cfg.pf_up()
        end.up()
        got = []
        for _ in range(3):
            # Not more at once than the ring has buffers for
            sent |= set(send(lab, end, (100,) * 100))
            got += _collect(sock, 66)
        ksft_true(set(got) <= sent, "frames that nobody sent")


@ksft_variants(CARDS)
def socket_and_stack(lab, card) -> None:
    """XDP_TX out of a socket's memory; and sockets that end give it back."""
    end = lab.ends[card]
    sock = _socket(end, xsk.NEED_WAKEUP)
    bpf.attach(end.ifname, bpf.back(), frags=True)
    wire = lab.wire.open()
    sent = send(lab, end, SIZES)
    ksft_eq([wire.recv(2048) for _ in sent], [turned(f) for f in sent])
    sock.close()
    after = xsk.Xsk()
    defer(after.close)
    ksft_eq(_bind(after, end, xsk.COPY), "")
    sent = send(lab, end, SIZES)
    ksft_eq([wire.recv(2048) for _ in sent], [turned(f) for f in sent],
            "without the socket")


def _queues(end):
    return EthtoolFamily().channels_get(
        {"header": {"dev-name": end.ifname}})["combined-count"]


def _rows(end):
    """How many counters ethtool -S has."""
    return len(ethtool(f"-S {end.ifname}").stdout.splitlines())


class PfQueues:
    """The PF has several queues, and one while there are VFs."""

    def __init__(self, lab):
        self.end = lab.ends["pf"]
        self._lab = lab
        self.give()
        defer(self.take)

    def give(self):
        """It has several."""
        self._lab.cfg.sriov.set(0)

    def take(self):
        """It has one."""
        self._lab.add_vf()


class VfQueues:
    """The PF grants the VF two queues, as on a real device, or one."""

    def __init__(self, lab):
        self.end = lab.ends["vf"]
        self._lab = lab
        self._given = False
        cmd("modprobe kawela_test")
        defer(cmd, "modprobe -r kawela_test")
        defer(self.take)
        self.give()

    def _grant(self, given):
        if given == self._given:
            return
        self._given, ifname = given, self._lab.cfg.ifname
        write_sysfs("/sys/kernel/debug/kawela_test/quirks", f"{ifname} {POOL_ONE_PAIR}")
        # The VF looks when something is decided for it
        ip(f"link set dev {ifname} vf 0 trust {'on' if given else 'off'}")

    def give(self):
        """It has two."""
        self._grant(True)

    def take(self):
        """It has one."""
        self._grant(False)


@ksft_variants([KsftNamedVariant("pf", PfQueues), KsftNamedVariant("vf", VfQueues)])
@ksft_disruptive
def queue_is_gone(lab, queues) -> None:
    """A socket ends after its queue has gone, and gives back what it had."""
    queues = queues(lab)
    until(lambda: _queues(queues.end) > 1, what="another queue")
    rows = _rows(queues.end)
    sock = xsk.Xsk()
    ksft_eq(_bind(sock, queues.end, xsk.ZEROCOPY, 1), "")
    queues.take()
    until(lambda: _queues(queues.end) == 1, what="the end of the queue")
    ksft_eq(_rows(queues.end), rows, "counters")
    sock.close()
    stack = queues.end.open()
    sent = send(lab, queues.end, SIZES)
    ksft_eq([stack.recv(2048) for _ in sent], sent, "the queue that stays")
    queues.give()
    until(lambda: _queues(queues.end) > 1, what="the queue again")
    ksft_eq(_rows(queues.end), rows, "counters")
    after = xsk.Xsk()
    defer(after.close)
    ksft_eq(_bind(after, queues.end, xsk.ZEROCOPY, 1), "")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        lab = Lab(cfg)
        try:
            ksft_run([sockets, wakeups, busy_poll, moved_tail, hungry_socket,
                      usual_buffers, small_buffers, smaller_buffers, short_frames,
                      usual_buffers_and, socket_stays,
                      socket_and_stack, queue_is_gone],
                     args=(lab,))
        finally:
            cfg.sriov.set(0)
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Queues that go away while frames are sent, and queues that don't come back. The module
kawela_test makes hardware and memory refuse.
"""

import contextlib
import errno
import socket
import threading
from pathlib import Path

from lib.py import EthtoolFamily, KsftNamedVariant, KsftSkipEx, NetdevFamily, PfEnv, \
    RINGS, cmd, defer, ethtool, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_gt, \
    ksft_in, ksft_ne, ksft_run, ksft_true, ksft_variants
from lib.py import xsk
from lib.py.xdplab import End, Lab, frame, send

FILES = "/sys/kernel/debug/kawela_test"
PKTGEN = Path("/proc/net/pktgen")
CARDS = (("pf",), ("vf",))
CHANGES = 20
_SOL_PACKET, _PACKET_QDISC_BYPASS = 263, 20


def ask(name, end, value):
    """Write to a file of the module."""
    with open(f"{FILES}/{name}", "w", encoding="ascii") as f:
        f.write(f"{end.ifname} {value}")


def refuse(what, end, count):
    """Fail so many times, at most until the case ends."""
    ask(what, end, count)
    return defer(ask, what, end, 0)


class Flood:
    """pktgen sends through an interface's queues until the case ends."""

    def __init__(self, lab, end, *options):
        cmd("modprobe pktgen")
        defer(cmd, "modprobe -r pktgen")
        self._write("kpktgend_0", f"add_device {end.ifname}")
        defer(self._write, "kpktgend_0", "rem_device_all")
        for option in ("count 0", "pkt_size 60", "min_pkt_size 60",
                       f"dst_mac {lab.wire.mac}", "dst 192.0.2.99", *options):
            self._write(end.ifname, option)
        # A start returns when all has been sent
        self._thread = threading.Thread(target=self._write,
                                        args=("pgctrl", "start"))
        self._thread.start()
        defer(self._stop)
        before = sent(end)
        until(lambda: sent(end) > before + 100, what="frames of pktgen")

    @staticmethod
    def _write(name, text):
        # It takes the last character for the end of the line
        (PKTGEN / name).write_text(f"{text}\n", encoding="ascii")

    def _stop(self):
        self._write("pgctrl", "stop")
        self._thread.join()


def bypass(lab, end):
    """A packet socket sends past the queueing disciplines until the case ends."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.setsockopt(_SOL_PACKET, _PACKET_QDISC_BYPASS, 1)
    sock.bind((end.ifname, 0))
    data, stop = frame(end, lab.wire, 60), threading.Event()

    def run():
        while not stop.is_set():
            try:
                sock.send(data)
            except OSError as err:
                # A queue that is stopped takes none
                if err.errno not in (errno.ENOBUFS, errno.ENETDOWN):
                    raise

    thread = threading.Thread(target=run)
    thread.start()
    defer(sock.close)
    defer(thread.join)
    defer(stop.set)


def sent(end):
    """Frames sent, by the standard counter."""
    return ip(f"-s link show dev {end.ifname}",
              json=True)[0]["stats64"]["tx"]["packets"]


def dropped(end):
    """Frames that were not sent, by the standard counter."""
    return ip(f"-s link show dev {end.ifname}",
              json=True)[0]["stats64"]["tx"]["dropped"]


def queue_counts(end):
    """How often queues were stopped for want of room, and woken."""
    index = ip(f"link show dev {end.ifname}", json=True)[0]["ifindex"]
    stats = NetdevFamily().qstats_get({"ifindex": index, "scope": ["queue"]},
                                      dump=True)
    return [sum(queue.get(name, 0) for queue in stats)
            for name in ("tx-stop", "tx-wake")]


def works(lab, end):
    """Frames arrive as they are, and others are sent."""
    sock = end.open()
    frames = send(lab, end, (60, 1500) * 20)
    ksft_eq([sock.recv(2048) for _ in frames], frames)
    sock.close()
    before, data = sent(end), frame(end, lab.wire, 100)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((end.ifname, 0))

        def goes():
            # The stack drops what comes soon after the carrier
            with contextlib.suppress(OSError):
                raw.send(data)
            return sent(end) > before
        until(goes, what="a frame that is sent")


@ksft_variants(CARDS)
@ksft_disruptive
def stopped(lab, card) -> None:
    """A queue that is stopped for new rings isn't woken by what it still sends."""
    end = lab.ends[card]
    defer(ethtool, f"-G {end.ifname} {RINGS}")
    Flood(lab, end)
    bypass(lab, end)
    stops, wakes = queue_counts(end)
    for turn in range(CHANGES):
        ethtool(f"-G {end.ifname} tx {(512, 256)[turn % 2]}")
    before = sent(end)
    until(lambda: sent(end) > before + 100, what="frames after the last change")
    now = queue_counts(end)
    ksft_ge(now[0] - stops, now[1] - wakes, "queues woken that weren't full")


@ksft_variants(CARDS)
@ksft_disruptive
def end_of_poll(lab, card) -> None:
    """Rings go while a poll is at its end, after its last frame."""
    end = lab.ends[card]
    defer(ethtool, f"-G {end.ifname} {RINGS}")
    defer(ask, "slow_poll", end, 0)
    ask("slow_poll", end, 5)
    bypass(lab, end)
    for turn in range(CHANGES):
        ethtool(f"-G {end.ifname} tx {(512, 256)[turn % 2]}")
    ask("slow_poll", end, 0)
    works(lab, end)


def all_queues(lab):
    """No VFs until the case ends, and as many queues as then. Return: PF and number."""
    lab.cfg.sriov.set(0)
    defer(lab.add_vf)
    end = lab.ends["pf"]
    channels = EthtoolFamily().channels_get(
        {"header": {"dev-name": end.ifname}})
    most = channels["combined-max"]
    ksft_gt(most, 2, "queues")
    defer(ethtool, f"-L {end.ifname} combined {channels['combined-count']}")
    ethtool(f"-L {end.ifname} combined {most}")
    return end, most


@ksft_disruptive
def other_index(lab) -> None:
    """Senders that keep the index of a queue that is gone lose frames, no more."""
    end, most = all_queues(lab)
    # Each skb is sent many times, with the index that it had at first
    Flood(lab, end, "clone_skb 100000", f"queue_map_min {most - 1}",
          f"queue_map_max {most - 1}")
    bypass(lab, end)
    lost = dropped(end)
    for turn in range(CHANGES):
        ethtool(f"-L {end.ifname} combined {(1, most)[turn % 2]}")
    ethtool(f"-L {end.ifname} combined 1")
    until(lambda: dropped(end) > lost, what="frames for queues that are gone")
    works(lab, end)


def failed(end):
    """It has no carrier, and refuses changes with the reason."""
    out = cmd(f"ethtool -G {end.ifname} rx 1024", fail=False)
    ksft_true(out.ret, "a change that can't be made is accepted")
    ksft_in("doesn't work", out.stderr + out.stdout)
    ksft_eq(end.has_carrier(), False, "carrier")


def recovers(lab, end):
    """It tries again by itself."""
    until(end.has_carrier, deadline=20, what="carrier")
    works(lab, end)


def new_rings(end):
    """All rings are replaced. Return: whether the driver says that they were."""
    return not cmd(f"ethtool -G {end.ifname} rx 2048", fail=False).ret


def new_ring(end):
    """Receive rings are replaced one by one."""
    return not cmd(f"ethtool --reset {end.ifname} dma", fail=False).ret


def core(end):
    """The core replaces a receive ring."""
    try:
        ask("restart", end, 0)
    except OSError as err:
        if err.errno == errno.EOPNOTSUPP:
            raise KsftSkipEx("this kernel doesn't export "
                             "netdev_rx_queue_restart()") from None
        return False
    return True


WAYS = {"all": new_rings, "each": new_ring, "core": core}
ENDS_AND_WAYS = [(card, way) for card, in CARDS for way in WAYS]


@ksft_variants(ENDS_AND_WAYS)
@ksft_disruptive
def refused_once(lab, card, way) -> None:
    """When the hardware refuses new rings, the old ones run on."""
    end = lab.ends[card]
    changes = end.carrier_changes()
    refuse("refuse_start", end, 1)
    ksft_eq(WAYS[way](end), False)
    works(lab, end)
    ksft_eq(end.carrier_changes(), changes)


@ksft_variants(ENDS_AND_WAYS)
@ksft_disruptive
def refused_twice(lab, card, way) -> None:
    """When the old rings don't start either, all stops until they do."""
    end = lab.ends[card]
    give_up = refuse("refuse_start", end, 1 << 30)
    ksft_eq(WAYS[way](end), False)
    failed(end)
    give_up.exec()
    recovers(lab, end)


# What refuses a ring, and how many queues start before
LATE = [KsftNamedVariant("rx", "refuse_start", 2),
        KsftNamedVariant("tx", "refuse_tx", 1)]


@ksft_variants(LATE)
@ksft_disruptive
def refused_late(lab, what, queue) -> None:
    """The same when the hardware refuses a ring behind others that have started."""
    end, _ = all_queues(lab)
    defer(ask, "refuse_skip", end, 0)
    ask("refuse_skip", end, queue)
    changes = end.carrier_changes()
    said = starts_not(queue)
    refuse(what, end, 1)
    ksft_eq(new_rings(end), False)
    ksft_eq(starts_not(queue), said + 1, "the reason")
    works(lab, end)
    ksft_eq(end.carrier_changes(), changes)
    give_up = refuse(what, end, 1 << 30)
    ksft_eq(new_rings(end), False)
    failed(end)
    give_up.exec()
    recovers(lab, end)


def starts_not(queue):
    """How often the log says so of a queue."""
    return cmd("dmesg").stdout.count(f"queue {queue} doesn't start")


@ksft_variants(ENDS_AND_WAYS)
@ksft_disruptive
def refused_and_closed(lab, card, way) -> None:
    """An interface that has failed is closed and opened like any other."""
    end = lab.ends[card]
    give_up = refuse("refuse_start", end, 1 << 30)
    WAYS[way](end)
    cmd(f"ip link set dev {end.ifname} down")
    defer(lab.cfg.pf_up if card == "pf" else end.up)
    ksft_ne(cmd(f"ip link set dev {end.ifname} up", fail=False).ret, 0)
    give_up.exec()
    end.up()
    works(lab, end)


@ksft_disruptive
def refused_and_gone(lab) -> None:
    """A driver leaves though its interface has failed."""
    ask("refuse_start", lab.ends["vf"], 1 << 30)
    # By then there is no interface of that name
    defer(ask, "refuse_start", lab.ends["pf"], 0)
    new_ring(lab.ends["vf"])
    failed(lab.ends["vf"])
    vf = lab.cfg.sriov.set(1)[0]
    driver = vf.driver
    vf.unbind()
    ask("refuse_start", lab.ends["pf"], 0)
    lab.ends["vf"] = End(vf.bind(driver).ifname)
    lab.ends["vf"].up()
    works(lab, lab.ends["vf"])


@ksft_variants(CARDS)
@ksft_disruptive
def no_memory(lab, card) -> None:
    """The memory of a socket goes away though there is none to replace it."""
    end = lab.ends[card]
    sock = xsk.Xsk()
    until(lambda: not _bind(sock, end), what="end of the last socket")
    give_up = refuse("refuse_alloc", end, 1 << 30)
    sock.close()
    until(lambda: not end.has_carrier(), what="end of the socket")
    failed(end)
    give_up.exec()
    recovers(lab, end)


def _bind(sock, end):
    try:
        sock.bind(end.ifname, 0, xsk.ZEROCOPY | xsk.NEED_WAKEUP)
    except OSError as err:
        return err.errno
    return 0


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cmd("modprobe kawela_test")
        lab = Lab(cfg)
        try:
            ksft_run([stopped, end_of_poll, other_index, refused_once, refused_twice,
                      refused_late, refused_and_closed, refused_and_gone, no_memory],
                     args=(lab,))
        finally:
            cfg.sriov.set(0)
            cmd("modprobe -r kawela_test")
    ksft_exit()


if __name__ == "__main__":
    main()

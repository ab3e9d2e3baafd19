#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""The PF's clock, and the timestamps that it takes of frames."""

import re
import time

from lib.py import NetNSEnter, PfEnv, defer, each_limited, errno_of, ethtool, \
    until
from lib.py import KsftXfailEx, ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, \
    ksft_in, ksft_lt, ksft_ne, ksft_pr, ksft_raises, ksft_run, ksft_true, \
    ksft_variants
from lib.py import ptp

SECOND = 10**9
WITH_VFS = (0, 2)


def _info(ifname):
    return ethtool(f"-T {ifname}").stdout


def _clock(cfg):
    # Newer ethtools have another name for it
    found = re.search(r"(?:Hardware Clock|provider index): (\d+)",
                      _info(cfg.ifname))
    ksft_true(found, "there is no PTP clock")
    clock = ptp.Clock(found[1])
    defer(clock.close)
    return clock


def _off(cfg):
    ptp.configure(cfg.ifname, ptp.TX_OFF, ptp.RX_NONE)


def _sockets(cfg):
    """Sockets for PTP here and at the remote end."""
    here = ptp.raw_socket(cfg.ifname)
    defer(here.close)
    with NetNSEnter(cfg.remote.name):
        there = ptp.raw_socket(cfg.remote_ifname)
    defer(there.close)
    return here, there


def _near(clock, stamp):
    """A timestamp is of now, by that clock."""
    ksft_lt(abs(clock.now() - stamp), 5 * SECOND)


def offered(cfg) -> None:
    """ethtool -T names the clock, and what a PTP daemon asks for, or nothing."""
    text = _info(cfg.ifname)
    for word in ("hardware-transmit", "hardware-raw-clock"):
        ksft_in(word, text)
    words = text.split()
    for word in ("all", "ptpv2-l4-event", "ptpv1-l4-event", "onestep-sync"):
        ksft_true(word not in words, f"{word} is offered")
    # QEMU stamps one message type at a time
    for word in ("hardware-receive", "ptpv2-l2-event"):
        ksft_eq(word in words, not cfg.sriov.emulated, word)


@ksft_disruptive
def offered_vf(cfg) -> None:
    """A VF has software timestamps only."""
    vf = cfg.sriov.fresh(1)[0]
    text = _info(vf.ifname)
    ksft_true("hardware-" not in text)
    ksft_in("none", text)
    ksft_ne(errno_of(ptp.configure, vf.ifname, ptp.TX_ON, ptp.RX_NONE), "")


def runs(cfg) -> None:
    """The clock runs like the kernel's, and never back."""
    clock = _clock(cfg)
    last = clock.now()
    for _ in range(200):
        now = clock.now()
        ksft_true(now > last, f"{now} after {last}")
        last = now
    ksft_lt(abs(clock.rate(0.3) - 1), 0.02)


def sets(cfg) -> None:
    """It can be set and moved, both ways."""
    clock = _clock(cfg)
    defer(lambda: clock.set(time.time_ns()))
    clock.set(1234 * SECOND)
    ksft_lt(abs(clock.now() - 1234 * SECOND), SECOND)
    for step in (100 * SECOND + 5, -50 * SECOND - 7, 20 * SECOND):
        before = clock.now()
        clock.step(step)
        ksft_lt(abs(clock.now() - before - step), SECOND // 2)


def tunes(cfg) -> None:
    """It runs faster or slower as told, says so, and doesn't jump."""
    clock = _clock(cfg)
    defer(clock.tune, 0)
    for ppm in (50000, -50000, 12.5, 0):
        before = clock.now()
        clock.tune(ppm)
        ksft_lt(clock.now() - before, SECOND // 2)
        ksft_eq(clock.ppm, ppm)
        ksft_lt(abs(clock.rate(0.3) - 1 - ppm / 10**6), 0.02)
    with ksft_raises(OSError):
        clock.tune(200000)
    ksft_eq(clock.ppm, 0)
    clock.tune(0)


def tunes_often(cfg) -> None:
    """Tuning itself costs no time: with thousands of calls the clock stays in step."""
    clock = _clock(cfg)
    defer(clock.tune, 0)
    # At this rate a ns of the device isn't one of the clock
    clock.tune(12.5)

    def ahead():
        # What passes between the two looks makes it less
        return max(clock.now() - time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
                   for _ in range(500))

    def gain(step):
        before, begin = ahead(), time.monotonic_ns()
        for _ in range(20000):
            step()
        return ahead() - before, time.monotonic_ns() - begin
    # The two clocks drift apart all the time; the same call reads, too
    tries = [gain(step) for step in (lambda: clock.ppm, lambda: clock.tune(12.5),
                                     lambda: clock.ppm)]
    drift = (tries[0][0] + tries[2][0]) / (tries[0][1] + tries[2][1])
    moved = tries[1][0] - drift * tries[1][1]
    ksft_pr(f"moved by {moved:.0f} ns in {tries[1][1] / SECOND:.2f} s beside a drift of "
            f"{1e6 * drift:.3f} ppm")
    # Two looks at the device in each call would be 40 ms. That it is nothing at all
    # unit/ptp_clock.c shows; here the drift of the two clocks isn't quite constant.
    ksft_lt(abs(moved), SECOND // 1000)


def _ahead(clock):
    """Of the kernel's clock, read as close together as the machine can."""
    tries = []
    for _ in range(50):
        before, own, after = time.monotonic_ns(), clock.now(), time.monotonic_ns()
        tries.append((after - before, own - before))
    return min(tries)[1]


@ksft_disruptive
def resets(cfg) -> None:
    """Clock and configuration live through a reset of the device."""
    defer(_off, cfg)
    ptp.configure(cfg.ifname, ptp.TX_ON, ptp.RX_L2_SYNC)
    clock = _clock(cfg)
    ahead = _ahead(clock)
    ethtool(f"--reset {cfg.ifname} all")
    ksft_lt(abs(_ahead(clock) - ahead), SECOND // 20)
    until(cfg.has_carrier, what="carrier of the PF")
    ksft_lt(abs(_ahead(clock) - ahead), SECOND // 20)
    ksft_eq(ptp.configured(cfg.ifname), (ptp.TX_ON, ptp.RX_L2_SYNC))
    here, there = _sockets(cfg)
    _receives(clock, here, there, ptp.SYNC, True)


def refuses(cfg) -> None:
    """What the device can't do is refused and changes nothing."""
    defer(_off, cfg)
    good = (ptp.TX_ON, ptp.RX_L2_DELAY_REQ)
    ptp.configure(cfg.ifname, *good)
    for bad in ((ptp.TX_ONESTEP_SYNC, ptp.RX_NONE), (ptp.TX_ON, ptp.RX_ALL),
                (ptp.TX_OFF, ptp.RX_L4_EVENT)):
        ksft_eq(errno_of(ptp.configure, cfg.ifname, *bad), "ERANGE")
        ksft_eq(ptp.configured(cfg.ifname), good)


def _receives(clock, here, there, kind, stamped):
    for sequence in range(5):
        sent = ptp.frame("02:00:00:00:05:88", kind, sequence)
        there.send(sent)
        data, stamp = ptp.receive(here)
        ksft_eq(data[:len(sent)], sent)
        if stamped:
            _near(clock, stamp)
        else:
            ksft_eq(stamp, 0)


@ksft_variants(WITH_VFS)
@ksft_disruptive
def receive(cfg, vfs) -> None:
    """Frames of the type asked for get a timestamp, others don't."""
    cfg.sriov.fresh(vfs)
    defer(_off, cfg)
    here, there = _sockets(cfg)
    clock = _clock(cfg)
    for rx, kind in ((ptp.RX_L2_SYNC, ptp.SYNC),
                     (ptp.RX_L2_DELAY_REQ, ptp.DELAY_REQ)):
        ptp.configure(cfg.ifname, ptp.TX_OFF, rx)
        _receives(clock, here, there, kind, True)
        _receives(clock, here, there, 1 - kind, False)
    _off(cfg)
    _receives(clock, here, there, ptp.SYNC, False)


@ksft_disruptive
def receive_unlocks(cfg) -> None:
    """A timestamp of a frame that nobody received doesn't block others for long."""
    if not cfg.sriov.emulated:
        raise KsftXfailEx("needs frames that the device takes a stamp of and drops")
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    defer(_off, cfg)
    ptp.configure(cfg.ifname, ptp.TX_OFF, ptp.RX_L2_SYNC)
    here, there = _sockets(cfg)
    # To the VF's own address: the PF gets the timestamp, the VF the frame
    lost = bytes.fromhex(vf.mac.replace(":", "")) + \
        ptp.frame("02:00:00:00:05:88", ptp.SYNC, 1)[6:]
    clock = _clock(cfg)
    _receives(clock, here, there, ptp.SYNC, True)
    there.send(lost)

    def stamped():
        there.send(ptp.frame("02:00:00:00:05:88", ptp.SYNC, 2))
        return ptp.receive(here)[1]
    until(stamped, 6, "timestamps again", sleep=0.2)


@ksft_variants(WITH_VFS)
@ksft_disruptive
def transmit(cfg, vfs) -> None:
    """A frame that asks for it gets a transmit timestamp when that is on."""
    cfg.sriov.fresh(vfs)
    defer(_off, cfg)
    here, there = _sockets(cfg)
    mac = cfg.link()["address"]
    clock = _clock(cfg)
    here.send(ptp.frame(mac, ptp.SYNC, 1))
    ptp.receive(there)
    ksft_eq(ptp.sent(here), 0)
    ptp.configure(cfg.ifname, ptp.TX_ON, ptp.RX_NONE)
    last = 0
    for sequence in range(5):
        here.send(ptp.frame(mac, ptp.SYNC, sequence))
        stamp = until(lambda: ptp.sent(here), 2, "transmit timestamp")
        _near(clock, stamp)
        ksft_ge(stamp, last)
        last = stamp


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run(each_limited([offered, offered_vf, runs, sets, tunes, tunes_often,
                               refuses, receive, receive_unlocks, transmit,
                               resets]),
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

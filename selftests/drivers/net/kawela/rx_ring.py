#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Receive rings: what the device may say that can't be, and the core that replaces
one. The module kawela_test does what has no other way.
"""

import errno
import threading

from lib.py import KsftSkipEx, NetdevFamily, PfEnv, RINGS, cmd, defer, ethtool, ip, \
    until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_ne, \
    ksft_run, ksft_variants
from lib.py import bpf
from lib.py.xdplab import Lab, frame, send

FILES = "/sys/kernel/debug/kawela_test"
CARDS = (("pf",), ("vf",))
# None, less than a header, more than a buffer, than a frame, and all that there is
LENGTHS = (0, 13, 3073, 9217, 65535)
RESTARTS = 20
# In a descriptor's status: CRC error, bad symbol and the like
RXE = 1 << 31
# The frame's last descriptor
EOP = 1 << 1


def ask(name, end, value):
    """Write to a file of the module. Return: errno, or 0."""
    try:
        with open(f"{FILES}/{name}", "w", encoding="ascii") as f:
            f.write(f"{end.ifname} {value}")
    except OSError as err:
        return err.errno
    return 0


def errors(end):
    """Frames that were no use, by the standard counter."""
    return ip(f"-s link show dev {end.ifname}",
              json=True)[0]["stats64"]["rx"]["errors"]


def forged(lab, end, what, value):
    """The device says of one frame what isn't so. Return: all that were sent."""
    result, sent = [], []
    thread = threading.Thread(
        target=lambda: result.append(ask(what, end, value)))
    thread.start()
    while thread.is_alive():
        sent.append(frame(lab.wire, end, 100))
        lab.raw.send(sent[-1])
        thread.join(0.05)
    ksft_eq(result[0], 0, "the module")
    return sent


def arrive(lab, end, sizes, note=None):
    """Frames arrive as they are."""
    sock = end.open()
    sent = send(lab, end, sizes)
    ksft_eq([sock.recv(9216) for _ in sent], sent, note)
    sock.close()


@ksft_variants([(card, xdp) for card in ("pf", "vf") for xdp in ("skb", "xdp")])
def lengths(lab, card, xdp) -> None:
    """Impossible lengths are errors, and the next frames arrive as they are."""
    end = lab.ends[card]
    if xdp == "xdp":
        bpf.attached(end.ifname, bpf.verdict(bpf.PASS))
    for length in LENGTHS:
        before = errors(end)
        forged(lab, end, "length", length)
        until(lambda n=before: errors(end) > n, what="the error")
        ksft_eq(errors(end) - before, 1, f"length {length}")
        arrive(lab, end, (60, 1500), f"after {length}")


@ksft_variants(CARDS)
def broken(lab, card) -> None:
    """A frame that the device found broken is an error and nothing else."""
    end = lab.ends[card]
    before, sock = errors(end), end.open()
    sent = forged(lab, end, "error", RXE)
    until(lambda: errors(end) > before, what="the error")
    ksft_eq(errors(end) - before, 1)
    come = [sock.recv(2048) for _ in sent[1:]]
    ksft_eq(len([data for data in sent if data not in come]), 1, "not delivered")
    arrive(lab, end, (60, 1500))


@ksft_variants(CARDS)
@ksft_disruptive
def interrupted(lab, card) -> None:
    """A ring goes in the middle of a frame: that one is lost, nothing else."""
    end = lab.ends[card]
    defer(ethtool, f"-G {end.ifname} {RINGS}")
    defer(lab.cfg.pf_up if card == "pf" else end.up)
    for change in (f"ethtool --reset {end.ifname} dma", f"ethtool -G {end.ifname} tx 512",
                   f"ip link set dev {end.ifname} down"):
        forged(lab, end, "clear", EOP)
        cmd(change)
        end.up()
        arrive(lab, end, (60, 1500) * 20, change)


def rx_all(end):
    """What ethtool says of it."""
    return ethtool(f"-k {end.ifname}", json=True)[0]["rx-all"]


def hears_long(lab, end):
    """Whether a frame beyond the MTU arrives; one that fits does."""
    sock = end.open()
    sent = send(lab, end, (2000, 100))
    come = [sock.recv(9216)]
    if come[0] == sent[0]:
        come.append(sock.recv(9216))
    sock.close()
    ksft_eq(come[-1], sent[1], "a frame that fits")
    return len(come) == 2


@ksft_disruptive
def all_of_them(lab) -> None:
    """rx-all: the PF takes what is broken or too long, while there are no VFs."""
    end = lab.ends["pf"]
    lab.jumbo()
    lab.cfg.sriov.set(0)
    defer(lab.add_vf)
    changes = end.carrier_changes()
    ksft_eq(hears_long(lab, end), False, "by default")
    ethtool(f"-K {end.ifname} rx-all on")
    defer(ethtool, f"-K {end.ifname} rx-all off")
    ksft_eq(rx_all(end)["active"], True)
    ksft_eq(hears_long(lab, end), True, "rx-all")
    before, sock = errors(end), end.open()
    sent = forged(lab, end, "error", RXE)
    ksft_eq([sock.recv(2048) for _ in sent], sent, "broken ones, too")
    ksft_eq(errors(end), before)
    lab.cfg.sriov.set(1)
    ksft_eq((rx_all(end)["active"], rx_all(end)["requested"]), (False, True))
    ksft_eq(hears_long(lab, end), False, "with a VF")
    lab.cfg.sriov.set(0)
    ksft_eq(rx_all(end)["active"], True)
    ksft_eq(hears_long(lab, end), True, "without VFs again")
    ksft_eq(end.carrier_changes(), changes)


@ksft_disruptive
def all_refused(lab) -> None:
    """rx-all: not while there are VFs, and not for a VF."""
    for end in lab.ends.values():
        out = cmd(f"ethtool -K {end.ifname} rx-all on", fail=False)
        defer(cmd, f"ethtool -K {end.ifname} rx-all off", fail=False)
        ksft_ne(out.ret, 0, "accepted")
        ksft_eq(rx_all(end)["active"], False)
    ksft_eq(rx_all(lab.ends["vf"])["fixed"], True)


def pool(end):
    """The page pool of the first queue, of those in use."""
    index = ip(f"link show dev {end.ifname}", json=True)[0]["ifindex"]
    queue = NetdevFamily().queue_get({"ifindex": index, "type": "rx", "id": 0})
    pools = [p["id"] for p in NetdevFamily().page_pool_get({}, dump=True)
             if p.get("napi-id") == queue["napi-id"] and
             "detach-time" not in p]
    ksft_eq(len(pools), 1, "page pools of the queue")
    return pools[0]


def restart(end):
    """The core replaces the first queue's ring."""
    err = ask("restart", end, 0)
    if err == errno.EOPNOTSUPP:
        raise KsftSkipEx("this kernel doesn't export netdev_rx_queue_restart()")
    ksft_eq(err, 0, "restart")


@ksft_variants(CARDS)
@ksft_disruptive
def restarted(lab, card) -> None:
    """The core replaces a queue under traffic: a new pool each time, no error."""
    end = lab.ends[card]
    last, before = pool(end), errors(end)
    changes = end.carrier_changes()
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            lab.raw.send(frame(lab.wire, end, 500))
    sender = threading.Thread(target=flood)
    sender.start()
    try:
        packets = end.packets()
        for _ in range(RESTARTS):
            restart(end)
            ksft_ne(pool(end), last, "page pool")
            last = pool(end)
    finally:
        stop.set()
        sender.join()
    ksft_ge(end.packets() - packets, RESTARTS, "frames meanwhile")
    ksft_eq((errors(end), end.carrier_changes()), (before, changes))
    arrive(lab, end, (60, 1500) * 200)


@ksft_variants(CARDS)
@ksft_disruptive
def restarted_with_program(lab, card) -> None:
    """A program of XDP runs on in the new ring."""
    end = lab.ends[card]
    restart(end)
    bpf.attached(end.ifname, bpf.back())
    restart(end)
    sock = lab.wire.open()
    sent = send(lab, end, (60, 1500) * 20)
    ksft_eq(len([sock.recv(2048) for _ in sent]), len(sent))


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cmd("modprobe kawela_test")
        lab = Lab(cfg)
        try:
            ksft_run([lengths, broken, interrupted, all_of_them, all_refused, restarted,
                      restarted_with_program], args=(lab,))
        finally:
            cfg.sriov.set(0)
            cmd("modprobe -r kawela_test")
    ksft_exit()


if __name__ == "__main__":
    main()

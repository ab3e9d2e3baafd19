#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Receive rings: what the device may say that can't be, and the core that replaces
one. The module kawela_test does what has no other way.
"""

import errno
import threading

from lib.py import KsftSkipEx, NetdevFamily, PfEnv, cmd, ip
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_ne, \
    ksft_run, ksft_variants
from lib.py import bpf
from lib.py.xdplab import Lab, frame, send

FILES = "/sys/kernel/debug/kawela_test"
CARDS = (("pf",), ("vf",))
# None, less than a header, more than a buffer, than a frame, and all that there is
LENGTHS = (0, 13, 3073, 9217, 65535)
RESTARTS = 20


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


def distorted(lab, end, length):
    """A frame comes with a length that it doesn't have. Return: errno, or 0."""
    result = []
    thread = threading.Thread(
        target=lambda: result.append(ask("length", end, length)))
    thread.start()
    while thread.is_alive():
        lab.raw.send(frame(lab.wire, end, 100))
        thread.join(0.05)
    return result[0]


@ksft_variants([(card, xdp) for card in ("pf", "vf") for xdp in ("skb", "xdp")])
def lengths(lab, card, xdp) -> None:
    """Impossible lengths are errors, and the next frames arrive as they are."""
    end = lab.ends[card]
    if xdp == "xdp":
        bpf.attached(end.ifname, bpf.verdict(bpf.PASS))
    for length in LENGTHS:
        before = errors(end)
        ksft_eq(distorted(lab, end, length), 0, "the module")
        ksft_eq(errors(end) - before, 1, f"length {length}")
        sock = end.open()
        sent = send(lab, end, (60, 1500))
        ksft_eq([sock.recv(2048) for _ in sent], sent, f"after {length}")
        sock.close()


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
    sock = end.open()
    sent = send(lab, end, (60, 1500) * 200)
    ksft_eq([sock.recv(2048) for _ in sent], sent)


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
            ksft_run([lengths, restarted, restarted_with_program], args=(lab,))
        finally:
            cfg.sriov.set(0)
            cmd("modprobe -r kawela_test")
    ksft_exit()


if __name__ == "__main__":
    main()

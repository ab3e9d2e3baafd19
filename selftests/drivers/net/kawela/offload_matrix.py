#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Checksums and segmentation between all ends of the card, in every direction,
with offloads and without; the results as a table.

A cell says who segments or computes the checksum, and who verifies it: the card
or the stack ("sw"); or what went wrong ("!").
"""

import socket

from lib.py import PfEnv, errno_of
from lib.py import KsftNamedVariant, ksft_disruptive, ksft_eq, ksft_exit, \
    ksft_pr, ksft_run, ksft_variants
from lib.py.ends import Ends, broken, tcp, udp

NAMES = ("pf", "vf0", "vf1", "wire")
PAIRS = [KsftNamedVariant(f"{src}_to_{dst}", src, dst)
         for src in NAMES for dst in NAMES if src != dst]
# Offloads of the sender and of the receiver
SETTINGS = (("all", True, True), ("tx", True, False), ("none", False, False))
TCP_SIZE = 512 * 1024
# The shortest, around the length of a frame, and two in fragments
UDP_SIZES = (1, 2, 18, 19, 1000, 1451, 1452, 1471, 1472, 1473, 4000)
BAD = "bad"
SO_NOFCS = 43

TABLE = {}


class Watch:
    """What card and stack counted since."""

    def __init__(self, src, dst):
        self._ends = (src, dst)
        self._before = [(e.card_counts(), e.stack_errors()) for e in self._ends]

    def look(self):
        """Return: counters of the sender's card, of the receiver's, and errors
        of the receiver's stack."""
        (src, _), (dst, errors) = [(e.card_counts(), e.stack_errors())
                                   for e in self._ends]
        (src0, _), (dst0, errors0) = self._before

        def grown(new, old):
            return {k: v - old.get(k, 0) for k, v in new.items()}
        return grown(src, src0), grown(dst, dst0), errors - errors0


def _wrong(watch, proto, src, dst, setting):
    """Compare with what the setting promises. Return: (what is wrong, cell)."""
    _, tx, rx = setting
    sent, received, errors = watch.look()
    work = sent.get("tx-hw-gso-packets" if proto == "tcp" else
                    "tx-needs-csum", 0)
    verdicts = received.get("rx-csum-unnecessary", 0)
    if errors:
        return f"{errors} errors", ""
    if received.get("rx-csum-bad", 0):
        return f"card: {received['rx-csum-bad']} bad", ""
    if src.card and bool(work) != tx:
        return f"sender's card: {work}", ""
    # Each segment has headers of its own
    more = [sent.get(f"tx-hw-gso-wire-{what}", 0) - sent.get(f"tx-hw-gso-{what}", 0)
            for what in ("packets", "bytes")]
    if proto == "tcp" and src.card and tx and not 0 < 54 * more[0] <= more[1]:
        return f"segments: {more}", ""
    if dst.card and bool(verdicts) != rx:
        return f"receiver's card: {verdicts}", ""
    return "", f"{'card' if work else 'sw'}>{'card' if verdicts else 'sw'}"


def _cell(key, column, result):
    """Note a result; a problem is a failure."""
    problem, text = result
    TABLE.setdefault(key, {})[column] = f"! {problem}" if problem else text
    ksft_eq(problem, "", f"{key[0]} to {key[1]}, {column}")


def _transfer(proto, src, dst, version, setting):
    watch = Watch(src, dst)
    problem = tcp(src, dst, version, TCP_SIZE) if proto == "tcp" else \
        udp(src, dst, version, UDP_SIZES)
    return (problem, "") if problem else _wrong(watch, proto, src, dst, setting)


def _broken(src, dst, version):
    """The receiver's stack must count it; its card must have known."""
    watch = Watch(src, dst)
    problem = broken(src, dst, version)
    _, received, errors = watch.look()
    known = received.get("rx-csum-bad", 0)
    if not problem and errors != 1:
        problem = f"{errors} errors"
    if not problem and dst.card and known != 1:
        problem = f"card: {known} bad"
    return problem, f"{'card' if known else 'sw'} saw it"


@ksft_variants(PAIRS)
@ksft_disruptive
def pair(ends, src, dst) -> None:
    """Everything arrives as it was sent, and who should did the work."""
    key, src, dst = (src, dst), ends[src], ends[dst]
    try:
        for setting in SETTINGS:
            src.offloads(setting[1], setting[1])
            dst.offloads(setting[2], setting[2])
            for proto in ("tcp", "udp"):
                for version in (4, 6):
                    _cell(key, f"{proto}{version} {setting[0]}",
                          _transfer(proto, src, dst, version, setting))
    finally:
        for end in (src, dst):
            end.offloads(True, True)
    for version in (4, 6):
        _cell(key, f"udp{version} {BAD}", _broken(src, dst, version))


@ksft_variants([("pf",), ("vf0",)])
def own_fcs(ends, src) -> None:
    """A frame that brings its FCS is refused, not sent with another behind."""
    end = ends[src]
    with end.inside():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with sock:
        sock.bind((end.ifname, 0))
        sock.setsockopt(socket.SOL_SOCKET, SO_NOFCS, 1)
        ksft_eq(errno_of(sock.send, bytes(64)), "EPROTONOSUPPORT")


def _show():
    """The table, as comments."""
    if not TABLE:
        return
    columns = list(next(iter(TABLE.values())))
    third = (len(columns) + 2) // 3
    for i in range(0, len(columns), third):
        part = columns[i:i + third]
        ksft_pr(f"{'':12}" + "".join(f"{c:>18}" for c in part))
        for (src, dst), row in TABLE.items():
            ksft_pr(f"{src:>4} to {dst:4}" +
                    "".join(f"{row.get(c, '-'):>18}" for c in part))


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg, Ends(cfg) as ends:
        ksft_run([pair, own_fcs], args=(ends,))
        _show()
    ksft_exit()


if __name__ == "__main__":
    main()

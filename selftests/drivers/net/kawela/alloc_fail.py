#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Reconfigurations in which one allocation fails, each in its turn: the old state
goes on. Needs a kernel with fault injection (CONFIG_FAILSLAB,
CONFIG_FAIL_PAGE_ALLOC); Debian's have none, the lab's debug kernels do.
"""

import ctypes
import fcntl
import os
import socket

from lib.py import EthtoolFamily, KsftSkipEx, PfEnv, RINGS, defer, ethtool
from lib.py import errno_of, ksft_disruptive, ksft_eq, ksft_exit, ksft_gt, \
    ksft_run, ksft_variants, until, write_sysfs, xsk

SIOCETHTOOL = 0x8946
ETHTOOL_SRINGPARAM = 0x11
ETHTOOL_SCHANNELS = 0x3d
DEBUGFS = "/sys/kernel/debug"


class Ifreq(ctypes.Structure):
    """struct ifreq, as ethtool uses it."""
    _fields_ = [("name", ctypes.c_char * 16), ("data", ctypes.c_void_p),
                ("rest", ctypes.c_char * 16)]


def request(ifname, words):
    """An ethtool ioctl. Return: a function that makes this one system call."""
    data = (ctypes.c_uint32 * len(words))(*words)
    ifr = Ifreq(ifname.encode(), ctypes.addressof(data), b"")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def call():
        fcntl.ioctl(sock, SIOCETHTOOL, ifr)
    call.keep = data
    return call


def set_rings(ifname, rx, tx):
    """ethtool -G"""
    return request(ifname, [ETHTOOL_SRINGPARAM, 0, 0, 0, 0, rx, 0, 0, tx])


def set_channels(ifname, n):
    """ethtool -L combined"""
    return request(ifname, [ETHTOOL_SCHANNELS, 0, 0, 0, 0, 0, 0, 0, n])


def injector():
    """The file that says which allocation of this thread fails."""
    if not os.path.exists(f"{DEBUGFS}/failslab"):
        raise KsftSkipEx("this kernel has no fault injection")
    for kind in ("failslab", "fail_page_alloc"):
        write_sysfs(f"{DEBUGFS}/{kind}/ignore-gfp-wait", "N")
        defer(write_sysfs, f"{DEBUGFS}/{kind}/ignore-gfp-wait", "Y")
        write_sysfs(f"{DEBUGFS}/{kind}/verbose", "0")
    write_sysfs(f"{DEBUGFS}/fail_page_alloc/min-order", "0")
    fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    defer(os.close, fd)
    return fd


def attempt(fd, nth, action, prepare):
    """Do it with allocation nth failing. Return: errno's name, and what is left."""
    tries = []

    def once():
        prepare()
        os.pwrite(fd, str(nth).encode(), 0)
        error = errno_of(action)
        tries.append((error, int(os.pread(fd, 16, 0))))
        os.pwrite(fd, b"0", 0)
        # A socket lets go of its queue a little later
        return error != "EBUSY"
    until(once, what="a free queue")
    return tries[-1]


def each_failure(action, check, prepare=lambda: None):
    """Do it with each allocation failing in its turn, until none fails."""
    fd = injector()
    nth = failed = 0
    while True:
        # All of the first, then samples of the many alike
        nth += 1 if nth < 40 else 9
        error, left = attempt(fd, nth, action, prepare)
        if left:
            ksft_eq(error, "")
            break
        if error:
            ksft_eq(error, "ENOMEM", f"failure of allocation {nth}")
            failed += 1
            check()
    # Many cost nothing: what failed was tried another way
    ksft_gt(failed, 2)


def state(cfg, ifname):
    """Rings and queues of an interface."""
    header = {"header": {"dev-name": ifname}}
    ring = cfg.ethnl.rings_get(header)
    return ring["rx"], ring["tx"], \
        cfg.ethnl.channels_get(header)["combined-count"]


def interface(cfg, end):
    """The PF without VFs, or a VF. Return: its name."""
    vf = cfg.sriov.fresh(1 if end == "vf" else 0)
    for one in vf:
        one.up()
    return vf[0].ifname if vf else cfg.ifname


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def rings(cfg, end) -> None:
    """Ring sizes."""
    ifname = interface(cfg, end)
    before = state(cfg, ifname)
    defer(ethtool, f"-G {ifname} {RINGS}")

    def check():
        ksft_eq(state(cfg, ifname), before)

    def prepare():
        # A failure may cost nothing: what failed was tried another way
        if state(cfg, ifname) != before:
            ethtool(f"-G {ifname} {RINGS}")
    each_failure(set_rings(ifname, 64, 72), check, prepare)
    ksft_eq(state(cfg, ifname)[:2], (64, 72))
    cfg.ping_remote(count=3)


@ksft_disruptive
def channels(cfg) -> None:
    """More queues."""
    cfg.sriov.fresh(0)
    before = state(cfg, cfg.ifname)
    defer(ethtool, f"-G {cfg.ifname} {RINGS}")
    defer(ethtool, f"-L {cfg.ifname} combined {before[2]}")
    ethtool(f"-L {cfg.ifname} combined 2")
    ethtool(f"-G {cfg.ifname} rx 64 tx 64")

    def check():
        ksft_eq(state(cfg, cfg.ifname), (64, 64, 2))
        cfg.ping_remote()

    def prepare():
        if state(cfg, cfg.ifname)[2] != 2:
            ethtool(f"-L {cfg.ifname} combined 2")
    each_failure(set_channels(cfg.ifname, 4), check, prepare)
    ksft_eq(state(cfg, cfg.ifname), (64, 64, 4))
    cfg.ping_remote(count=3)


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def sockets(cfg, end) -> None:
    """AF_XDP's memory comes to a queue."""
    ifname = interface(cfg, end)
    sock = []

    def another():
        if sock:
            sock.pop().close()
        # The allocations for more memory can be had another way, too
        sock.append(xsk.Xsk(chunks=512, size=256))

    def check():
        ksft_eq(sock[0].is_zero_copy, False)
        if end == "pf":
            cfg.ping_remote()
    before = state(cfg, ifname)
    each_failure(lambda: sock[0].bind(ifname, 0, xsk.ZEROCOPY), check, another)
    ksft_eq(sock[0].is_zero_copy, True)
    ksft_eq(state(cfg, ifname), before)
    sock.pop().close()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cfg.ethnl = EthtoolFamily()
        ksft_run([rings, channels, sockets], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

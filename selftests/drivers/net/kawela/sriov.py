#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""sriov_numvfs: creating and removing VFs."""

import errno
import os
import re
import time

from lib.py import PfEnv, Vf, bkg, defer, until
from lib.py import KsftNamedVariant, ksft_disruptive, ksft_eq, ksft_exit, \
    ksft_lt, ksft_pr, ksft_run, ksft_true, ksft_variants

# What the PCI core itself sleeps
ENABLE_SLEEP = 0.1
DISABLE_SLEEP = 1.0
# How much longer than by hand the rest may take: devices come and go, too
MOST_BY_HAND = 5
# How often `cycles` creates and removes VFs
CYCLES = int(os.environ.get("KAWELA_CYCLES", "20"))


def _errno_of(func, *args):
    try:
        func(*args)
    except OSError as e:
        return e.errno
    return 0


def _flaps(cfg):
    with open(f"/sys/class/net/{cfg.ifname}/carrier_down_count",
              encoding="utf-8") as f:
        return int(f.read())


class Pings:
    """Pings from the link partner to the PF, one each 10 ms."""

    def __init__(self, cfg, count):
        self._before = self._received(cfg)
        self._cmd = bkg(f"ping -q -i 0.01 -c {count} -W 1 {cfg.addr_v['4']}",
                        host=cfg.remote, exit_wait=True)
        self._cfg = cfg

    @staticmethod
    def _received(cfg):
        path = f"/sys/class/net/{cfg.ifname}/statistics/rx_packets"
        with open(path, encoding="utf-8") as f:
            return int(f.read())

    def __enter__(self):
        self._cmd.__enter__()
        until(lambda: self._received(self._cfg) > self._before + 20,
              what="pings at the PF")
        return self

    def __exit__(self, *args):
        return self._cmd.__exit__(*args)

    def lost(self):
        """How many had no answer; after the block."""
        m = re.search(r"(\d+) packets transmitted, (\d+) received",
                      self._cmd.stdout)
        return int(m.group(1)) - int(m.group(2))


def totalvfs(cfg) -> None:
    """7 VFs can be asked for; the device's eighth pool is the PF's."""
    ksft_eq(cfg.sriov.total, 7)


@ksft_variants([KsftNamedVariant(str(n), n) for n in (1, 2, 7)])
@ksft_disruptive
def numvfs(cfg, count) -> None:
    """N creates exactly N interfaces, bound to the VF driver."""
    vfs = cfg.sriov.fresh(count)
    ksft_eq(cfg.sriov.num, count)
    ksft_eq(len(cfg.sriov.netdevs()), count)
    ksft_eq([vf.driver for vf in vfs], ["kawelavf"] * count)


@ksft_disruptive
def too_many(cfg) -> None:
    """8 and more are refused, and nothing changes."""
    cfg.sriov.fresh(0)
    for n in (8, 9, 255):
        ksft_eq(_errno_of(cfg.sriov.write, n), errno.ERANGE, f"{n} VFs")
        ksft_eq(cfg.sriov.num, 0)
    cfg.ping_remote()


@ksft_disruptive
def busy(cfg) -> None:
    """A count while VFs exist is refused, and the VFs stay as they are."""
    vfs = cfg.sriov.fresh(2)
    ifindex = [vf.link()["ifindex"] for vf in vfs]
    ksft_eq(_errno_of(cfg.sriov.write, 3), errno.EBUSY)
    ksft_eq(cfg.sriov.num, 2)
    ksft_eq([vf.link()["ifindex"] for vf in vfs], ifindex)


@ksft_disruptive
def same_count(cfg) -> None:
    """Writing the present count succeeds and does nothing."""
    vfs = cfg.sriov.fresh(2)
    ifindex = [vf.link()["ifindex"] for vf in vfs]
    ksft_eq(_errno_of(cfg.sriov.write, 2), 0)
    ksft_eq([vf.link()["ifindex"] for vf in vfs], ifindex)


@ksft_disruptive
def before_up(cfg) -> None:
    """VFs can be created while the PF is down, and work once it has link."""
    cfg.sriov.fresh(0)
    cfg.pf_down()
    vfs = cfg.sriov.fresh(2)
    cfg.pf_up()
    vfs[0].enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def pf_keeps_traffic(cfg) -> None:
    """Enabling VFs costs at most 5 pings of one each 10 ms, and no link flap."""
    cfg.sriov.fresh(0)
    flaps = _flaps(cfg)
    with Pings(cfg, 250) as pings:
        cfg.sriov.fresh(2)
    ksft_pr(f"pings lost over echo 2 > sriov_numvfs: {pings.lost()}")
    ksft_lt(pings.lost(), 6)
    ksft_eq(_flaps(cfg), flaps)


@ksft_disruptive
def pf_keeps_traffic_on_disable(cfg) -> None:
    """The same for removing them."""
    cfg.sriov.fresh(2)
    flaps = _flaps(cfg)
    with Pings(cfg, 300) as pings:
        cfg.sriov.set(0)
    ksft_pr(f"pings lost over echo 0 > sriov_numvfs: {pings.lost()}")
    ksft_lt(pings.lost(), 6)
    ksft_eq(_flaps(cfg), flaps)


def _timed(func, *args):
    begin = time.monotonic()
    func(*args)
    return time.monotonic() - begin


def _each(cfg, act):
    for vf in range(7):
        act(Vf(cfg.sriov, vf))


@ksft_disruptive
def speed(cfg) -> None:
    """7 VFs come and go hardly slower than drivers are bound to 7 VFs by hand."""
    cfg.sriov.fresh(0)
    took = {}
    for _ in range(3):
        for what, func, *args in (
                ("echo 7", cfg.sriov.set, 7),
                ("unbind", _each, cfg, lambda vf: vf.unbind()),
                ("bind", _each, cfg, lambda vf: vf.bind("kawelavf")),
                ("echo 0", cfg.sriov.set, 0)):
            took.setdefault(what, []).append(_timed(func, *args))
    best = {what: min(all_of_them) for what, all_of_them in took.items()}
    ksft_pr(", ".join(f"{what}: {t:.2f} s" for what, t in best.items()))
    for what, hand, slept in (("echo 7", "bind", ENABLE_SLEEP),
                              ("echo 0", "unbind", DISABLE_SLEEP)):
        ratio = (best[what] - slept) / best[hand]
        ksft_pr(f"{what}, without what the PCI core sleeps: {ratio:.2f} of {hand}")
        ksft_lt(ratio, MOST_BY_HAND)


@ksft_disruptive
def cycles(cfg) -> None:
    """0 to 7 to 0 many times, with traffic on the PF all the time."""
    cfg.sriov.fresh(0)
    flaps = _flaps(cfg)
    with Pings(cfg, 100 * CYCLES) as pings:
        for _ in range(CYCLES):
            ksft_eq(len(cfg.sriov.set(7)), 7)
            cfg.sriov.set(0)
    ksft_pr(f"{CYCLES} cycles; pings lost: {pings.lost()} of {100 * CYCLES}")
    ksft_lt(pings.lost(), 2 * CYCLES * 5)
    ksft_eq(_flaps(cfg), flaps)
    cfg.ping_remote()


@ksft_disruptive
def vfs_up_while_removed(cfg) -> None:
    """VFs that are up, some in namespaces, can be removed."""
    vfs = cfg.sriov.fresh(7)
    for vf in vfs[:3]:
        vf.enter(f"kvf{vf.index}")
    for vf in vfs:
        vf.up(f"192.0.2.{10 + vf.index}/24")
    cfg.sriov.set(0)
    ksft_eq(cfg.sriov.num, 0)


@ksft_disruptive
def same_address(cfg) -> None:
    """A VF has the same address when it is created again."""
    before = [vf.mac for vf in cfg.sriov.fresh(2)]
    cfg.sriov.set(0)
    after = [vf.mac for vf in cfg.sriov.fresh(2)]
    ksft_eq(after, before)
    ksft_eq(len(set(after)), 2)


@ksft_disruptive
def autoprobe_off(cfg) -> None:
    """With sriov_drivers_autoprobe 0 VFs stay without driver, and bind later."""
    cfg.sriov.fresh(0)
    auto = cfg.sriov.dev / "sriov_drivers_autoprobe"
    auto.write_text("0")
    defer(auto.write_text, "1")
    cfg.sriov.write(2)
    defer(cfg.sriov.set, 0)
    vf = Vf(cfg.sriov, 0)
    ksft_eq(vf.driver, None)
    vf = vf.bind("kawelavf")
    ksft_eq(vf.driver, "kawelavf")
    ksft_true(vf.ifname)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([totalvfs, numvfs, too_many, busy, same_count, before_up,
                  pf_keeps_traffic, pf_keeps_traffic_on_disable, speed, cycles,
                  vfs_up_while_removed, same_address, autoprobe_off],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

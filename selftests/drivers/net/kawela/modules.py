#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""Loading and unloading the modules, in all orders, idle and in use."""

from lib.py import PfEnv, CmdExitFailure, bkg, cmd, defer, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_not_in, \
    ksft_raises, ksft_run, ksft_true


DRIVERS = {"libkawela", "kawela", "kawelavf"}


def _loaded():
    with open("/proc/modules", encoding="utf-8") as f:
        return {line.split()[0]: int(line.split()[2]) for line in f}


def _restore(cfg):
    """Load everything and give the PF its addresses back."""
    cmd("modprobe kawela")
    cmd("modprobe kawelavf")
    until((cfg.sriov.dev / "net").exists, what="PF interface")
    cmd(f"ip addr replace {cfg.addr_v['4']}/24 dev {cfg.ifname}")
    cfg.pf_up()


@ksft_disruptive
def orders(cfg) -> None:
    """Each order of loading leads to a PF and VFs that work."""
    defer(_restore, cfg)
    for first, second in (("kawela", "kawelavf"), ("kawelavf", "kawela")):
        cmd("modprobe -r kawelavf")
        cmd("modprobe -r kawela")
        ksft_eq(DRIVERS & _loaded().keys(), set())
        cmd(f"modprobe {first}")
        cmd(f"modprobe {second}")
        _restore(cfg)
        vf = cfg.sriov.fresh(2)[0]
        vf.enter(f"k{first}").up("192.0.2.10/24")
        cfg.ping_remote(ns=f"k{first}")


@ksft_disruptive
def library_stays(cfg) -> None:
    """libkawela can't go while one of the drivers is there."""
    defer(_restore, cfg)
    for using in ("kawela", "kawelavf"):
        _restore(cfg)
        cmd("modprobe -r kawelavf" if using == "kawela" else
            "modprobe -r kawela")
        with ksft_raises(CmdExitFailure):
            cmd("rmmod libkawela")
        ksft_true("libkawela" in _loaded())
    cmd("modprobe -r kawelavf")
    ksft_not_in("libkawela", _loaded())


@ksft_disruptive
def pf_goes_first(cfg) -> None:
    """kawela can be unloaded while its VFs are up and pass traffic."""
    defer(_restore, cfg)
    vfs = cfg.sriov.fresh(7)
    for vf in vfs:
        vf.enter(f"kvf{vf.index}").up(f"192.0.2.{10 + vf.index}/24")
    with bkg("ping -q -f -c 100000 192.0.2.11", ns="kvf0", fail=False):
        with bkg(f"ping -q -f -c 100000 {cfg.addr_v['4']}", host=cfg.remote,
                 fail=False):
            until(lambda: vfs[1].stats()["rx"]["packets"] > 50, what="traffic")
            cmd("rmmod kawela")
    ksft_not_in("kawela", _loaded())
    ksft_true("kawelavf" in _loaded())


@ksft_disruptive
def vf_goes_first(cfg) -> None:
    """kawelavf can be unloaded under traffic; the PF doesn't notice."""
    defer(_restore, cfg)
    vfs = cfg.sriov.fresh(2)
    for vf in vfs:
        vf.enter(f"kvf{vf.index}").up(f"192.0.2.{10 + vf.index}/24")
    with bkg("ping -q -f -c 100000 192.0.2.11", ns="kvf0", fail=False):
        until(lambda: vfs[1].stats()["rx"]["packets"] > 50, what="traffic")
        cmd("rmmod kawelavf")
    cfg.ping_remote(count=3)
    ksft_eq(cfg.sriov.num, 2)


@ksft_disruptive
def many_times(cfg) -> None:
    """Ten times everything off and on, with VFs."""
    defer(_restore, cfg)
    for _ in range(10):
        cfg.sriov.set(2)
        cmd("modprobe -r kawela")
        cmd("modprobe kawela")
        until((cfg.sriov.dev / "net").exists, what="PF interface")
    _restore(cfg)
    cfg.ping_remote()


@ksft_disruptive
def unbind_pf(cfg) -> None:
    """Unbinding the PF takes its VFs along; binding brings it back."""
    defer(_restore, cfg)
    cfg.sriov.fresh(2)
    name = cfg.sriov.dev.name
    for action in ("unbind", "bind"):
        with open(f"/sys/bus/pci/drivers/kawela/{action}", "w",
                  encoding="utf-8") as f:
            f.write(name)
    _restore(cfg)
    ksft_eq(cfg.sriov.num, 0)
    cfg.ping_remote()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([orders, library_stays, pf_goes_first, vf_goes_first,
                  many_times, unbind_pf], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

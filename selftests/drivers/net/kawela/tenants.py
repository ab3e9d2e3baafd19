#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
What one user of a VF leaves to the next: nothing; however it went, and whatever
state it left the mailbox in.
"""

import os
import re
import signal
import struct
import traceback

from lib.py import KsftNamedVariant, PfEnv, Vf, cmd, defer, ethtool, ip, until, \
    write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_pr, \
    ksft_run, ksft_true, ksft_variants
from lib.py import rawvf
from lib.py.pfregs import vf_state
from lib.py.rawvf import ACK, BYE, GET_STATS, REQ, SET_LPE, SET_MAC, VFU, VMBMEM, \
    RawVf, mac_words, raw_vf
from lib.py.vfio import HeldVf, from_vfio

POISON = 0x5EC2E700


def _words(raw):
    return [raw.rd(VMBMEM + 4 * i) for i in range(16)]


def _poison(raw):
    """Words as a tenant leaves them. None of them is signalled."""
    raw.claim()
    for i in range(16):
        raw.wr(VMBMEM + 4 * i, POISON + i)


def _poisoned(raw):
    return [i for i, word in enumerate(_words(raw)) if word == POISON + i]


def _let_go(raw):
    raw.wr(rawvf.V2PMAILBOX, 0)


def _by_itself(raw):
    raw.wr(rawvf.VTCTRL, rawvf.VTCTRL_RST)


def _by_flr(raw):
    write_sysfs(f"/sys/bus/pci/devices/{raw.pci}/reset", 1)


def _clean(raw, how, free):
    _poison(raw)
    if free:
        _let_go(raw)
    how(raw)
    until(lambda: not _poisoned(raw), 5, "words of zero")
    # The PF has given the buffer back
    until(lambda: raw.connect()[0] & ACK, 5, "an answer")


@ksft_variants([KsftNamedVariant("reset", _by_itself, True),
                KsftNamedVariant("reset_while_held", _by_itself, False),
                KsftNamedVariant("flr", _by_flr, True),
                KsftNamedVariant("flr_while_held", _by_flr, False)])
@ksft_disruptive
def words(cfg, how, free) -> None:
    """A reset wipes the mailbox, also if the VF didn't let go of it."""
    raw = raw_vf(cfg)
    raw.connect()
    _clean(raw, how, free)


@ksft_disruptive
def words_of_a_request(cfg) -> None:
    """The same where the next driver has written its request already."""
    raw = raw_vf(cfg)
    raw.connect()
    for next_one in (rawvf.RESET,), (SET_LPE, 1522), (0x77,):
        _poison(raw)
        raw.wr(rawvf.VTCTRL, rawvf.VTCTRL_RST)
        for i, word in enumerate(next_one):
            raw.wr(VMBMEM + 4 * i, word)
        raw.wr(rawvf.V2PMAILBOX, REQ)
        until(lambda: not _poisoned(raw), 5, f"words of zero beside {next_one}")
        raw.connect()


@ksft_disruptive
def words_after_bye(cfg) -> None:
    """The same when the driver says goodbye."""
    raw = raw_vf(cfg)
    raw.connect2()
    raw.post([BYE] + [POISON + i for i in range(1, 16)])
    until(lambda: not _poisoned(raw), 5, "words of zero")


@ksft_disruptive
def words_after_removal(cfg) -> None:
    """The same for a VF that is made anew."""
    raw = raw_vf(cfg)
    raw.connect()
    _poison(raw)
    _let_go(raw)
    raw.close()
    cfg.sriov.write(0)
    cfg.sriov.write(2)
    raw = RawVf(Vf(cfg.sriov, 0))
    defer(raw.close)
    ksft_eq(_poisoned(raw), [])


@ksft_disruptive
def counters(cfg) -> None:
    """What a driver is told begins at zero; what one shows its user goes on."""
    vf, _ = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0", count=20)

    def told():
        out = vf.cmd(f"ethtool -S {vf.ifname}").stdout
        return int(re.search(r"pf_tx_packets: (\d+)", out)[1])
    before = told()
    ksft_ge(before, 20)
    write_sysfs(vf.dev / "reset", 1)
    until(vf.has_carrier, what="carrier after a reset")
    cfg.ping_remote(ns="kvf0", count=2)
    ksft_ge(told(), before + 2)
    vf.unbind()
    raw = RawVf(vf)
    defer(raw.close)
    raw.connect2()
    got = struct.pack("<10I", *raw.ask(GET_STATS)[1:11])
    ksft_eq(struct.unpack("<5Q", got), (0,) * 5)


def _guest(vf, ready):
    """A process that has a VF, as long as it lives. Return: its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        raw = HeldVf(vf)
        raw.connect2()
        raw.ask(SET_MAC | 2 << 16, *mac_words(f"02:00:00:00:0a:{vf.index:02x}"))
        os.write(ready, b"+")
        signal.pause()
    except (OSError, TimeoutError, ValueError):
        traceback.print_exc()
    finally:
        os.write(ready, b"-")
        os._exit(1)


@ksft_disruptive
def killed_together(cfg) -> None:
    """Six guests die in the same moment: none of their VFs keeps a filter."""
    vfs = cfg.sriov.fresh(6)
    for vf in vfs:
        defer(from_vfio, vf)
    read, write = os.pipe()
    pids = [_guest(vf, write) for vf in vfs]
    ready = b"".join(os.read(read, 1) for _ in vfs)
    ksft_eq(ready, b"+" * 6)
    ksft_eq([vf_state(i)["active"] for i in range(6)], [1] * 6)
    resets = [vf_state(i)["resets"] for i in range(6)]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)
    ksft_pr("resets by vfio: "
            f"{[vf_state(i)['resets'] - n for i, n in enumerate(resets)]}")
    until(lambda: not any(vf_state(i)["active"] for i in range(6)), 15,
          "VFs that nobody has")
    ksft_true("02:00:00:00:0a" not in
              cmd("cat /sys/kernel/debug/kawela/*/vfs", shell=True).stdout)


@ksft_disruptive
def holds_and_resets(cfg) -> None:
    """One that holds the buffer and resets itself now and then loses it all the same."""
    raw = raw_vf(cfg)
    raw.connect()
    before = vf_state(0)["seized"]

    def lost():
        # Each time before the 200 ms are over
        raw.wr(rawvf.V2PMAILBOX, VFU | REQ)
        raw.wr(rawvf.VTCTRL, rawvf.VTCTRL_RST)
        return vf_state(0)["seized"] > before
    until(lost, 5, "the buffer")


def _next_vf(cfg):
    """The VF's next driver. Return: its namespace."""
    vf = Vf(cfg.sriov, 0).bind("kawelavf").enter("kvf0")
    cmd("sysctl -qw net.ipv6.conf.all.disable_ipv6=1", ns=vf.ns)
    vf.up("192.0.2.10/24")
    ip(f"neigh replace {cfg.remote_addr_v['4']} dev {vf.ifname} "
       f"lladdr {cfg.remote_mac} nud permanent", ns=vf.ns)
    return vf.ns


def _next_pf(cfg):
    """The PF, which has queue 0 where there are no VFs."""
    ipv6 = f"sysctl -qw net.ipv6.conf.{cfg.ifname}.disable_ipv6"
    cmd(f"{ipv6}=1")
    defer(cfg.pf_up)
    defer(cmd, f"{ipv6}=0")
    peer = f"{cfg.remote_addr_v['4']} dev {cfg.ifname}"
    ip(f"neigh replace {peer} lladdr {cfg.remote_mac} nud permanent")
    defer(ip, f"neigh del {peer}")
    cfg.sriov.set(0)
    have = ethtool(f"-l {cfg.ifname}", json=True)[0]["combined"]
    if have > 1:
        ethtool(f"-L {cfg.ifname} combined 1")
        defer(ethtool, f"-L {cfg.ifname} combined {have}")


@ksft_variants([KsftNamedVariant("vf", _next_vf), KsftNamedVariant("pf", _next_pf)])
@ksft_disruptive
def unended_frame(cfg, next_owner) -> None:
    """A frame that a queue's last owner did not end doesn't cost the next one its first."""
    raw = raw_vf(cfg)
    raw.connect()
    raw.begin_frame()
    raw.close()
    # Nothing else is sent there, so ping's frame is the first
    cfg.ping_remote(ns=next_owner(cfg))


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([words, words_of_a_request, words_after_bye,
                  words_after_removal, counters, killed_together,
                  holds_and_resets, unended_frame], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Filters that all functions share: what PF and administrator ask for they get, each VF
has its share, and nobody can take what is another's.
"""

import re

from lib.py import PfEnv, CmdExitFailure, Vf, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, \
    ksft_lt, ksft_raises, ksft_run, ksft_true
from lib.py.rawvf import ACK, GET_POLICY, NACK, PF_CONTROL, SET_MAC, SET_MC, \
    SET_PROMISC, SET_VLAN, mac_words, raw_vf, raw_vfs

JOIN, ADD_MAC, ADD_GROUPS = SET_VLAN | 1 << 16, SET_MAC | 2 << 16, 1 << 22
# KWL_REASON_*
DENIED, FULL, TAKEN = 1, 3, 4
POLICY_CHANGED, TAKEN_BACK = 2, 8
TABLE = 31
GUESTS_CHOICE = "02:00:00:00:09:99"


def _verdict(answer):
    return "" if answer[0] & ACK else answer[1] if answer[0] & NACK else "?"


def _filters():
    return cmd("cat /sys/kernel/debug/kawela/*/filters", shell=True).stdout


def _address_pools(mac):
    """Pools that an address belongs to in the device."""
    low, high = mac_words(mac)
    found = dict(re.findall(r"^(RA[LH]\[\d+\]) 0x\w+ 0x(\w+)", _filters(), re.M))
    pools = 0
    for i in range(24):
        entry = int(found[f"RAH[{i}]"], 16)
        if int(found[f"RAL[{i}]"], 16) == low and entry & 0xffff == high and \
                entry >> 31:
            pools |= entry >> 18 & 0xff
    return pools


def _vlan_pools(vid):
    """Pools that are in a VLAN in the device."""
    pools = 0
    for word in re.findall(r"^VLVF\[\d+\] 0x\w+ 0x(\w+)", _filters(), re.M):
        word = int(word, 16)
        if word >> 31 and word & 0xfff == vid:
            pools |= word >> 12 & 0xff
    return pools


def _sound(cfg):
    """What should be in the filters is, and the PF is on the net."""
    out = _filters()
    ksft_in("VFRE[0]", out)
    ksft_eq([l for l in out.splitlines() if "differs" in l], [])
    cfg.ping_remote()


def _vlans(cfg, vids):
    """VLANs on the PF until the case ends."""
    batch = "".join(f"link add link {cfg.ifname} name kv{vid} type vlan id {vid}\n"
                    for vid in vids)
    defer(cmd, f"for v in {' '.join(map(str, vids))}; do "
          "ip link del kv$v 2>/dev/null; done", shell=True, fail=False)
    cmd(f"ip -batch - <<E\n{batch}E", shell=True)


def _macvlans(cfg, macs):
    """Additional addresses on the PF until the case ends."""
    for i, mac in enumerate(macs):
        ip(f"link add link {cfg.ifname} name kmv{i} address {mac} type macvlan")
        defer(ip, f"link del kmv{i}")
        ip(f"link set dev kmv{i} up")


def _join_all(raw, first=1000):
    """Join VLANs until one is refused. Return: how many, and why."""
    for n in range(40):
        why = _verdict(raw.ask(JOIN, first + n))
        if why:
            return n, why
    return 40, ""


@ksft_disruptive
def pf_comes_up(cfg) -> None:
    """More VLANs than the table holds, a VF made while the PF is down: it comes up."""
    cfg.sriov.fresh(0)
    cfg.pf_down()
    _vlans(cfg, range(2, 42))
    cfg.sriov.set(1)
    cfg.pf_up()
    _sound(cfg)
    for what in ("state disable", "spoofchk off", "vlan 77", "vlan 0"):
        ip(f"link set dev {cfg.ifname} vf 0 {what}")
    _sound(cfg)


@ksft_disruptive
def guest_while_pf_is_down(cfg) -> None:
    """A VF takes all that it can while the PF is down; the PF lacks nothing after."""
    raw = raw_vf(cfg)
    _vlans(cfg, [50])
    cfg.pf_down()
    raw.connect2()
    ksft_eq(_join_all(raw), (TABLE // 2, FULL))
    cfg.pf_up()
    _sound(cfg)
    ksft_eq(_vlan_pools(50), 1 << 2)


@ksft_disruptive
def equal_shares(cfg) -> None:
    """Seven VFs that ask for all get the same, in any order; then others are served."""
    raws = raw_vfs(cfg, 7)
    got = []
    for i, raw in enumerate(raws):
        limits = raw.connect2()[7]
        ksft_eq(limits >> 8 & 0xff, TABLE // 7)
        got.append(_join_all(raw, 100 * (i + 1)))
    ksft_eq(got, [(TABLE // 7, FULL)] * 7)
    ksft_eq([[_verdict(raw.ask(ADD_MAC, *mac_words(f"02:00:00:09:{i:02x}:{n:02x}")))
              for n in range(3)] for i, raw in enumerate(raws)],
            [["", "", FULL]] * 7)
    ip(f"link set dev {cfg.ifname} vf 6 vlan 3500")
    ksft_eq(_vlan_pools(3500), 1 << 6)
    _vlans(cfg, range(2000, 2010))
    ksft_eq([_vlan_pools(vid) for vid in range(2000, 2010)], [1 << 7] * 10)
    # Eleven of 31 entries are gone; each VF keeps its part of the others
    for i in range(7):
        ksft_ge(sum(_vlan_pools(vid) == 1 << i
                    for vid in range(100 * (i + 1), 100 * (i + 1) + 4)),
                0 if i == 6 else 20 // 7)
    _sound(cfg)


@ksft_disruptive
def nobody_tells(cfg) -> None:
    """What a VF may have doesn't depend on what another one took."""
    one, two = raw_vfs(cfg, 2)
    before = one.connect2()[7]
    two.connect2()
    _join_all(two)
    for n in range(3):
        two.ask(ADD_MAC, *mac_words(f"02:00:00:00:09:{n:02x}"))
    ksft_eq(one.ask(GET_POLICY)[7], before)
    ksft_eq(_join_all(one, 2000), (TABLE // 2, FULL))


@ksft_disruptive
def addresses_of_the_host(cfg) -> None:
    """No VF gets an address of the host's, also beyond the table."""
    raw = raw_vf(cfg)
    macs = [f"02:00:00:00:08:{i:02x}" for i in range(26)]
    _macvlans(cfg, macs)
    raw.connect2()
    for mac in macs:
        ksft_eq(_verdict(raw.ask(ADD_MAC, *mac_words(mac))), TAKEN, mac)
        ksft_eq(_verdict(raw.ask(SET_MAC, *mac_words(mac))), TAKEN, mac)
    _sound(cfg)


def _events(raw):
    """Reasons in the next notice."""
    got = raw.answer()
    ksft_eq(got[0] & 0xffff, PF_CONTROL)
    return got[1]


@ksft_disruptive
def guest_gives_way(cfg) -> None:
    """An address that a VF chose is the administrator's or the PF's when they want it."""
    raw = raw_vf(cfg)
    cmd("dmesg -C")
    for ask in ADD_MAC, SET_MAC:
        raw.connect2()
        ksft_eq(_verdict(raw.ask(ask, *mac_words(GUESTS_CHOICE))), "")
        ip(f"link set dev {cfg.ifname} vf 1 mac {GUESTS_CHOICE}")
        ksft_eq(_events(raw) & TAKEN_BACK, TAKEN_BACK)
        ksft_eq(_address_pools(GUESTS_CHOICE) & 1, 0)
        ksft_eq(_verdict(raw.ask(ask, *mac_words(GUESTS_CHOICE))), TAKEN)
        ip(f"link set dev {cfg.ifname} vf 1 mac 00:00:00:00:00:00")
    raw.connect2()
    ksft_eq(_verdict(raw.ask(ADD_MAC, *mac_words(GUESTS_CHOICE))), "")
    _macvlans(cfg, [GUESTS_CHOICE])
    until(lambda: _address_pools(GUESTS_CHOICE) == 1 << 2, 2, "the PF's address")
    ksft_eq(_events(raw) & TAKEN_BACK, TAKEN_BACK)
    ksft_in("VF 0: addresses or VLANs taken back", cmd("dmesg").stdout)
    _sound(cfg)


@ksft_disruptive
def pf_address(cfg) -> None:
    """The PF's own address changes to what a VF chose, and not to a VF's own."""
    raw = raw_vf(cfg)
    raw.connect2()
    old = cfg.link()["address"]
    ksft_eq(_verdict(raw.ask(SET_MAC, *mac_words(GUESTS_CHOICE))), "")
    ip(f"link set dev {cfg.ifname} address {GUESTS_CHOICE}")
    defer(ip, f"link set dev {cfg.ifname} address {old}")
    ksft_eq(_address_pools(GUESTS_CHOICE), 1 << 2)
    ip(f"link set dev {cfg.ifname} vf 1 mac 02:00:00:00:09:01")
    with ksft_raises(CmdExitFailure):
        ip(f"link set dev {cfg.ifname} address 02:00:00:00:09:01")
    _sound(cfg)


@ksft_disruptive
def more_addresses(cfg) -> None:
    """Beside seven VFs the PF is reached by more addresses than the table holds."""
    vf = cfg.sriov.fresh(7)[6]
    ip("netns add kmv")
    defer(ip, "netns del kmv")
    cmd("dmesg -C")
    for i in range(20):
        ip(f"link add link {cfg.ifname} name kmv{i} address 02:00:00:00:08:{i:02x} "
           "netns kmv type macvlan mode bridge")
        ip(f"link set dev kmv{i} up", ns="kmv")
    ip("addr add 192.0.2.77/24 dev kmv19", ns="kmv")
    cfg.ping_remote(ns="kmv")
    log = cmd("dmesg").stdout
    ksft_eq(log.count("more addresses than"), 1, log)
    # The table is the PF's, but for the VFs' own addresses
    vf.enter("kvf6").up("192.0.2.16/24")
    cfg.ping_remote(ns="kvf6")
    _sound(cfg)


@ksft_disruptive
def more_vlans(cfg) -> None:
    """A bridge's trunk of all VLANs, with VFs at work: nothing is refused."""
    vf = cfg.sriov.fresh(2)[0]
    vf.enter("kvf0").up("192.0.2.10/24")
    vf.cmd(f"ip link add link {vf.ifname} name v7 type vlan id 700")
    ip("link add kbr type bridge vlan_filtering 1")
    defer(ip, "link del kbr")
    cmd("dmesg -C")
    ip(f"link set dev {cfg.ifname} master kbr")
    defer(ip, f"link set dev {cfg.ifname} nomaster")
    cmd(f"bridge vlan add dev {cfg.ifname} vid 2-4094", timeout=200)
    ksft_eq(cmd("dmesg").stdout.count("more VLANs than"), 1)
    cfg.ping_remote(ns="kvf0")
    ksft_eq(_vlan_pools(700) & 1, 1, "the VF's own VLAN")
    ip(f"link set dev {cfg.ifname} vf 1 vlan 4000")
    ksft_eq(_vlan_pools(4000) & 2, 2)
    cfg.sriov.set(0)
    cfg.sriov.set(7)
    cmd(f"bridge vlan del dev {cfg.ifname} vid 21-4094", timeout=200)
    ksft_in("all VLANs have room", cmd("dmesg").stdout)
    ksft_eq([_vlan_pools(vid) & 1 << 7 for vid in range(2, 21)], [1 << 7] * 19)


@ksft_disruptive
def leaves(cfg) -> None:
    """A VF leaves a VLAN while the administrator has put it into another."""
    raw = raw_vf(cfg)
    raw.connect2()
    ksft_eq(_verdict(raw.ask(JOIN, 200)), "")
    ip(f"link set dev {cfg.ifname} vf 0 vlan 100")
    ksft_eq(_events(raw) & POLICY_CHANGED, POLICY_CHANGED)
    ksft_eq(_verdict(raw.ask(JOIN, 300)), DENIED)
    ksft_eq(_verdict(raw.ask(SET_VLAN, 200)), "")
    ip(f"link set dev {cfg.ifname} vf 0 vlan 0")
    ksft_eq(_vlan_pools(200), 0)
    ksft_eq(_vlan_pools(0) & 1, 1)


@ksft_disruptive
def groups(cfg) -> None:
    """Groups in several messages, up to a limit; named groups undo no promiscuity."""
    raw = raw_vf(cfg)
    raw.connect2()
    ksft_eq(_verdict(raw.ask(SET_MC | 2 << 16, 0x0001_0000)), "")
    for i in range(1, 5):
        hashes = [64 * i + 2 * n | (64 * i + 2 * n + 1) << 16 for n in range(15)]
        ksft_eq(_verdict(raw.ask(SET_MC | ADD_GROUPS | 30 << 16, *hashes)), "")
    ksft_eq(_verdict(raw.ask(SET_MC | ADD_GROUPS | 30 << 16,
                             *[0x0fff_0800 - n for n in range(15)])), FULL)
    mta = re.findall(r"^MTA\[\d+\] 0x\w+ 0x(\w+)", _filters(), re.M)
    own = sum(bin(int(word, 16)).count("1") for word in mta)
    ksft_true(122 <= own < 160, f"{own} hashes")

    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    raw.answer()
    ksft_eq(_verdict(raw.ask(SET_PROMISC | 2 << 16)), "")

    def all_groups():
        word = re.search(r"^VMOLR\[0\] 0x\w+ 0x(\w+)", _filters(), re.M)[1]
        return int(word, 16) >> 28 & 1
    ksft_eq(all_groups(), 1)
    ksft_eq(_verdict(raw.ask(SET_MC | 2 << 16, 0x0001_0000)), "")
    ksft_eq(all_groups(), 1)
    ip(f"link set dev {cfg.ifname} vf 0 trust off")
    raw.answer()
    ksft_eq(all_groups(), 0)
    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    raw.answer()
    ksft_eq(all_groups(), 0, "what it had by trust before")


@ksft_disruptive
def undisturbed(cfg) -> None:
    """While a VF comes and goes and asks, no other entry is written."""
    raw = raw_vf(cfg)
    vf = Vf(cfg.sriov, 1).bind("kawelavf")
    vf.enter("kvf1").up("192.0.2.11/24")
    low = mac_words(vf.mac)[0]
    top = "/sys/kernel/tracing"
    cmd(f"echo 1 > {top}/events/kawela/kawela_filter/enable", shell=True)
    defer(cmd, f"echo 0 > {top}/events/kawela/kawela_filter/enable", shell=True)
    cmd(f"echo > {top}/trace", shell=True)
    raw.connect2()
    for n in range(3):
        ksft_eq(_verdict(raw.ask(ADD_MAC, *mac_words(f"02:00:00:00:09:{n:02x}"))), "")
    raw.ask(SET_MAC | 1 << 16)
    raw.connect2()
    cfg.ping_remote(ns="kvf1")
    trace = cmd(f"cat {top}/trace").stdout
    ksft_lt(0, len(re.findall("kawela_filter:", trace)))
    ksft_true(f"{low:08x}" not in trace, "the other VF's address was written")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([pf_comes_up, guest_while_pf_is_down, equal_shares, nobody_tells,
                  addresses_of_the_host, guest_gives_way, pf_address,
                  more_addresses, more_vlans, leaves, groups, undisturbed],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

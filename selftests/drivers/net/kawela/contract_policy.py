#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
What an administrator decides for VFs (ip link set PF vf N ...): accepted or
refused with an exact errno, and read back as written. Rows of contract.tsv; for
any PF driver. What a VF notices of it is in contract_vf.py.
"""

import struct
import threading

from lib.py import PfEnv, KsftXfailEx, cmd, defer, each_limited, ethtool, ip, \
    until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, \
    ksft_lt, ksft_ne, ksft_run, ksft_true
from lib.py import rtnl
from lib.py.rtnl import AUTO, DEFAULT, DISABLE, ENABLE, ETH_P_8021AD, \
    ETH_P_8021Q, Policy

MACS = [f"02:00:00:00:0c:{i:02x}" for i in range(7)]
ZERO = "00:00:00:00:00:00"


def _accepts(cfg, vf, **what):
    """A change is accepted, and read back at once."""
    ksft_eq(cfg.policy.set(vf, **what), "", f"{what}")
    got = cfg.policy.get(vf)
    for name, value in what.items():
        if name == "vlan_list":
            ksft_eq((*got["vlan"], got["proto"]), value)
        elif name == "tx_rate":
            ksft_eq(got["rate"], (0, value))
        else:
            ksft_eq(got[name], value)


def _refuses(cfg, vf, err, **what):
    """A change is refused with this errno, and all is as before."""
    before = cfg.policy.all()
    ksft_in(cfg.policy.set(vf, **what), err if isinstance(err, tuple) else
            (err,), f"{what}")
    for was, now in zip(before, cfg.policy.all(), strict=True):
        was.pop("stats", None)
        now.pop("stats", None)
        ksft_eq(now, was)


# An address that nobody decided is another matter: undecided_mac
NOTHING = {name: value for name, value in DEFAULT.items() if name != "mac"}


def _undecided(cfg):
    """What all VFs have besides addresses."""
    return [{name: vf.get(name) for name in NOTHING} for vf in cfg.policy.all()]


ALL = {"mac": MACS[0], "vlan_list": (42, 3, ETH_P_8021Q), "spoofchk": 0,
       "trust": 1, "rate": (0, 300), "state": ENABLE}
ALL_READ = {"mac": MACS[0], "vlan": (42, 3), "proto": ETH_P_8021Q,
            "spoofchk": 0, "trust": 1, "rate": (0, 300), "state": ENABLE}


@ksft_disruptive
def c10_pf_down(cfg) -> None:
    """With the PF down everything is accepted; up and down, it stays."""
    cfg.sriov.fresh(2)
    cfg.pf_down()
    for name, value in ALL.items():
        _accepts(cfg, 0, **{name: value})
    cfg.pf_up()
    ksft_eq(cfg.policy.get(0), ALL_READ)
    cfg.pf_down()
    ksft_eq(cfg.policy.get(0), ALL_READ)


@ksft_disruptive
def c10_gone_with_the_vfs(cfg) -> None:
    """New VFs have nothing of what was decided for the old ones."""
    cfg.sriov.fresh(1)
    for name, value in ALL.items():
        cfg.policy.set(0, **{name: value})
    cfg.sriov.fresh(1)
    ksft_ne(cfg.policy.get(0)["mac"], ALL["mac"])
    ksft_eq(_undecided(cfg), [NOTHING])


@ksft_disruptive
def c11_vfinfo(cfg) -> None:
    """The list of VFs has every attribute of each of 7 VFs; ip shows the same."""
    cfg.sriov.fresh(7)
    every = cfg.policy.all()
    ksft_eq([vf["vf"] for vf in every], list(range(7)))
    for vf in every:
        ksft_eq(set(DEFAULT) - set(vf), set(), f"VF {vf['vf']} lacks these")
    shown = cfg.link()["vfinfo_list"]
    for vf, text in zip(every, shown, strict=True):
        ksft_eq(text["vf"], vf["vf"])
        ksft_eq(text["address"], vf["mac"])
        ksft_eq(text["spoofchk"], bool(vf["spoofchk"]))
        ksft_eq(text.get("trust"), bool(vf.get("trust")))
        ksft_eq(text.get("link_state"), "auto")


@ksft_disruptive
def c11_defaults(cfg) -> None:
    """Nothing decided: no VLAN, no rate, auto, checked, untrusted."""
    cfg.sriov.fresh(7)
    ksft_eq(_undecided(cfg), [NOTHING] * 7)


@ksft_disruptive
def undecided_mac(cfg) -> None:
    """An address that nobody decided is zero, whatever the VF has."""
    vf = cfg.sriov.fresh(2)[0]
    ksft_eq([vf["mac"] for vf in cfg.policy.all()], [ZERO] * 2)
    _accepts(cfg, 0, mac=MACS[0])
    vf = vf.rebind()
    _accepts(cfg, 0, mac=ZERO)
    vf.rebind()
    ksft_eq([vf["mac"] for vf in cfg.policy.all()], [ZERO] * 2)


@ksft_disruptive
def c12_mac(cfg) -> None:
    """An address is stored and read back at once; a VF that binds then has it."""
    vfs = cfg.sriov.fresh(2)
    other = cfg.policy.get(1)["mac"]
    for mac in MACS[1], MACS[2], MACS[2], MACS[0]:
        _accepts(cfg, 0, mac=mac)
    ksft_eq(cfg.policy.get(1)["mac"], other)
    ksft_eq(vfs[0].rebind().mac, MACS[0])


@ksft_disruptive
def c12_mac_invalid(cfg) -> None:
    """Multicast and broadcast are EINVAL; the address stays."""
    cfg.sriov.fresh(2)
    for before in ZERO, MACS[0]:
        _accepts(cfg, 0, mac=before)
        for mac in "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "03:00:00:00:00:01":
            _refuses(cfg, 0, "EINVAL", mac=mac)


@ksft_disruptive
def errno_mac_taken(cfg) -> None:
    """The address of the PF or of another VF is EADDRINUSE; all stay."""
    vfs = cfg.sriov.fresh(2)
    _accepts(cfg, 0, mac=MACS[0])
    _accepts(cfg, 1, mac=MACS[1])
    for mac in cfg.link()["address"], MACS[1]:
        _refuses(cfg, 0, "EADDRINUSE", mac=mac)
    _accepts(cfg, 1, mac=ZERO)
    own = vfs[1].rebind().mac
    _refuses(cfg, 0, "EADDRINUSE", mac=own)


@ksft_disruptive
def c13_mac_zero(cfg) -> None:
    """Zero is accepted, also twice, and takes the decided address away."""
    vf = cfg.sriov.fresh(2)[0]
    _accepts(cfg, 0, mac=ZERO)
    _accepts(cfg, 0, mac=MACS[0])
    vf = vf.rebind()
    ksft_eq(vf.mac, MACS[0])
    for _ in range(2):
        _accepts(cfg, 0, mac=ZERO)
    ksft_ne(vf.rebind().mac, ZERO)
    ksft_ne(cfg.policy.get(0)["mac"], MACS[0])
    # What libvirt tries when zero is refused, and then zero
    _accepts(cfg, 0, mac="02:00:00:00:00:00")
    _accepts(cfg, 0, mac=ZERO)


@ksft_disruptive
def c17_vlan_zero(cfg) -> None:
    """VLAN 0 with priority 0 is accepted always, in both attributes."""
    cfg.sriov.fresh(2)
    for before in 0, 0, 42:
        _accepts(cfg, 0, vlan=(before, 0))
        _accepts(cfg, 0, vlan=(0, 0))
        _accepts(cfg, 0, vlan=(before, 0))
        _accepts(cfg, 0, vlan_list=(0, 0, ETH_P_8021Q))


@ksft_disruptive
def c18_vlan(cfg) -> None:
    """VLANs 1 to 4094 with priorities 0 to 7 are stored and read back."""
    cfg.sriov.fresh(2)
    for vlan, qos in ((1, 0), (2, 7), (42, 3), (4094, 7), (4094, 0)):
        _accepts(cfg, 0, vlan=(vlan, qos))
        _accepts(cfg, 0, vlan_list=(vlan, qos, ETH_P_8021Q))
        # Two VFs in one VLAN
        _accepts(cfg, 1, vlan=(vlan, 0))
    for qos in range(8):
        _accepts(cfg, 0, vlan=(7, qos))


@ksft_disruptive
def c18_vlan_invalid(cfg) -> None:
    """VLANs from 4095, priorities from 8, priority without VLAN: EINVAL."""
    cfg.sriov.fresh(2)
    for before in (0, 0), (42, 3):
        _accepts(cfg, 0, vlan=before)
        for vlan in ((4095, 0), (4096, 0), (65535, 0), (5, 8), (5, 255),
                     (4095, 7), (0, 1), (0, 7)):
            _refuses(cfg, 0, "EINVAL", vlan=vlan)
            _refuses(cfg, 0, "EINVAL", vlan_list=(*vlan, ETH_P_8021Q))


@ksft_disruptive
def vlan_table_full(cfg) -> None:
    """VFs that have filled the VLAN table give way to the administrator."""
    vfs = cfg.sriov.fresh(7)
    _accepts(cfg, 6, vlan=(4000, 5))
    # The table has 32 entries, and VFs may have their own shares of them
    vid = 100
    for vf in vfs[:5]:
        vf.cmd(f"ip link set dev {vf.ifname} up")
        while vid < 140 and not cmd(f"ip link add link {vf.ifname} name v{vid} "
                                    f"type vlan id {vid}", fail=False).ret:
            vid += 1
    ksft_ge(vid, 115, "VLANs of VFs")
    ksft_lt(vid, 132, "VLANs of VFs")
    for i in range(6):
        _accepts(cfg, i, vlan=(3500 + i, 0))
    _accepts(cfg, 6, vlan=(4000, 2))
    _accepts(cfg, 6, vlan=(0, 0))


@ksft_disruptive
def c19_8021ad(cfg) -> None:
    """A service tag, and unknown protocols, are EPROTONOSUPPORT."""
    cfg.sriov.fresh(2)
    for before in (0, 0), (42, 3):
        _accepts(cfg, 0, vlan=before)
        _refuses(cfg, 0, "EPROTONOSUPPORT", vlan_list=(5, 0, ETH_P_8021AD))
        _refuses(cfg, 0, "EPROTONOSUPPORT", vlan_list=(5, 0, 0x9100))


@ksft_disruptive
def c20_mac_and_vlan(cfg) -> None:
    """Address and VLAN in one command, as nova and libvirt send them."""
    cfg.sriov.fresh(2)
    ip(f"link set {cfg.ifname} vf 1 mac {MACS[1]} vlan 7 qos 2")
    got = cfg.policy.get(1)
    ksft_eq((got["mac"], got["vlan"]), (MACS[1], (7, 2)))
    ksft_eq(cfg.policy.set(1, mac=MACS[2], vlan=(0, 0)), "")
    got = cfg.policy.get(1)
    ksft_eq((got["mac"], got["vlan"]), (MACS[2], (0, 0)))


@ksft_disruptive
def c20_networkmanager(cfg) -> None:
    """All VFs in one RTM_NEWLINK, each with all attributes, as NetworkManager."""
    cfg.sriov.fresh(7)
    vfs = [(i, {"spoofchk": i % 2, "trust": 1 - i % 2, "mac": MACS[i],
                "rate": (0, 10 * i),
                "vlan_list": (i, i % 8 if i else 0, ETH_P_8021Q)})
           for i in range(7)]
    ksft_eq(cfg.policy.set_many(vfs, rtnl.RTM_NEWLINK), "")
    for i, want in vfs:
        got = cfg.policy.get(i)
        for name in ("spoofchk", "trust", "mac", "rate"):
            ksft_eq(got[name], want[name], f"VF {i}: {name}")
        ksft_eq((*got["vlan"], got["proto"]), want["vlan_list"])


@ksft_disruptive
def c20_several_one_refused(cfg) -> None:
    """One refused attribute of several: an errno, and none is half applied."""
    cfg.sriov.fresh(2)
    ksft_eq(cfg.policy.set(0, mac=MACS[0], vlan=(5, 8), trust=1), "EINVAL")
    got = cfg.policy.get(0)
    # In the kernel's order: before the refused one applied, after it not
    ksft_eq((got["mac"], got["vlan"], got["trust"]), (MACS[0], (0, 0), 0))
    ksft_eq(cfg.policy.set_many([(0, {"trust": 1}), (2, {"trust": 1}),
                                 (1, {"trust": 1})]), "EINVAL")
    ksft_eq([vf["trust"] for vf in cfg.policy.all()], [1, 0])


@ksft_disruptive
def c21_spoofchk(cfg) -> None:
    """Anti-spoofing is on at first; off and on are kept."""
    cfg.sriov.fresh(2)
    ksft_eq([vf["spoofchk"] for vf in cfg.policy.all()], [1, 1])
    for on in 1, 0, 0, 1:
        _accepts(cfg, 1, spoofchk=on)
        ksft_eq(cfg.policy.get(0)["spoofchk"], 1)


@ksft_disruptive
def c22_trust(cfg) -> None:
    """Trust is off at first; on and off are kept."""
    cfg.sriov.fresh(2)
    ksft_eq([vf["trust"] for vf in cfg.policy.all()], [0, 0])
    for on in 0, 1, 1, 0:
        _accepts(cfg, 1, trust=on)
        ksft_eq(cfg.policy.get(0)["trust"], 0)


@ksft_disruptive
def c23_link_state(cfg) -> None:
    """auto, enable and disable are kept; other states are EINVAL."""
    cfg.sriov.fresh(2)
    ksft_eq([vf["state"] for vf in cfg.policy.all()], [AUTO, AUTO])
    for state in ENABLE, DISABLE, DISABLE, AUTO:
        _accepts(cfg, 0, state=state)
        for bad in 3, 255, 0xFFFFFFFF:
            _refuses(cfg, 0, "EINVAL", state=bad)
        ksft_eq(cfg.policy.get(1)["state"], AUTO)


@ksft_disruptive
def c24_max_tx_rate(cfg) -> None:
    """0 to 1000 Mb/s are kept, in both attributes; more is EINVAL."""
    cfg.sriov.fresh(2)
    until(cfg.has_carrier, what="carrier of the PF")
    for rate in 1, 10, 999, 1000, 0, 500:
        _accepts(cfg, 0, rate=(0, rate))
        _accepts(cfg, 0, tx_rate=rate)
        for bad in 1001, 10000, 0x7FFFFFFF, 0xFFFFFFFF:
            _refuses(cfg, 0, "EINVAL", rate=(0, bad))
    ksft_eq(cfg.policy.get(1)["rate"], (0, 0))


@ksft_disruptive
def c24_without_link(cfg) -> None:
    """The same while the cable is out, and while the PF is down."""
    cfg.sriov.fresh(2)
    defer(cfg.pf_up)
    defer(cfg.cable, "up")
    cfg.cable("down")
    _accepts(cfg, 0, rate=(0, 100))
    _refuses(cfg, 0, "EINVAL", rate=(0, 1001))
    cfg.cable("up")
    cfg.pf_down()
    _accepts(cfg, 0, rate=(0, 200))
    cfg.pf_up()
    ksft_eq(cfg.policy.get(0)["rate"], (0, 200))


@ksft_disruptive
def c25_min_tx_rate(cfg) -> None:
    """A guaranteed rate of 0 is accepted, any other refused; nothing changes."""
    cfg.sriov.fresh(2)
    until(cfg.has_carrier, what="carrier of the PF")
    _accepts(cfg, 0, rate=(0, 0))
    _accepts(cfg, 0, rate=(0, 100))
    for rate in (1, 0), (1, 100), (100, 1000), (1000, 1000):
        _refuses(cfg, 0, ("EOPNOTSUPP", "EINVAL"), rate=rate)


@ksft_disruptive
def c26_rss_query(cfg) -> None:
    """RSS queries are EOPNOTSUPP, and nothing pretends to know about them."""
    cfg.sriov.fresh(2)
    for on in 1, 0:
        _refuses(cfg, 0, "EOPNOTSUPP", rss_query=on)
    # -1 is the kernel's word for a driver that says nothing
    ksft_in(cfg.policy.all()[0].get("rss_query"), (None, 0xFFFFFFFF))


@ksft_disruptive
def c28_extack(cfg) -> None:
    """Refusals say why, where the kernel has a way to say it (rings)."""
    cfg.sriov.fresh(1)
    out = cmd(f"ethtool -G {cfg.ifname} rx 1000000", fail=False)
    ksft_ne(out.ret, 0)
    ksft_true("requested ring size exceeds maximum" in out.stderr,
              out.stderr)


@ksft_disruptive
def c28_extack_vf(cfg) -> None:
    """The same for VFs."""
    cfg.sriov.fresh(1)
    silent = []
    for what in ({"mac": "01:00:5e:00:00:01"}, {"vlan": (5, 8)},
                 {"rate": (1, 0)}, {"rate": (0, 1001)}, {"rss_query": 1},
                 {"vlan_list": (5, 0, ETH_P_8021AD)}):
        ksft_ne(cfg.policy.set(0, **what), "")
        if not cfg.policy.text:
            silent.append(next(iter(what)))
    if silent:
        raise KsftXfailEx("ndo_set_vf_* have no extack in any kernel: nothing "
                          "said for " + " ".join(silent))


@ksft_disruptive
def c28_log(cfg) -> None:
    """A refusal without extack leaves its reason in the log, naming the VF."""
    cfg.sriov.fresh(2)
    for what in ({"mac": "01:00:5e:00:00:01"}, {"vlan": (5, 8)},
                 {"rate": (1, 0)}, {"rate": (0, 1001)},
                 {"vlan_list": (5, 0, ETH_P_8021AD)}):
        cmd("dmesg -C")
        ksft_ne(cfg.policy.set(1, **what), "")
        log = cmd("dmesg").stdout
        ksft_true("VF 1" in log or "vf 1" in log, f"{what}: {log}")


@ksft_disruptive
def c43_seven_clients(cfg) -> None:
    """Seven clients configure a VF each, others list: no update is lost."""
    cfg.sriov.fresh(7)
    wrong, stop = [], threading.Event()

    def write(i):
        mine = Policy(cfg.ifname)
        for n in range(40):
            want = {"mac": f"02:00:00:0c:{n:02x}:{i:02x}", "rate": (0, n),
                    "vlan": (1 + i, n % 8), "spoofchk": n % 2,
                    "trust": (n + 1) % 2}
            err = mine.set(i, **want)
            got = mine.get(i)
            if err or any(got[k] != v for k, v in want.items()):
                wrong.append((i, n, err, got))
        mine.close()

    def listen():
        mine = Policy(cfg.ifname)
        while not stop.is_set():
            if len(mine.all()) != 7:
                wrong.append("list")
        mine.close()

    reader = threading.Thread(target=listen)
    writers = [threading.Thread(target=write, args=(i,)) for i in range(7)]
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    ksft_eq(wrong[:3], [])
    for i, vf in enumerate(cfg.policy.all()):
        ksft_eq((vf["mac"], vf["rate"], vf["vlan"]),
                (f"02:00:00:0c:27:{i:02x}", (0, 39), (1 + i, 7)))
    cfg.ping_remote()


@ksft_disruptive
def c43_list_while_toggled(cfg) -> None:
    """Lists with counters, and changes, while VFs come and go."""
    cfg.sriov.fresh(0)
    defer(cfg.sriov.set, 0)
    stop, odd = threading.Event(), []

    def client():
        mine = Policy(cfg.ifname)
        while not stop.is_set():
            mine.all()
            err = mine.set(0, trust=1)
            if err not in ("", "EINVAL", "ENODEV"):
                odd.append(err)
        mine.close()

    threads = [threading.Thread(target=client) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        cfg.sriov.write(7)
        cfg.sriov.write(0)
    stop.set()
    for thread in threads:
        thread.join()
    ksft_eq(odd, [])
    cfg.ping_remote()


EACH = {"mac": MACS[3], "vlan": (3, 0), "rate": (0, 10), "spoofchk": 0,
        "state": DISABLE, "trust": 1}


@ksft_disruptive
def errno_index(cfg) -> None:
    """A VF that isn't there is EINVAL for every attribute; without VFs, too."""
    for count in 2, 0:
        cfg.sriov.fresh(count)
        for vf in (count, count + 1, 7, 8, 127, 255, 0x7FFFFFFE, 0x7FFFFFFF,
                   0x80000000, 0xFFFFFFFF):
            for name, value in EACH.items():
                ksft_eq(cfg.policy.set(vf, **{name: value}), "EINVAL",
                        f"VF {vf} of {count}: {name}")
        ksft_eq(len(cfg.policy.all()), count)
    cfg.sriov.fresh(2)
    ksft_eq(_undecided(cfg), [NOTHING] * 2)


@ksft_disruptive
def errno_length(cfg) -> None:
    """Attributes that are too short are refused, and change nothing."""
    cfg.sriov.fresh(1)
    for kind in (rtnl.IFLA_VF_MAC, rtnl.IFLA_VF_VLAN, rtnl.IFLA_VF_TX_RATE,
                 rtnl.IFLA_VF_RATE, rtnl.IFLA_VF_SPOOFCHK,
                 rtnl.IFLA_VF_LINK_STATE, rtnl.IFLA_VF_TRUST):
        for size in 0, 1, 4, 7:
            data = struct.pack("=II", 0, 5)[:size]
            _refuses(cfg, 0, ("EINVAL", "ERANGE"), raw=(kind, data))
    # An empty list, and a list with something else in it
    _refuses(cfg, 0, "EINVAL", raw=(rtnl.IFLA_VF_VLAN_LIST, b""))
    _refuses(cfg, 0, "EINVAL", raw=(rtnl.IFLA_VF_VLAN_LIST,
                                    rtnl.attr(9, b"\0" * 16)))
    ksft_eq(_undecided(cfg), [NOTHING])


@ksft_disruptive
def bridge_mode(cfg) -> None:
    """hwmode vepa and veb are kept; an unknown mode is refused."""
    cfg.sriov.fresh(2)
    defer(cmd, f"bridge link set dev {cfg.ifname} hwmode veb")
    for mode in "vepa", "veb", "vepa":
        cmd(f"bridge link set dev {cfg.ifname} hwmode {mode}")
        ksft_in(f"hwmode {mode.upper()}",
                cmd(f"bridge -d link show dev {cfg.ifname}").stdout.upper()
                .replace("HWMODE", "hwmode"))
    ethtool(cfg.ifname)


CASES = [
    c10_pf_down, c10_gone_with_the_vfs, c11_vfinfo, c11_defaults, c12_mac,
    c12_mac_invalid, c13_mac_zero, c17_vlan_zero, c18_vlan,
    c18_vlan_invalid, c19_8021ad, c20_mac_and_vlan,
    c20_networkmanager, c20_several_one_refused, c21_spoofchk, c22_trust,
    c23_link_state, c24_max_tx_rate, c24_without_link, c25_min_tx_rate,
    c26_rss_query, c28_extack, c28_extack_vf, c28_log, c43_seven_clients,
    c43_list_while_toggled, undecided_mac, errno_index, errno_length,
    errno_mac_taken, vlan_table_full, bridge_mode]


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run(each_limited(CASES), args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Steering rules of the PF (ethtool -N): what is taken and what is refused, that rules
are shown as they were given and kept over everything, and when the device has them.

The emulated device has no filters that choose a queue, so the driver offers none there.
A test module makes the driver believe in them; of all registers that it writes then the
emulated device keeps those for EtherTypes, and obeys none.
"""

import re

from lib.py import EthtoolFamily, KsftXfailEx, NetdevFamily, PfEnv, cmd, \
    defer, ethtool, until, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_run, ksft_true
from lib.py.pfregs import PfRegs

NO_STEERING = 1 << 14
IP_RULES, ETHER_RULES = 8, 7
ETQF_ON = 1 << 31 | 1 << 26
# For experiments
ETYPE = 0x88B5
FRAMES = 40
SENDER = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    for _ in range(int(sys.argv[3])):
        s.sendto(b"q", (sys.argv[1], int(sys.argv[2])))
"""

EINVAL, EEXIST, ENOENT, ENOSPC, EOPNOTSUPP = (
    "Invalid argument", "File exists", "No such file or directory",
    "No space left on device", "Operation not supported")

REFUSED = (
    # Protocols and fields that the device has no filter for
    ("tcp6 dst-port 80 action 1", EOPNOTSUPP),
    ("sctp4 dst-port 80 action 1", EOPNOTSUPP),
    ("ah4 spi 1 action 1", EOPNOTSUPP),
    ("ip6 l4proto 6 action 1", EOPNOTSUPP),
    ("tcp4 dst-port 80 tos 4 action 1", EOPNOTSUPP),
    ("ip4 l4data 7 action 1", EOPNOTSUPP),
    ("ether dst 02:00:00:00:00:01 proto 0x88b5 action 1", EOPNOTSUPP),
    ("udp4 dst-port 80 vlan 5 action 1", EOPNOTSUPP),
    ("udp4 dst-port 80 user-def 1 action 1", EOPNOTSUPP),
    ("udp4 dst-port 80 dst-mac 02:00:00:00:00:01 action 1", EOPNOTSUPP),
    # Parts of a field
    ("tcp4 src-ip 192.0.2.0 m 0.0.0.255 action 1", EINVAL),
    ("udp4 dst-port 64 m 0x3f action 1", EINVAL),
    # No rule at all
    ("ip4 action 1", EINVAL),
    ("ether action 1", EINVAL),
    # Types with other filters
    ("ether proto 0x0800 action 1", EOPNOTSUPP),
    ("ether proto 0x8100 action 1", EOPNOTSUPP),
    ("ether proto 0x88f7 action 1", EOPNOTSUPP),
    ("ether proto 0x05dc action 1", EINVAL),
    # Neither queues that don't exist, nor drops, nor frames of others
    ("udp4 dst-port 80 action 4", EINVAL),
    ("udp4 dst-port 80 action -1", EOPNOTSUPP),
    ("udp4 dst-port 80 action -2", EOPNOTSUPP),
    ("udp4 dst-port 80 vf 0 queue 0", EOPNOTSUPP),
    ("udp4 dst-port 80 context 0", EOPNOTSUPP),
    # Locations of the other kind, and none
    ("udp4 dst-port 80 action 1 loc 8", EINVAL),
    ("ether proto 0x88b5 action 1 loc 7", EINVAL),
    ("ether proto 0x88b5 action 1 loc 15", EINVAL),
)


def _believe(cfg):
    """The driver takes filters for granted, until the case ends."""
    cfg.sriov.fresh(0)
    if not cfg.sriov.emulated:
        return
    cmd("modprobe kawela_test")
    defer(cmd, "modprobe -r kawela_test")
    for do in (lambda func, *args: func(*args), defer):
        do(write_sysfs, "/sys/kernel/debug/kawela_test/quirks",
           f"{cfg.ifname} {NO_STEERING}")


def _combined(cfg, n):
    """So many queues, until the case ends."""
    chans = cfg.ethnl.channels_get({"header": {"dev-name": cfg.ifname}})
    defer(ethtool, f"-L {cfg.ifname} combined {chans['combined-count']}")
    ethtool(f"-L {cfg.ifname} combined {n}")


def _ready(cfg):
    """Filters, and queues 0 to 3; no rule is left when the case ends."""
    _believe(cfg)
    _combined(cfg, 4)
    defer(_forget, cfg)


def _rules(cfg):
    """ethtool -n: {location: rule}."""
    text = ethtool(f"-n {cfg.ifname}").stdout
    rules = re.findall(r"^Filter: (\d+)\n(.*?)\n\n", text, re.M | re.S)
    ksft_in(f"Total {len(rules)} rules", text)
    return {int(where): rule for where, rule in rules}


def _add(cfg, rule):
    """Insert it. Return: its location."""
    out = ethtool(f"-N {cfg.ifname} flow-type {rule}").stdout
    return int(re.search(r"with ID (\d+)", out)[1]) if "ID" in out else None


def _delete(cfg, where):
    ethtool(f"-N {cfg.ifname} delete {where}")


def _forget(cfg):
    for where in _rules(cfg):
        _delete(cfg, where)


def _refused(cfg, args, why):
    out = cmd(f"ethtool -N {cfg.ifname} {args}", fail=False)
    ksft_true(out.ret, f"accepted: {args}")
    ksft_in(why, out.stderr, args)


def _etqf(cfg):
    """Registers of filters for EtherTypes, but for that of time stamps."""
    regs = PfRegs(cfg.sriov.dev)
    try:
        return [regs.rd(0x5CB0 + 4 * i) for i in range(1, 8)]
    finally:
        regs.close()


def _offered(cfg):
    state = ethtool(f"-k {cfg.ifname}", json=True)[0]["ntuple-filters"]
    return state["active"], state["fixed"]


@ksft_disruptive
def only_where_they_are(cfg) -> None:
    """A device without filters offers none; VFs never do."""
    vf = cfg.sriov.fresh(1)[0]
    ifnames = [vf.ifname]
    if cfg.sriov.emulated:
        ksft_eq(_offered(cfg), (False, True))
        ifnames.append(cfg.ifname)
    for ifname in ifnames:
        for args in ("-N {} flow-type udp4 dst-port 80 action 0",
                     "-N {} delete 0", "-n {} rule 0"):
            out = cmd("ethtool " + args.format(ifname), fail=False)
            ksft_in(EOPNOTSUPP, out.stderr, args)


@ksft_disruptive
def refused(cfg) -> None:
    """What the device has no filter for is refused by its errno, and nothing changes."""
    _ready(cfg)
    ksft_eq(_offered(cfg), (True, False))
    where = _add(cfg, "udp4 dst-port 81 action 1")
    before = _rules(cfg), _etqf(cfg)
    for rule, why in REFUSED:
        _refused(cfg, f"flow-type {rule}", why)
    _refused(cfg, "flow-type udp4 dst-port 81 action 2", EEXIST)
    for nowhere in (1, 8, 15):
        _refused(cfg, f"delete {nowhere}", ENOENT)
    ksft_eq((_rules(cfg), _etqf(cfg)), before)
    # In its own place it is another rule
    _add(cfg, f"udp4 dst-port 81 action 2 loc {where}")
    ksft_in("Direct to queue 2", _rules(cfg)[where])
    ksft_eq(len(_rules(cfg)), 1)


@ksft_disruptive
def shown(cfg) -> None:
    """Rules are shown as they were given, where they were put."""
    _ready(cfg)
    ksft_eq(_add(cfg, "tcp4 src-ip 192.0.2.7 dst-ip 192.0.2.8 src-port 5000 "
                 "dst-port 6000 action 1"), 0)
    ksft_eq(_add(cfg, "ip4 src-ip 192.0.2.9 l4proto 132 action 2"), 1)
    ksft_eq(_add(cfg, f"ether proto {ETYPE:#x} action 3"), IP_RULES)
    _add(cfg, "udp4 dst-port 53 action 0 loc 5")
    rules = _rules(cfg)
    ksft_eq(list(rules), [0, 1, 5, 8])
    for words in ("TCP over IPv4", "Src IP addr: 192.0.2.7 mask: 0.0.0.0",
                  "Dest IP addr: 192.0.2.8 mask: 0.0.0.0",
                  "Src port: 5000 mask: 0x0", "Dest port: 6000 mask: 0x0",
                  "Direct to queue 1"):
        ksft_in(words, rules[0])
    for words in ("Protocol: 132 mask: 0x0", "Src IP addr: 192.0.2.9 mask: 0.0.0.0",
                  "Dest IP addr: 0.0.0.0 mask: 255.255.255.255"):
        ksft_in(words, rules[1])
    ksft_in("Ethertype: 0x88B5 mask: 0x0", rules[8])
    ksft_eq(_etqf(cfg), [ETQF_ON | 3 << 16 | ETYPE] + 6 * [0])


@ksft_disruptive
def full(cfg) -> None:
    """Each kind of filter is there for as many rules as there are, and no more."""
    _ready(cfg)
    for i in range(IP_RULES):
        ksft_eq(_add(cfg, f"udp4 dst-port {5000 + i} action 1"), i)
    for i in range(ETHER_RULES):
        ksft_eq(_add(cfg, f"ether proto {0x9000 + i:#x} action 1"), IP_RULES + i)
    before = _rules(cfg)
    _refused(cfg, "flow-type udp4 dst-port 80 action 1", ENOSPC)
    _refused(cfg, f"flow-type ether proto {ETYPE:#x} action 1", ENOSPC)
    ksft_eq(_rules(cfg), before)
    ksft_eq(_etqf(cfg), [ETQF_ON | 1 << 16 | 0x9000 + i for i in range(ETHER_RULES)])
    for where in (3, 10):
        _delete(cfg, where)
    ksft_eq(_add(cfg, "udp4 dst-port 80 action 1"), 3)
    ksft_eq(_add(cfg, f"ether proto {ETYPE:#x} action 2"), 10)
    ksft_eq(_etqf(cfg)[2], ETQF_ON | 2 << 16 | ETYPE)


@ksft_disruptive
def kept(cfg) -> None:
    """Rules are kept over everything, and in the device when the PF has its queues."""
    _ready(cfg)
    _add(cfg, "tcp4 dst-port 80 action 3")
    _add(cfg, f"ether proto {ETYPE:#x} action 2")
    rules, on, off = _rules(cfg), _etqf(cfg), 7 * [0]
    ksft_eq(on[0], ETQF_ON | 2 << 16 | ETYPE)

    def state(now):
        ksft_eq((_rules(cfg), _etqf(cfg)), (rules, now))
    for change in ("-G {} rx 128", "-L {} combined 6", "-G {} rx 512",
                   "--reset {} irq dma filter offload mac phy"):
        ethtool(change.format(cfg.ifname))
        state(on)
    # Fewer queues than rules name would lose a choice
    out = cmd(f"ethtool -L {cfg.ifname} combined 3", fail=False)
    ksft_in("ntuple", out.stderr + out.stdout)
    state(on)
    cfg.pf_down()
    state(off)
    cfg.sriov.set(1)
    cfg.pf_up()
    ksft_eq(_offered(cfg), (False, False))
    state(off)
    _refused(cfg, "flow-type udp4 dst-port 80 action 0", EOPNOTSUPP)
    cfg.sriov.set(0)
    state(on)
    defer(ethtool, f"-K {cfg.ifname} ntuple on")
    ethtool(f"-K {cfg.ifname} ntuple off")
    state(off)
    _refused(cfg, "flow-type udp4 dst-port 80 action 0", EOPNOTSUPP)
    cfg.sriov.set(2)
    cfg.sriov.set(0)
    state(off)
    ethtool(f"-K {cfg.ifname} ntuple on")
    state(on)
    cfg.ping_remote()


@ksft_disruptive
def steers(cfg) -> None:
    """Frames go where a rule says, and only those."""
    if cfg.sriov.emulated:
        raise KsftXfailEx("the emulated device has no filters that choose a queue")
    _ready(cfg)
    defer(ethtool, f"-X {cfg.ifname} default")
    ethtool(f"-X {cfg.ifname} equal 1")

    def hit(port):
        """Frames that each queue gets of those sent to a port."""
        def received():
            return {q["queue-id"]: q["rx-packets"] for q in cfg.netnl.qstats_get(
                {"ifindex": cfg.ifindex, "scope": ["queue"]}, dump=True)
                if q["queue-type"] == "rx"}
        before = received()
        cmd(["ip", "netns", "exec", cfg.remote.name, "python3", "-c", SENDER,
             cfg.addr_v["4"], str(port), str(FRAMES)])
        until(lambda: sum(received().values()) >= sum(before.values()) + FRAMES,
              what="all frames")
        return {q for q, n in received().items() if n - before[q] >= FRAMES // 2}
    for rule in ("udp4 dst-port 5000", "ip4 src-ip {} l4proto 17"):
        ksft_eq(hit(5000), {0})
        where = _add(cfg, rule.format(cfg.remote_addr_v["4"]) + " action 3")
        ksft_eq(hit(5000), {3}, rule)
        ksft_eq(hit(5001), {0} if "port" in rule else {3}, rule)
        _delete(cfg, where)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cfg.ethnl = EthtoolFamily()
        cfg.netnl = NetdevFamily()
        ksft_run([only_where_they_are, refused, shown, full, kept, steers],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

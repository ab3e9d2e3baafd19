#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Bonding of two VFs of one PF, as people configure it: with trust the default works, in
which both have the bond's address; without, one line says why it doesn't.
"""

from lib.py import PfEnv, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_ne, \
    ksft_run, ksft_true, ksft_variants
from lib.py.kmsg import Kmsg

NS, BOND, ADDR = "kbond", "bond0", "192.0.2.20"


def _vfs(cfg, trust):
    """Two VFs in one namespace, down."""
    vfs = cfg.sriov.fresh(2)
    ip(f"netns add {NS}")
    defer(ip, f"netns del {NS}")
    for vf in vfs:
        for change in ("trust " + trust, "state auto"):
            ip(f"link set dev {cfg.ifname} vf {vf.index} {change}")
        ip(f"link set dev {vf.ifname} netns {NS}")
        vf.ns = NS
    return vfs


def _bond(vfs, *options):
    """A bond of them. Return: what each enslaving said, or nothing."""
    ip(f"link add {BOND} type bond {' '.join(options)} miimon 100", ns=NS)
    ip(f"link set dev {BOND} up", ns=NS)
    ip(f"addr add {ADDR}/24 dev {BOND}", ns=NS)
    out = [cmd(f"ip link set dev {vf.ifname} master {BOND}", ns=NS, fail=False)
           for vf in vfs]
    return [done.stderr if done.ret else "" for done in out]


def _bond_mac():
    return ip(f"link show dev {BOND}", ns=NS, json=True)[0]["address"]


def _active():
    out = ip(f"-d link show dev {BOND}", ns=NS, json=True)[0]
    return out["linkinfo"]["info_data"].get("active_slave")


@ksft_variants(("none", "active", "follow"))
@ksft_disruptive
def active_backup(cfg, policy) -> None:
    """VFs that are trusted: the bond has traffic before, during and after a failover."""
    vfs = _vfs(cfg, "on")
    own = [vf.mac for vf in vfs]
    ksft_eq(_bond(vfs, "mode active-backup", f"fail_over_mac {policy}"), ["", ""])
    until(_active, what="an active VF")
    cfg.ping(cfg.remote_addr_v["4"], ns=NS)
    if policy == "none":
        ksft_eq([vf.mac for vf in vfs], [_bond_mac()] * 2)
    for vf in vfs:
        ip(f"link set dev {cfg.ifname} vf {vf.index} state disable")
        until(lambda bad=vf: _active() not in (None, bad.ifname), what="failover")
        cfg.ping(cfg.remote_addr_v["4"], ns=NS)
        ip(f"link set dev {cfg.ifname} vf {vf.index} state auto")
        until(vf.has_carrier, what="carrier")
    ip(f"link del {BOND}", ns=NS)
    ksft_eq([vf.mac for vf in vfs], own)


@ksft_disruptive
def untrusted(cfg) -> None:
    """VFs that aren't: refused, with the errno and a line that name the reason."""
    vfs = _vfs(cfg, "off")
    kmsg = Kmsg()
    said = _bond(vfs, "mode active-backup")
    ksft_eq(said[0], "")
    ksft_in("in use", said[1])
    ksft_true(any("if both are trusted" in text
                  for _, text in kmsg.read()), "the reason")
    # What is said there helps
    for vf in vfs:
        ip(f"link set dev {cfg.ifname} vf {vf.index} trust on")
    until(lambda: cmd(f"ip link set dev {vfs[1].ifname} master {BOND}", ns=NS,
                      fail=False).ret == 0, what="the second VF")
    cfg.ping(cfg.remote_addr_v["4"], ns=NS)


@ksft_disruptive
def trust_withdrawn(cfg) -> None:
    """A VF that isn't trusted any more loses the address that isn't its own."""
    vfs = _vfs(cfg, "on")
    own = [vf.mac for vf in vfs]
    ksft_eq(_bond(vfs, "mode active-backup"), ["", ""])
    guest = vfs[0] if own[0] != _bond_mac() else vfs[1]
    other = vfs[1 - guest.index]
    ip(f"link set dev {cfg.ifname} vf {guest.index} trust off")
    until(lambda: guest.mac == own[guest.index], what="its own address")
    ksft_eq(other.mac, _bond_mac())
    out = cmd(f"ip link set dev {guest.ifname} address {other.mac}", ns=NS,
              fail=False)
    ksft_ne(out.ret, 0)
    until(lambda: cmd(f"ip link set dev {BOND} type bond active_slave "
                      f"{other.ifname}", ns=NS, fail=False).ret == 0,
          what="the other one")
    cfg.ping(cfg.remote_addr_v["4"], ns=NS)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([active_backup, untrusted, trust_withdrawn], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

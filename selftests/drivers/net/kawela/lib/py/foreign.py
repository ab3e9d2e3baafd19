# SPDX-License-Identifier: GPL-2.0

"""
What a VF must be able to do whoever wrote its driver or its PF's: checks that
ask the network, never the driver.
"""

import os
import re

from net.lib.py import cmd, defer, ip, ksft_eq, ksft_true

from .wait import until

VF_V4, VF2_V4 = "192.0.2.10", "192.0.2.11"
VF_V6, VF2_V6 = "2001:db8::10", "2001:db8::11"
GROUP = "239.1.2.3"
NEW_MAC = "02:00:00:00:0b:01"
PING = "ping -q -c 3 -i 0.05 -W 3"


def pf_driver(cfg):
    """Name of the PF's driver."""
    return os.path.basename(os.readlink(cfg.sriov.dev / "driver"))


def change(vf, driver):
    """Bind another driver. Return: the VF with its new interface."""
    if vf.driver:
        vf.unbind()
    vf = vf.bind(driver)
    ksft_eq(vf.driver, driver)
    return vf


def pair(cfg, driver):
    """VF 0 with a driver and VF 1 with kawelavf, each at work in a namespace."""
    vf, other = cfg.sriov.fresh(2)
    mac = vf.mac
    if vf.driver != driver:
        vf = change(vf, driver)
    if pf_driver(cfg) == "kawela":
        # igb has no address to give
        ksft_eq(vf.mac, mac, "address behind another driver")
    vf.enter("kvf0").up(f"{VF_V4}/24", f"{VF_V6}/64")
    other.enter("kvf1").up(f"{VF2_V4}/24", f"{VF2_V6}/64")
    return vf, other


def reaches(cfg, ns="kvf0"):
    """The VF reaches wire, other VF and PF, and is reached from the wire."""
    other = ("4", VF2_V4), ("6", VF2_V6)
    for version, addr in other if ns == "kvf0" else ():
        cmd(f"{PING} -{version} {addr}", ns=ns)
    for version in "46":
        cmd(f"{PING} -{version} {cfg.remote_addr_v[version]}", ns=ns)
        cmd(f"{PING} -{version} {cfg.addr_v[version]}", ns=ns)
    cmd(f"{PING} {VF_V4 if ns == 'kvf0' else VF2_V4}", host=cfg.remote)


def _answers(vf, addr):
    return vf.cmd(f"ping -q -c 1 -W 1 {addr}", fail=False).ret == 0


def reaches_soon(cfg, vf, seconds):
    """The same, once a first answer has come."""
    until(lambda: _answers(vf, cfg.remote_addr_v["4"]), seconds,
          "an answer from the wire")
    reaches(cfg, vf.ns)


def vlans(cfg, vf, other):
    """A VLAN works to the wire and to the other VF, and ends when removed."""
    for name, ns in ((cfg.remote_ifname, cfg.remote.name),
                     (vf.ifname, vf.ns), (other.ifname, other.ns)):
        ip(f"link add link {name} name v100 type vlan id 100", ns=ns)
        if ns == cfg.remote.name:
            defer(ip, "link del v100", ns=ns)
        last = {"kvf0": 10, "kvf1": 11}.get(ns, 2)
        ip(f"addr add 198.51.100.{last}/24 dev v100", ns=ns)
        ip("link set dev v100 up", ns=ns)
    for last in (2, 11):
        vf.cmd(f"{PING} 198.51.100.{last}")
    vf.cmd("ip link del v100")
    reaches(cfg)


def mtus(cfg, vf, other):
    """Jumbo frames pass between VFs and to the PF; then the usual again."""
    def set_pf(mtu):
        ip(f"link set dev {cfg.ifname} mtu {mtu}")
        cfg.pf_up()

    defer(set_pf, 1500)
    set_pf(9000)
    for end in (vf, other):
        end.cmd(f"ip link set dev {end.ifname} mtu 9000")
        until(end.has_carrier, 10, "carrier")
    until(lambda: _answers(vf, VF2_V4), 10, "an answer")
    vf.cmd(f"{PING} -M do -s 8972 {VF2_V4}")
    vf.cmd(f"{PING} -M do -s 8972 {cfg.addr_v['4']}")
    vf.cmd(f"ip link set dev {vf.ifname} mtu 1500")
    until(vf.has_carrier, 10, "carrier")
    reaches_soon(cfg, vf, 5)


def groups(cfg, vf):
    """Frames of a multicast group arrive after joining it, not before."""
    def heard():
        before = vf.stats()["rx"]["packets"]
        cmd(f"ping -q -c 10 -i 0.02 -W 0.2 -I {cfg.remote_ifname} -t 1 {GROUP}",
            host=cfg.remote, fail=False)
        return vf.stats()["rx"]["packets"] - before

    ksft_true(heard() < 10, "frames of a group that it isn't in")
    vf.cmd(f"ip addr add {GROUP}/32 dev {vf.ifname} autojoin")
    until(lambda: heard() >= 10, what="frames of its group")


def own_address(cfg, vf):
    """The VF takes another address and is reached by it."""
    vf.cmd(f"ip link set dev {vf.ifname} down")
    vf.cmd(f"ip link set dev {vf.ifname} address {NEW_MAC}")
    vf.cmd(f"ip -6 addr replace {VF_V6}/64 dev {vf.ifname} nodad")
    vf.cmd(f"ip link set dev {vf.ifname} up")
    until(vf.has_carrier, 10, "carrier")
    reaches_soon(cfg, vf, 5)
    neigh = ip(f"neigh show to {VF_V4}", host=cfg.remote, json=True)
    ksft_eq(neigh[0]["lladdr"], NEW_MAC)


def refusals():
    """Remember what was refused up to now. Return: a function that says which
    requests the PF refused since."""
    def read():
        return re.findall(r"VF \d+: request (0x\w+) refused",
                          cmd("dmesg").stdout)
    before = len(read())
    return lambda: sorted(set(read()[before:]))

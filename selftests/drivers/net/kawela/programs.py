#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Programs that people manage NICs and VFs with, as Debian has them, in a machine with
systemd and udev. clients.py has what such programs ask for, call by call; here they ask
themselves.
"""

import shutil
from pathlib import Path

from lib.py import PfEnv, KsftSkipEx, Vf, cmd, defer, each_limited, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_run
from lib.py.rtnl import DEFAULT

MAC, OTHER = "02:00:00:00:0d:01", "02:00:00:00:0d:02"
NETWORK = Path("/run/systemd/network")


def _needs(program):
    if not shutil.which(program):
        raise KsftSkipEx(f"{program} isn't installed")


def _names(cfg):
    """What udev calls the VFs of this PF."""
    return [f"{cfg.ifname}v{vf}" for vf in range(cfg.sriov.num)]


def _vfs_named(cfg, n):
    """n VFs, and each has its name."""
    until(lambda: cfg.sriov.num == n and cfg.sriov.netdevs() == _names(cfg), 20,
          f"{n} VFs with their names")


def _fresh(cfg, n):
    """n new VFs, that go when the case ends."""
    cfg.sriov.fresh(n)
    _vfs_named(cfg, n)
    return [Vf(cfg.sriov, i) for i in range(n)]


def _reads(cfg, vf, **what):
    ksft_eq(cfg.policy.get(vf), {**DEFAULT, **what}, f"VF {vf}")


def _pf_again(cfg):
    """As the lab has it."""
    cfg.pf_up()
    ip(f"addr replace {cfg.addr_v['4']}/24 dev {cfg.ifname}")


def _unit_file(name, text):
    NETWORK.mkdir(parents=True, exist_ok=True)
    (NETWORK / name).write_text(text, encoding="utf-8")
    defer((NETWORK / name).unlink)


@ksft_disruptive
def link_file(cfg) -> None:
    """udev makes the VFs of a .link file, and sets what its [SR-IOV] sections say."""
    _needs("udevadm")
    cfg.sriov.fresh(0)
    defer(cmd, "udevadm control --reload")
    _unit_file("10-pf.link", f"""
[Match]
Path=pci-{cfg.sriov.dev.name}
[Link]
NamePolicy=keep kernel database onboard slot path
SR-IOVVirtualFunctions=2
[SR-IOV]
VirtualFunction=0
MACAddress={MAC}
VLANId=42
QualityOfService=2
MACSpoofCheck=no
Trust=yes
LinkState=auto
[SR-IOV]
VirtualFunction=1
MACAddress={OTHER}
""")
    cmd("udevadm control --reload")
    for _ in range(2):
        cmd(f"udevadm trigger --action=add --settle /sys/class/net/{cfg.ifname}",
            timeout=120)
        _vfs_named(cfg, 2)
        _reads(cfg, 0, mac=MAC, vlan=(42, 2), trust=1, spoofchk=0)
        _reads(cfg, 1, mac=OTHER)
    until(lambda: Vf(cfg.sriov, 1).mac == OTHER, what="the address at the VF")
    cfg.ping_remote()


@ksft_disruptive
def networkd(cfg) -> None:
    """systemd-networkd sets what a .network file says of VFs."""
    _needs("networkctl")
    _fresh(cfg, 2)
    defer(_pf_again, cfg)
    _unit_file("10-pf.network", f"""
[Match]
Name={cfg.ifname}
[Network]
Address={cfg.addr_v['4']}/24
[SR-IOV]
VirtualFunction=1
MACAddress={MAC}
VLANId=42
Trust=yes
""")
    cmd("systemctl start systemd-networkd", timeout=90)
    defer(cmd, "systemctl stop systemd-networkd systemd-networkd.socket "
          "systemd-networkd-varlink.socket", fail=False)
    until(lambda: "configured" in cmd(f"networkctl --no-legend list {cfg.ifname}").stdout,
          20, "networkd's last word")
    _reads(cfg, 0)
    _reads(cfg, 1, mac=MAC, vlan=(42, 0), trust=1)
    cfg.ping_remote()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cases = [link_file, networkd]
        ksft_run(each_limited(cases, 180), args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

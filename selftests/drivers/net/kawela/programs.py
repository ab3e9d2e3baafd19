#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Programs that people manage NICs and VFs with, as Debian has them, in a machine with
systemd and udev. clients.py has what such programs ask for, call by call; here they ask
themselves.
"""

import shutil
from pathlib import Path

from lib.py import PfEnv, KsftSkipEx, Vf, bkg, cmd, defer, each_limited, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_not_in, \
    ksft_run, ksft_true
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


def _nm(arguments):
    return cmd(f"nmcli --wait 90 {arguments}", shell=True, timeout=120).stdout


def _profile(cfg, more):
    """A profile for the PF, with its address."""
    _needs("nmcli")
    defer(_pf_again, cfg)
    _nm(f"connection add type ethernet con-name pf ifname {cfg.ifname} autoconnect no "
        f"ipv4.method manual ipv4.addresses {cfg.addr_v['4']}/24 ipv6.method ignore {more}")
    defer(_nm, "connection delete pf")


@ksft_disruptive
def networkmanager(cfg) -> None:
    """NetworkManager makes VFs by a profile, changes them, and takes them away."""
    cfg.sriov.fresh(0)
    _profile(cfg, f"sriov.total-vfs 3 sriov.vfs '0 mac={MAC} spoof-check=false trust=true "
             f"vlans=42.2, 2 mac={OTHER}'")
    _nm("connection up pf")
    _vfs_named(cfg, 3)
    _reads(cfg, 0, mac=MAC, vlan=(42, 2), trust=1, spoofchk=0)
    _reads(cfg, 1)
    _reads(cfg, 2, mac=OTHER)
    ksft_eq(Vf(cfg.sriov, 2).mac, OTHER)
    cfg.ping_remote()
    _nm(f"connection modify pf sriov.total-vfs 2 sriov.vfs '1 mac={OTHER} trust=true'")
    _nm("connection up pf")
    _vfs_named(cfg, 2)
    _reads(cfg, 0)
    _reads(cfg, 1, mac=OTHER, trust=1)
    cfg.ping_remote()
    _nm("connection down pf")
    until(lambda: cfg.sriov.num == 0, 10, "no VFs")


@ksft_disruptive
def networkmanager_ethtool(cfg) -> None:
    """NetworkManager sets coalescing, rings, features and pause of a profile."""
    cfg.sriov.fresh(0)
    began = cmd("date +%s").stdout.strip()
    _profile(cfg, "ethtool.coalesce-rx-usecs 30 ethtool.ring-rx 1024 ethtool.pause-autoneg "
             "no ethtool.pause-rx yes ethtool.feature-gro off")
    _nm("connection up pf")
    ksft_in("rx-usecs:\t30", cmd(f"ethtool -c {cfg.ifname}").stdout)
    ksft_in("generic-receive-offload: off", cmd(f"ethtool -k {cfg.ifname}").stdout)
    ksft_in("RX: 1024", " ".join(cmd(f"ethtool -g {cfg.ifname}").stdout
                                 .split("Current")[1].split()))
    said = cmd(f"journalctl -o cat -u NetworkManager --since @{began}").stdout
    for word in ("failure", "failed to set", "Operation not supported"):
        ksft_not_in(word, said)
    cfg.ping_remote()
    _nm("connection down pf")
    ksft_in("generic-receive-offload: on", cmd(f"ethtool -k {cfg.ifname}").stdout)


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


def _virsh(arguments):
    return cmd(f"virsh -q {arguments}", timeout=120).stdout


def _file(name, text):
    path = Path("/run/lab") / name
    path.write_text(text, encoding="utf-8")
    return path


@ksft_disruptive
def libvirt(cfg) -> None:
    """libvirt gives a VF of its pool to a guest with address and VLAN, and takes it back."""
    _needs("virsh")
    vfs = _fresh(cfg, 2)
    pf = "pci_" + "_".join(cfg.sriov.dev.name.replace(".", ":").split(":"))
    device = _virsh(f"nodedev-dumpxml {pf}")
    ksft_in(f"<capability type='virt_functions' maxCount='{cfg.sriov.total}'>", device)
    ksft_eq(device.count("<address domain="), 2 + 1)     # and its IOMMU group
    pool = _file("pool.xml", f"""<network><name>vfs</name>
<forward mode='hostdev' managed='yes'><pf dev='{cfg.ifname}'/></forward></network>""")
    _virsh(f"net-create {pool}")
    defer(_virsh, "net-destroy vfs")
    before = [cfg.policy.get(vf.index) for vf in vfs]
    guest = _file("guest.xml", f"""<domain type='qemu'><name>pooled</name>
<memory unit='MiB'>128</memory><os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><interface type='network'><mac address='{MAC}'/><source network='vfs'/>
<vlan><tag id='42'/></vlan></interface></devices></domain>""")
    _virsh(f"create --paused {guest}")
    stop = defer(_virsh, "destroy pooled")
    (taken,) = [vf for vf in vfs if vf.driver == "vfio-pci"]
    _reads(cfg, taken.index, mac=MAC, vlan=(42, 0))
    ksft_eq(cfg.policy.get(1 - taken.index), before[1 - taken.index])
    stop.exec()
    until(lambda: taken.driver == "kawelavf", 10, "the VF's own driver")
    _vfs_named(cfg, 2)
    # Its own address comes back as the administrator's
    after = cfg.policy.get(taken.index)
    taken = Vf(cfg.sriov, taken.index)
    ksft_in(after["mac"], (before[taken.index]["mac"], taken.mac))
    ksft_eq({**after, "mac": ""}, {**before[taken.index], "mac": ""})
    taken.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


def _router(vf, priority):
    """keepalived beside a VF, with a virtual router of its own address."""
    vf.enter(f"router{vf.index}").up(f"192.0.2.{10 + vf.index}/24")
    conf = _file(f"keepalived{vf.index}.conf", f"""
global_defs {{
	vrrp_garp_master_delay 1
}}
vrrp_instance virtual {{
	state BACKUP
	interface {vf.ifname}
	virtual_router_id 51
	priority {priority}
	advert_int 1
	use_vmac
	vmac_xmit_base
	virtual_ipaddress {{
		192.0.2.100/24
	}}
}}
""")
    return bkg(f"keepalived -n -l -D -P -f {conf} -p /run/lab/keepalived{vf.index}.pid "
               f"-r /run/lab/vrrp{vf.index}.pid", ns=vf.ns, fail=False)


def _master(vf):
    return "192.0.2.100" in vf.cmd("ip -4 -o addr").stdout


@ksft_disruptive
def keepalived(cfg) -> None:
    """Two virtual routers on two trusted VFs: the address answers, also after a failover
    and back."""
    _needs("keepalived")
    vfs = _fresh(cfg, 2)
    for vf in vfs:
        ip(f"link set dev {cfg.ifname} vf {vf.index} trust on")
    with _router(vfs[0], 150), _router(vfs[1], 100):
        for at_work, state in ((0, "auto"), (1, "disable"), (0, "auto")):
            ip(f"link set dev {cfg.ifname} vf 0 state {state}")
            until(lambda on=at_work: _master(vfs[on]) and not _master(vfs[1 - on]), 20,
                  f"router {at_work} has the address")
            until(lambda: cmd("ping -q -c 1 -W 1 192.0.2.100", host=cfg.remote,
                              fail=False).ret == 0, 20, "an answer of the virtual router")


@ksft_disruptive
def phc2sys(cfg) -> None:
    """phc2sys brings the PF's clock to the system's."""
    _needs("phc2sys")
    out = cmd(f"timeout 15 phc2sys -s CLOCK_REALTIME -c {cfg.ifname} -O 0 -m -R 4",
              fail=False, timeout=240).stdout
    # "phc2sys[1.2]: enp1s0 sys offset -12 s2 freq +3 delay 4000"
    found = [line.split(" offset ")[1].split() for line in out.splitlines()
             if " offset " in line]
    ksft_true(any(state == "s2" for _, state, *_ in found), out)
    last = [abs(int(offset)) for offset, state, *_ in found if state == "s2"][-5:]
    ksft_true(min(last) < 1_000_000, f"offsets of {last} ns")


@ksft_disruptive
def openvswitch(cfg) -> None:
    """A container behind an Open vSwitch bridge on the PF, with VFs at work: each reaches
    each, and the bridge learns nobody on the wrong side."""
    _needs("ovs-vsctl")
    vf = _fresh(cfg, 2)[0].enter("kvf0")
    vf.up("192.0.2.10/24")
    cmd("ovs-vsctl add-br br0", timeout=240)
    defer(cmd, "ovs-vsctl del-br br0", timeout=240)
    defer(_pf_again, cfg)
    ip("netns add box")
    defer(ip, "netns del box")
    ip("link add box0 type veth peer name eth0 netns box")
    ip("link set dev box0 up")
    ip("addr add 192.0.2.30/24 dev eth0", ns="box")
    ip("link set dev eth0 up", ns="box")
    cmd(f"ovs-vsctl add-port br0 {cfg.ifname} -- add-port br0 box0", timeout=240)
    ip("link set dev br0 up")
    remote = cfg.remote_addr_v["4"]
    for _ in range(3):
        # Broadcasts of the box go out by the PF, and must not come back by it
        ip("neigh flush all", ns="box")
        cfg.ping(remote, ns="box")
        cfg.ping("192.0.2.10", ns="box")
        cfg.ping("192.0.2.30", ns="kvf0")
        cfg.ping(remote, ns="kvf0")
    mac = ip("link show dev eth0", json=True, ns="box")[0]["address"]
    port = cmd("ovs-vsctl get Interface box0 ofport").stdout.strip()
    learned = [line.split() for line in cmd("ovs-appctl fdb/show br0").stdout.splitlines()]
    ksft_eq([where for where, _, who, _ in learned[1:] if who == mac], [port])


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cases = [networkmanager, networkmanager_ethtool, link_file, networkd, libvirt,
                 keepalived, phc2sys, openvswitch]
        ksft_run(each_limited(cases, 180), args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

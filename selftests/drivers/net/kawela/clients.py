#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
What programs that configure VFs ask of a PF, call by call: in their order, in
their messages, with what they read back, and with their way back.

A case is a program. Nothing here is more than what its program does, except
that in the end the VF must work.
"""

import os

from lib.py import PfEnv, Vf, cmd, defer, errno_of, ip, until, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_in, \
    ksft_lt, ksft_run, ksft_true
from lib.py import foreign
from lib.py.rtnl import AUTO, DEFAULT, DISABLE, ENABLE, ETH_P_8021AD, \
    ETH_P_8021Q, RTM_NEWLINK, Policy

MAC = "02:00:00:00:0c:01"
NO_MAC = "00:00:00:00:00:00"
NO_VLAN = (0, 0, ETH_P_8021Q)


class Admin(Policy):
    """rtnetlink, for a program that gives up when something is refused."""

    def __init__(self, cfg):
        super().__init__(cfg.ifname)
        defer(self.close)

    def does(self, vf, **what):
        """One message for one VF; it must succeed."""
        ksft_eq(self.set(vf, **what), "", f"VF {vf}: {what}: {self.text}")

    def reads(self, vf, **what):
        """And this is what must be read back at once."""
        got = self.get(vf)
        ksft_eq({name: got[name] for name in what}, what, f"VF {vf}")


def _sysfs(path):
    return path.read_text(encoding="utf-8").strip()


def _write(path, value):
    """Write a value. Return: "" or an errno's name."""
    return errno_of(write_sysfs, path, value)


def _count(cfg, n):
    """So many VFs as systemd, netplan and others get there: EBUSY, 0, again."""
    numvfs = cfg.sriov.dev / "sriov_numvfs"
    defer(cfg.sriov.set, 0)
    if _write(numvfs, n) == "EBUSY":
        ksft_eq(_write(numvfs, 0), "")
        ksft_eq(_write(numvfs, n), "")
    ksft_eq(int(_sysfs(numvfs)), n)
    until(lambda: len(cfg.sriov.netdevs()) == n, 10, f"{n} VF interfaces")
    return [Vf(cfg.sriov, i) for i in range(n)]


def _peer_vlan(cfg, vid):
    """VLAN on the wire: 198.51.100.2."""
    ip(f"link add link {cfg.remote_ifname} name v{vid} type vlan id {vid}",
       host=cfg.remote)
    defer(ip, f"link del v{vid}", host=cfg.remote)
    ip(f"addr add 198.51.100.2/24 dev v{vid}", host=cfg.remote)
    ip(f"link set dev v{vid} up", host=cfg.remote)


def _eswitch(cfg):
    """Eswitch mode by devlink, or what it says instead."""
    got = cmd(f"devlink -j dev eswitch show pci/{cfg.sriov.dev.name}",
              fail=False)
    return "legacy" if '"mode":"legacy"' in got.stdout else got.stderr.strip()


@ksft_disruptive
def sriov_cni(cfg) -> None:
    """sriov-cni: a pod's VF with everything set, and its reset."""
    vf, _ = cfg.sriov.fresh(2)
    admin = Admin(cfg)
    ksft_eq(os.listdir(vf.dev / "physfn/net"), [cfg.ifname])
    before = admin.get(0)
    ksft_eq(before, DEFAULT)

    admin.does(0, vlan_list=(100, 3, ETH_P_8021Q))
    admin.does(0, mac=MAC)
    admin.reads(0, mac=MAC)
    admin.does(0, rate=(0, 100))
    admin.does(0, spoofchk=0)
    admin.does(0, trust=1)
    admin.does(0, state=ENABLE)
    admin.reads(0, vlan=(100, 3), mac=MAC, rate=(0, 100), spoofchk=0, trust=1,
                state=ENABLE)

    # The pod's side
    name = vf.ifname
    ip(f"link set dev {name} down")
    vf.enter("kpod")
    vf.cmd(f"ip link set dev {name} name net1")
    vf.ifname = "net1"
    vf.cmd(f"ip link set dev net1 address {MAC}")
    ksft_eq(vf.mac, MAC)
    vf.cmd("ip link set dev net1 mtu 1450")
    _peer_vlan(cfg, 100)
    vf.up("198.51.100.10/24")
    vf.cmd("ping -q -c 2 -i 0.1 -W 3 198.51.100.2")

    # And back
    vf.cmd("ip link set dev net1 down")
    vf.cmd(f"ip link set dev net1 name {name}")
    vf.cmd(f"ip link set dev {name} netns 1")
    admin.does(0, vlan_list=NO_VLAN)
    admin.does(0, spoofchk=1)
    admin.does(0, mac=before["mac"])
    admin.does(0, trust=0)
    admin.does(0, rate=(0, 0))
    admin.does(0, state=before["state"])
    ksft_eq(admin.get(0), before)
    vf = Vf(cfg.sriov, 0)
    ksft_eq(vf.ifname, name)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def sriov_cni_refused(cfg) -> None:
    """sriov-cni: what can't be had is refused, and the VF stays as it was."""
    cfg.sriov.fresh(2)
    admin = Admin(cfg)
    ksft_eq(admin.set(0, vlan_list=(100, 0, ETH_P_8021AD)), "EPROTONOSUPPORT")
    ksft_eq(admin.set(0, rate=(10, 100)), "EOPNOTSUPP")
    ksft_eq(admin.get(0), DEFAULT)


@ksft_disruptive
def device_plugin(cfg) -> None:
    """sriov-network-device-plugin: what it finds in sysfs and devlink."""
    pf = cfg.sriov.dev
    ksft_ge(int(_sysfs(pf / "sriov_totalvfs")), 7)
    ksft_eq(_eswitch(cfg), "legacy")
    for vf in cfg.sriov.fresh(7):
        ksft_eq((vf.dev / "physfn").resolve(), pf)
        ksft_eq(vf.driver, "kawelavf")
        ksft_eq(_sysfs(vf.dev / "vendor"), "0x8086")
        ksft_eq(_sysfs(vf.dev / "device"), "0x10ca")
        ksft_eq(_sysfs(vf.dev / "numa_node"), _sysfs(pf / "numa_node"))
        ksft_true((vf.dev / "iommu_group").exists())
        ksft_eq(os.listdir(vf.dev / "net"), [vf.ifname])


@ksft_disruptive
def sriov_operator(cfg) -> None:
    """sriov-network-operator: a node's policy, with VFs for pods and for vfio."""
    ksft_eq(_eswitch(cfg), "legacy")
    numvfs = cfg.sriov.dev / "sriov_numvfs"
    ksft_eq(_write(numvfs, 0), "")
    ip(f"link set dev {cfg.ifname} mtu 9000")
    defer(ip, f"link set dev {cfg.ifname} mtu 1500")
    ksft_eq(_write(numvfs, 4), "")
    defer(cfg.sriov.set, 0)
    until(lambda: len(cfg.sriov.netdevs()) == 4, 10, "VF interfaces")
    vfs = [Vf(cfg.sriov, i) for i in range(4)]
    admin = Admin(cfg)
    cfg.pf_up()
    for vf in vfs:
        ksft_in("driver: kawelavf", cmd(f"ethtool -i {vf.ifname}").stdout)
        mac = vf.mac
        admin.does(vf.index, mac=mac)
        admin.reads(vf.index, mac=mac)
        ksft_eq(vf.mac, mac)
        vf.cmd(f"ip link set dev {vf.ifname} mtu 9000")
    macs = [vf.mac for vf in vfs]
    cmd("modprobe vfio-pci")
    for vf in vfs[2:]:
        foreign.change(vf, "vfio-pci")
    # It unbinds and binds a VF whose interface is missing
    vfs[1] = foreign.change(vfs[1], "kawelavf")
    ksft_eq([vf.mac for vf in vfs[:2]], macs[:2])
    vfs[0].enter("kvf0").up("192.0.2.10/24")
    vfs[1].enter("kvf1").up("192.0.2.11/24")
    cfg.ping_remote(ns="kvf0")
    vfs[0].cmd("ping -q -c 2 -i 0.1 -W 3 -M do -s 1472 192.0.2.11")
    ksft_eq([admin.get(i)["mac"] for i in range(4)], macs)
    ksft_eq(int(_sysfs(cfg.sriov.dev / f"net/{cfg.ifname}/speed")), 1000)


@ksft_disruptive
def metrics(cfg) -> None:
    """metrics-exporter, ip -s -d link: counters of each VF, and fast."""
    vf, other = cfg.sriov.fresh(7)[:2]
    vf.enter("kvf0").up("192.0.2.10/24")
    other.enter("kvf1").up("192.0.2.11/24")
    admin = Admin(cfg)
    before = admin.stats(0)
    ksft_true(before, "no IFLA_VF_STATS")
    vf.cmd("ping -q -c 20 -i 0.01 -W 3 192.0.2.11")
    after = admin.stats(0)
    for name in ("rx_packets", "tx_packets"):
        ksft_ge(after[name] - before[name], 20, name)
    for name in ("rx_bytes", "tx_bytes"):
        ksft_ge(after[name] - before[name], 20 * 60, name)
    ksft_eq(len(admin.all()), 7)


@ksft_disruptive
def libvirt_hostdev(cfg) -> None:
    """libvirt: <interface type='hostdev'>, for the guest and back."""
    vf, _ = cfg.sriov.fresh(2)
    admin = Admin(cfg)
    ksft_in("UP", cfg.link()["flags"])
    saved = admin.get(0)
    admin.does(0, mac=MAC, vlan=(42, 0))
    admin.reads(0, mac=MAC, vlan=(42, 0))
    cmd("modprobe vfio-pci")
    vf = foreign.change(vf, "vfio-pci")
    admin.reads(0, mac=MAC, vlan=(42, 0))
    vf = foreign.change(vf, "kawelavf")
    ksft_eq(vf.mac, MAC)
    admin.does(0, mac=saved["mac"], vlan=saved["vlan"])
    ksft_eq(admin.get(0), saved)
    # The address isn't the VF's "forever"
    vf.enter("kvf0")
    vf.cmd(f"ip link set dev {vf.ifname} address 02:00:00:00:0c:02")
    vf.up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def libvirt_macvtap(cfg) -> None:
    """libvirt: macvtap passthrough, whose VF may not change its address."""
    vf, _ = cfg.sriov.fresh(2)
    admin = Admin(cfg)
    admin.does(0, mac=MAC)
    until(lambda: vf.mac == MAC, 1, "the address at the VF")
    other = "02:00:00:00:0c:03"
    got = cmd(f"ip link set dev {vf.ifname} address {other}", fail=False)
    ksft_true("Operation not permitted" in got.stderr or
              "Cannot assign requested address" in got.stderr, got.stderr)
    # So it asks the PF, and binds the VF's driver again
    admin.does(0, mac=other)
    vf = foreign.change(vf, "kawelavf")
    until(lambda: Vf(cfg.sriov, 0).ifname, 0.1, "interface within 100 ms")
    ksft_eq(vf.mac, other)
    ip(f"link add link {vf.ifname} name kmvt0 type macvlan mode passthru")
    ip(f"link set dev {vf.ifname} up")
    until(vf.has_carrier, what="carrier")
    admin.does(0, mac=NO_MAC)
    ksft_eq(admin.get(0), DEFAULT)


@ksft_disruptive
def networkmanager(cfg) -> None:
    """NetworkManager: all VFs in one RTM_NEWLINK, VLAN list and all."""
    dev = cfg.sriov.dev
    ksft_ge(int(_sysfs(dev / "sriov_totalvfs")), 4)
    ksft_eq(_write(dev / "sriov_drivers_autoprobe", 1), "")
    ksft_eq(_write(dev / "sriov_numvfs", 0), "")
    ksft_eq(_eswitch(cfg), "legacy")
    ksft_eq(_write(dev / "sriov_numvfs", 4), "")
    defer(cfg.sriov.set, 0)
    admin = Admin(cfg)
    plain = {"vlan_list": NO_VLAN}
    wanted = [
        (0, {"spoofchk": 0, "trust": 1, "mac": MAC, "rate": (0, 200),
             "vlan_list": (100, 2, ETH_P_8021Q)}),
        (1, {"spoofchk": 1, "trust": 0, "mac": "02:00:00:00:0c:04", **plain}),
        (2, plain),
        (3, {"trust": 1, **plain}),
    ]
    ksft_eq(admin.set_many(wanted, RTM_NEWLINK), "", admin.text)
    # nmstate compares each attribute
    admin.reads(0, mac=MAC, spoofchk=0, trust=1, rate=(0, 200), vlan=(100, 2))
    admin.reads(1, mac="02:00:00:00:0c:04", spoofchk=1, trust=0, rate=(0, 0),
                vlan=(0, 0))
    ksft_eq(admin.get(2), DEFAULT)
    ksft_eq(admin.get(3), {**DEFAULT, "trust": 1})
    # Again, as when the profile is activated anew
    ksft_eq(admin.set_many(wanted, RTM_NEWLINK), "", admin.text)
    # Leaving the profile
    ksft_eq(admin.set_many([(i, plain) for i in range(4)], RTM_NEWLINK), "")
    ksft_eq(_write(dev / "sriov_numvfs", 0), "")
    ksft_eq(admin.all(), [])


@ksft_disruptive
def systemd(cfg) -> None:
    """systemd .link: VFs and their policy before the PF is up; EBUSY, 0, N."""
    cfg.sriov.fresh(0)
    cfg.pf_down()
    for n in (2, 3, 3):
        vfs = _count(cfg, n)
    admin = Admin(cfg)
    admin.does(0, mac=MAC)
    admin.does(0, spoofchk=0)
    ksft_eq(admin.set(0, rss_query=1), "EOPNOTSUPP")    # logged, ignored
    admin.does(0, trust=1)
    admin.does(0, state=AUTO)
    admin.does(0, vlan_list=(100, 1, ETH_P_8021Q))
    expected = {**DEFAULT, "mac": MAC, "spoofchk": 0, "trust": 1,
                "vlan": (100, 1)}
    ksft_eq(admin.get(0), expected)
    cfg.pf_up()
    ksft_eq(admin.get(0), expected)
    until(lambda: vfs[0].mac == MAC, 2, "the address at the VF")
    vfs[0].enter("kvf0").up("198.51.100.10/24")
    _peer_vlan(cfg, 100)
    vfs[0].cmd("ping -q -c 2 -i 0.1 -W 3 198.51.100.2")


@ksft_disruptive
def netplan(cfg) -> None:
    """netplan: a VLAN a VF, and VFs bound again afterwards."""
    ksft_ge(int(_sysfs(cfg.sriov.dev / "sriov_totalvfs")), 2)
    for _ in range(2):
        vfs = _count(cfg, 2)
    ksft_eq(_eswitch(cfg), "legacy")
    ip(f"link set dev {cfg.ifname} vf 0 vlan 100")
    Admin(cfg).reads(0, vlan=(100, 0))
    # It binds VFs to the PF's driver, which knows no VFs: nothing happens
    vfs[0].unbind()
    ksft_eq(_write("/sys/bus/pci/drivers/kawela/bind", vfs[0].pci), "ENODEV")
    vf = vfs[0].bind("kawelavf")
    _peer_vlan(cfg, 100)
    vf.enter("kvf0").up("198.51.100.10/24")
    vf.cmd("ping -q -c 2 -i 0.1 -W 3 198.51.100.2")


@ksft_disruptive
def openstack(cfg) -> None:
    """nova and neutron's agent: a port's life."""
    vf, other = cfg.sriov.fresh(2)
    admin = Admin(cfg)
    other.enter("kvf1").up("192.0.2.11/24")
    # nova: one message
    ip(f"link set dev {cfg.ifname} vf 0 mac {MAC} vlan 100")
    admin.reads(0, mac=MAC, vlan=(100, 0))
    until(lambda: vf.mac == MAC, 1, "the address at the VF")
    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    admin.reads(0, trust=1)
    # neutron: states, spoof check, rates; a minimum is refused and logged
    admin.does(0, spoofchk=0)
    admin.does(0, rate=(0, 500))
    ksft_eq(admin.set(0, rate=(100, 500)), "EOPNOTSUPP")
    admin.reads(0, rate=(0, 500), spoofchk=0)
    vf.enter("kvf0").up("198.51.100.10/24")
    _peer_vlan(cfg, 100)
    for state in (DISABLE, ENABLE, AUTO):
        admin.does(0, state=state)
        admin.reads(0, state=state)
        until(lambda state=state: vf.has_carrier() == (state != DISABLE), 1,
              "carrier")
    vf.cmd("ping -q -c 2 -i 0.1 -W 3 198.51.100.2")
    # A VF whose interface is elsewhere counts as in use
    ksft_lt(len(list(cfg.sriov.dev.glob("virtfn*/net/*/"))), 3)
    # The port is deleted
    ip(f"link set dev {cfg.ifname} vf 0 mac {NO_MAC} vlan 0")
    ip(f"link set dev {cfg.ifname} vf 0 trust off")
    admin.does(0, rate=(0, 0))
    admin.does(0, spoofchk=1)
    ksft_eq(admin.get(0), DEFAULT)


@ksft_disruptive
def kubevirtci(cfg) -> None:
    """kubevirtci's configure_vfs.sh: 0, 7, and all of them to vfio-pci."""
    defer(cfg.sriov.set, 0)
    cmd("modprobe vfio-pci")
    for _ in range(2):
        cmd(f"echo 0 >> {cfg.sriov.dev}/sriov_numvfs; "
            f"echo 7 >> {cfg.sriov.dev}/sriov_numvfs", shell=True)
        until(lambda: len(cfg.sriov.netdevs()) == 7, 3, "7 within its sleep 3")
        for i in range(7):
            vf = Vf(cfg.sriov, i)
            vf.unbind()
            ksft_eq(_write(vf.dev / "driver_override", "vfio-pci"), "")
            ksft_eq(_write("/sys/bus/pci/drivers/vfio-pci/bind", vf.pci), "")
            ksft_eq(_write(vf.dev / "driver_override", "\n"), "")
            ksft_eq(vf.driver, "vfio-pci")
    cfg.ping_remote()


@ksft_disruptive
def driverctl(cfg) -> None:
    """driverctl set-override and unset-override."""
    vf, _ = cfg.sriov.fresh(2)
    mac = vf.mac
    cmd("modprobe vfio-pci")
    for driver in ("vfio-pci", "kawelavf"):
        override = driver if driver == "vfio-pci" else "\n"
        ksft_eq(_write(vf.dev / "driver_override", override), "")
        vf.unbind()
        ksft_eq(_write("/sys/bus/pci/drivers_probe", vf.pci), "")
        ksft_eq(vf.driver, driver)
    vf = Vf(cfg.sriov, 0)
    ksft_eq(vf.mac, mac)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


@ksft_disruptive
def devbind(cfg) -> None:
    """dpdk-devbind.py itself."""
    vf, _ = cfg.sriov.fresh(2)
    mac = vf.mac
    cmd("modprobe vfio-pci")
    for driver in ("vfio-pci", "kawelavf", "vfio-pci", "kawelavf"):
        cmd(f"dpdk-devbind.py --force -b {driver} {vf.pci}")
        ksft_eq(vf.driver, driver)
    vf = Vf(cfg.sriov, 0)
    ksft_eq(vf.mac, mac)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([sriov_cni, sriov_cni_refused, device_plugin, sriov_operator,
                  metrics, libvirt_hostdev, libvirt_macvtap, networkmanager,
                  systemd, netplan, openstack, kubevirtci, driverctl, devbind],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

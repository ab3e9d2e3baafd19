#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
What stays in force when PF and VFs are reset, and what their interfaces, devlink
and ethtool show to those that look. Rows of contract.tsv; for any PF and VF
driver.
"""

import errno
import os

from lib.py import PfEnv, CmdExitFailure, KsftNamedVariant, KsftSkipEx, \
    KsftXfailEx, cmd, defer, each_limited, ethtool, ip, tool, until, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, \
    ksft_not_in, ksft_pr, ksft_raises, ksft_run, ksft_true, ksft_variants
from lib.py.rtnl import ENABLE

ADMIN, OWN = "02:00:00:00:0e:11", "02:00:00:00:0e:12"
POLICY = {"mac": ADMIN, "vlan": (100, 2), "spoofchk": 0, "trust": 1}
VLAN_PEER = "198.51.100.2"


def _decided(cfg):
    """VF 0 in VLAN 100 at work, with something of each decided; VF 1 without."""
    ip(f"link add link {cfg.remote_ifname} name v100 type vlan id 100",
       host=cfg.remote)
    defer(ip, "link del v100", host=cfg.remote)
    ip(f"addr add {VLAN_PEER}/24 dev v100", host=cfg.remote)
    ip("link set dev v100 up", host=cfg.remote)
    vf, other = cfg.sriov.fresh(2)
    for name, value in POLICY.items():
        ksft_eq(cfg.policy.set(0, **{name: value}), "", name)
    # Where these are refused, that is another row's failure
    cfg.policy.set(0, state=ENABLE)
    cfg.policy.set(0, rate=(0, 500))
    vf = vf.rebind()
    vf.enter("kvf0").up("198.51.100.10/24")
    other.enter("kvf1").up("192.0.2.11/24")
    cfg.ping(VLAN_PEER, ns="kvf0")
    return vf, cfg.policy.get(0)


def _kept(cfg, vf, want):
    """Policy as decided, and in force."""
    ksft_eq(cfg.policy.get(0), want)
    ksft_eq(vf.mac, ADMIN)
    cfg.ping(VLAN_PEER, ns="kvf0")
    cfg.ping("192.0.2.2", ns="kvf0", works=False)
    cfg.ping("192.0.2.2", ns="kvf1")


@ksft_disruptive
def c29_flr(cfg) -> None:
    """A reset of a VF keeps policy."""
    vf, want = _decided(cfg)
    for _ in range(3):
        write_sysfs(vf.dev / "reset", 1)
        ksft_eq(cfg.policy.get(0), want)
    ksft_eq(vf.rebind().mac, ADMIN)


@ksft_disruptive
def c29_flr_at_work(cfg) -> None:
    """A VF that is reset at work goes on, with what was decided."""
    vf, want = _decided(cfg)
    for _ in range(3):
        write_sysfs(vf.dev / "reset", 1)
        _kept(cfg, vf, want)


@ksft_disruptive
def c29_rebind(cfg) -> None:
    """Another start of its driver keeps policy."""
    vf, want = _decided(cfg)
    for i in range(3):
        vf = vf.rebind()
        cmd("ip netns del kvf0")
        ip("netns add kvf0")
        ip(f"link set dev {vf.ifname} netns kvf0")
        vf.ns = "kvf0"
        vf.up("198.51.100.10/24")
        ksft_pr(f"round {i}")
        _kept(cfg, vf, want)


def _mtu(cfg):
    for mtu in 9000, 1500:
        ip(f"link set dev {cfg.ifname} mtu {mtu}")


def _rings(cfg):
    for count in 1024, 512:
        ethtool(f"-G {cfg.ifname} rx {count} tx {count}")


def _nway(cfg):
    ethtool(f"-r {cfg.ifname}")
    until(cfg.has_carrier, what="carrier")


def _down_up(cfg):
    cfg.pf_down()
    cfg.pf_up()


def _ethtool_reset(cfg):
    try:
        ethtool(f"--reset {cfg.ifname} all")
    except CmdExitFailure as e:
        if "not supported" in e.cmd.stderr:
            raise KsftSkipEx("the driver has no ethtool --reset") from None
        raise
    until(cfg.has_carrier, what="carrier")


def _flr(cfg):
    write_sysfs(cfg.sriov.dev / "reset", 1)
    until(cfg.has_carrier, what="carrier")


@ksft_variants([
    KsftNamedVariant("mtu", _mtu), KsftNamedVariant("rings", _rings),
    KsftNamedVariant("renegotiation", _nway),
    KsftNamedVariant("down_up", _down_up),
    KsftNamedVariant("ethtool_reset", _ethtool_reset),
    KsftNamedVariant("pci_reset", _flr)])
@ksft_disruptive
def c30_pf_changes(cfg, change) -> None:
    """Changes and resets of the PF keep policy, and VFs are at work again."""
    vf, want = _decided(cfg)
    change(cfg)
    _kept(cfg, vf, want)
    cfg.ping("192.0.2.2")


@ksft_disruptive
def c31_pf_down(cfg) -> None:
    """With the PF down VFs reach each other and the wire."""
    vfs = cfg.sriov.fresh(2)
    for vf in vfs:
        vf.enter(f"kvf{vf.index}").up(f"192.0.2.{10 + vf.index}/24")
    cfg.pf_down()
    cfg.ping("192.0.2.11", ns="kvf0")
    cfg.ping("192.0.2.2", ns="kvf0")
    cfg.ping("192.0.2.2", ns="kvf1")
    ksft_true(all(vf.has_carrier() for vf in vfs), "VFs lost their carrier")


@ksft_disruptive
def c31_start_while_pf_down(cfg) -> None:
    """With the PF down VFs are created, bound and work."""
    cfg.sriov.fresh(0)
    cfg.pf_down()
    vfs = cfg.sriov.fresh(2)
    for vf in vfs:
        vf.enter(f"kvf{vf.index}").up(f"192.0.2.{10 + vf.index}/24")
    cfg.ping("192.0.2.11", ns="kvf0")
    cfg.ping("192.0.2.2", ns="kvf1")


@ksft_disruptive
def c34_pod(cfg) -> None:
    """As sriov-cni does: down, into a namespace, other names, address, MTU, up."""
    vf, _ = cfg.sriov.fresh(2)
    mac = vf.mac
    ip(f"link property add dev {vf.ifname} altname kwl0longername")
    ip(f"link set dev {vf.ifname} down")
    vf.enter("kvf0")
    vf.cmd(f"ip link property del dev {vf.ifname} altname kwl0longername")
    vf.cmd(f"ip link set dev {vf.ifname} name net1")
    vf.ifname = "net1"
    for new in OWN, OWN, mac, OWN:
        vf.cmd(f"ip link set dev net1 address {new}")
        ksft_eq(vf.mac, new)
    vf.cmd("ip link set dev net1 mtu 1400")
    vf.up("192.0.2.10/24")
    cfg.ping("192.0.2.2", ns="kvf0")
    # And back
    vf.cmd("ip link set dev net1 down")
    vf.cmd(f"ip link set dev net1 address {mac}")
    vf.cmd("ip link set dev net1 mtu 1500 name kwlback0")
    ip("-n kvf0 link set dev kwlback0 netns 1")
    vf.ns, vf.ifname = None, "kwlback0"
    ksft_eq((vf.mac, vf.link()["mtu"]), (mac, 1500))


@ksft_disruptive
def c34_up_down(cfg) -> None:
    """200 times up and down, and it works."""
    vf, _ = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    lines = f"link set dev {vf.ifname} down\nlink set dev {vf.ifname} up\n"
    cmd(f"printf '{lines * 200}' | ip -n kvf0 -batch -", shell=True,
        timeout=80)
    until(vf.has_carrier, what="carrier")
    cfg.ping("192.0.2.2", ns="kvf0")


@ksft_disruptive
def c35_mtu(cfg) -> None:
    """A VF's MTU beside a smaller one of the PF: refused, or it works."""
    vfs = cfg.sriov.fresh(2)
    for vf in vfs:
        vf.enter(f"kvf{vf.index}").up(f"192.0.2.{10 + vf.index}/24")
    for pf_mtu in 1500, 9000, 1500:
        ip(f"link set dev {cfg.ifname} mtu {pf_mtu}")
        taken = [vf.cmd(f"ip link set dev {vf.ifname} mtu 9000",
                        fail=False).ret == 0 for vf in vfs]
        ksft_eq(len(set(taken)), 1)
        ksft_true(taken[0] or pf_mtu == 1500, "refused beside a PF with 9000")
        ksft_eq([vf.link()["mtu"] for vf in vfs],
                [9000 if taken[0] else vf.link()["mtu"] for vf in vfs])
        if taken[0]:
            cfg.ping("192.0.2.11", ns="kvf0", size=8972)
        cfg.ping("192.0.2.2", ns="kvf0")
        cfg.ping("192.0.2.2")
        for vf in vfs:
            vf.cmd(f"ip link set dev {vf.ifname} mtu 1500")
    for mtu in 67, 0, 65536:
        with ksft_raises(CmdExitFailure):
            vfs[0].cmd(f"ip link set dev {vfs[0].ifname} mtu {mtu}")
        ksft_eq(vfs[0].link()["mtu"], 1500)


def _devlink(cfg, command):
    return tool("devlink", command.replace("DEV", f"pci/{cfg.sriov.dev.name}"),
                json=True)["dev"].get(f"pci/{cfg.sriov.dev.name}")


def c36_devlink_instance(cfg) -> None:
    """The PF is a devlink device, and says driver and versions."""
    name = f"pci/{cfg.sriov.dev.name}"
    ksft_in(name, tool("devlink", "dev show", json=True)["dev"])
    info = tool("devlink", f"dev info {name}", json=True)["info"][name]
    ksft_eq(info["driver"], os.path.basename(
        os.path.realpath(cfg.sriov.dev / "driver")))
    ksft_true(info.get("versions"), "no versions")


@ksft_disruptive
def c36_eswitch(cfg) -> None:
    """The mode is legacy, and can be set to that; switchdev is refused, and why."""
    cfg.sriov.fresh(2)
    name = f"pci/{cfg.sriov.dev.name}"
    for mode, err in (("legacy", ""), ("switchdev", "not supported"),
                      ("legacy", "")):
        done = cmd(f"devlink dev eswitch set {name} mode {mode}", fail=False)
        ksft_eq(done.ret == 0, not err, done.stderr)
        ksft_in(err, done.stderr)
        if err:
            ksft_in("Error: ", done.stderr, "no extack")
        shown = _devlink(cfg, "dev eswitch show DEV")
        ksft_eq((shown or {}).get("mode"), "legacy")
    ksft_eq(len(cfg.policy.all()), 2)


def _ethtool_i(ifname):
    return dict(line.split(": ", 1) for line in
                cmd(f"ethtool -i {ifname}").stdout.splitlines() if ": " in line)


@ksft_disruptive
def c37_ethtool(cfg) -> None:
    """ethtool -i names driver, version and PCI address, of PF and VF."""
    vf = cfg.sriov.fresh(1)[0]
    for ifname, dev in (cfg.ifname, cfg.sriov.dev), (vf.ifname, vf.dev):
        info = _ethtool_i(ifname)
        ksft_eq(info["driver"],
                os.path.basename(os.path.realpath(dev / "driver")))
        ksft_eq(info["bus-info"], os.path.basename(os.path.realpath(dev)))
        ksft_true(info.get("version"), "no version")


def _speed(path):
    """speed of an interface as sysfs has it; -1 where it refuses to say."""
    try:
        return int((path / "speed").read_text())
    except OSError as e:
        ksft_eq(e.errno, errno.EINVAL)
        return -1


@ksft_disruptive
def c37_speed(cfg) -> None:
    """1000 with link, -1 without or down; 65535 never. PF and VF."""
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    nets = [cfg.sriov.dev / "net" / cfg.ifname, vf.dev / "net" / vf.ifname]
    ksft_eq([_speed(net) for net in nets], [1000, 1000])
    defer(cfg.pf_up)
    defer(cfg.cable, "up")
    cfg.cable("down")
    until(lambda: not cfg.has_carrier() and not vf.has_carrier(), 10, "no link")
    ksft_eq([_speed(net) for net in nets], [-1, -1])
    ksft_not_in("65535", ethtool(cfg.ifname).stdout)
    cfg.cable("up")
    until(cfg.has_carrier, 5, "PF with carrier")
    cfg.pf_down()
    vf.cmd(f"ip link set dev {vf.ifname} down")
    ksft_eq([_speed(net) for net in nets], [-1, -1])
    for ifname in cfg.ifname, vf.ifname:
        ksft_in("Speed: Unknown!", ethtool(ifname).stdout)


@ksft_disruptive
def c44_driver_name(cfg) -> None:
    """Sysfs, ethtool and module agree on the drivers' names."""
    vf = cfg.sriov.fresh(1)[0]
    for dev, ifname, env in ((cfg.sriov.dev, cfg.ifname, "LAB_PF_DRIVER"),
                             (vf.dev, vf.ifname, "LAB_VF_DRIVER")):
        driver = os.path.basename(os.path.realpath(dev / "driver"))
        module = os.path.basename(os.path.realpath(dev / "driver/module"))
        ksft_eq({driver, module, _ethtool_i(ifname)["driver"]}, {driver})
        ksft_eq(driver, os.environ.get(env, driver))


@ksft_disruptive
def c44_known_to_clients(cfg) -> None:
    """Clients that look for igb and igbvf by name find it in the drivers' names."""
    vf = cfg.sriov.fresh(1)[0]
    names = [os.path.basename(os.path.realpath(dev / "driver"))
             for dev in (cfg.sriov.dev, vf.dev)]
    if not all("igb" in name for name in names):
        raise KsftXfailEx(f"{' and '.join(names)}: clients with a list of names "
                          "need these added")


CASES = [
    c29_flr, c29_flr_at_work, c29_rebind, c31_pf_down, c31_start_while_pf_down, c34_pod,
    c34_up_down, c35_mtu, c36_devlink_instance, c36_eswitch, c37_ethtool,
    c37_speed, c44_driver_name, c44_known_to_clients, c30_pf_changes]


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run(each_limited(CASES), args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

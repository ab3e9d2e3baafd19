#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""What ethtool offers on the PF for the link, its LEDs, its registers and its NVM."""

import fcntl
import json
import re
import socket
import struct
import subprocess

from lib.py import PfEnv, CmdExitFailure, KsftXfailEx, NetNSEnter, cmd, defer, \
    ethtool, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, \
    ksft_not_in, ksft_raises, ksft_run, ksft_true
from lib.py.pfregs import PfRegs

CTRL, LEDCTL = 0x00000, 0x00e00
RFCE, TFCE, FRCSPD = 1 << 27, 1 << 28, 1 << 11
GIGABIT = "1000baseT/Full"
SIOCGMIIPHY, SIOCGMIIREG, SIOCSMIIREG = 0x8947, 0x8948, 0x8949
ETHERTYPE = 0x88b5      # for experiments


def _json(args):
    return json.loads(subprocess.run(["ethtool", "--json", *args.split()],
                                     check=True, capture_output=True,
                                     text=True).stdout)[0]


def _link(cfg):
    return _json(cfg.ifname)


def _restore_link(cfg):
    # 10 and 100 both ways, 1000 full, and pause frames both ways
    ethtool(f"-s {cfg.ifname} autoneg on advertise 0x202f")
    ethtool(f"-A {cfg.ifname} autoneg on rx on tx on")
    until(cfg.has_carrier, what="carrier")


def _ctrl(cfg):
    regs = PfRegs(cfg.sriov.dev)
    try:
        return regs.rd(CTRL)
    finally:
        regs.close()


def _refused(cfg, args):
    """The settings are refused, and nothing changes."""
    before = _link(cfg)
    with ksft_raises(CmdExitFailure):
        ethtool(f"-s {cfg.ifname} {args}")
    ksft_eq(_link(cfg), before, args)


@ksft_disruptive
def link_modes(cfg) -> None:
    """The PHY's modes are supported and advertised, the partner's are shown."""
    cfg.sriov.fresh(0)
    until(cfg.has_carrier, what="carrier")
    info = _link(cfg)
    for mode in ("10baseT/Half", "10baseT/Full", "100baseT/Half",
                 "100baseT/Full", GIGABIT):
        ksft_in(mode, info["supported-link-modes"])
        ksft_in(mode, info["advertised-link-modes"])
    ksft_not_in("1000baseT/Half", info["supported-link-modes"])
    ksft_in(GIGABIT, info["link-partner-advertised-link-modes"])
    ksft_eq(info["auto-negotiation"], True)
    ksft_eq(info["supported-pause-frame-use"], "Symmetric Receive-only")


@ksft_disruptive
def advertise(cfg) -> None:
    """A subset of modes is advertised, kept over a reset, and given back."""
    cfg.sriov.fresh(0)
    defer(_restore_link, cfg)
    ethtool(f"-s {cfg.ifname} advertise 0x2020")
    ksft_eq(_link(cfg)["advertised-link-modes"], [GIGABIT])
    until(cfg.has_carrier, what="carrier")
    ethtool(f"--reset {cfg.ifname} irq dma filter offload mac phy")
    ksft_eq(_link(cfg)["advertised-link-modes"], [GIGABIT])
    until(cfg.has_carrier, what="carrier")
    cfg.ping_remote()


@ksft_disruptive
def forced(cfg) -> None:
    """100 Mb/s without autonegotiation: shown, in force, and given back."""
    cfg.sriov.fresh(0)
    defer(_restore_link, cfg)
    ethtool(f"-s {cfg.ifname} speed 100 duplex full autoneg off")
    until(lambda: _link(cfg).get("speed") == 100, what="100 Mb/s")
    info = _link(cfg)
    ksft_eq(info["auto-negotiation"], False)
    ksft_eq(info["duplex"], "Full")
    cfg.ping_remote()
    ethtool(f"-s {cfg.ifname} autoneg on")
    until(lambda: _link(cfg).get("speed") == 1000, what="1000 Mb/s")
    cfg.ping_remote()


@ksft_disruptive
def link_refusals(cfg) -> None:
    """What the device can't do is refused, and nothing changes."""
    cfg.sriov.fresh(0)
    until(cfg.has_carrier, what="carrier")
    for args in ("speed 1000 duplex full autoneg off",
                 "speed 10000 duplex full autoneg off",
                 "advertise 0x10", "advertise 0x1000", "port fibre",
                 "mdix on", "phyad 7"):
        _refused(cfg, args)
    if cfg.sriov.emulated:
        _refused(cfg, "advertise 0x0f")
    cfg.ping_remote()


@ksft_disruptive
def pause(cfg) -> None:
    """Pause frames: negotiated, forced one way, refused exactly, and counted."""
    cfg.sriov.fresh(0)
    defer(_restore_link, cfg)
    _restore_link(cfg)
    until(lambda: _ctrl(cfg) & (RFCE | TFCE) == RFCE | TFCE, what="both ways")
    ethtool(f"-A {cfg.ifname} autoneg off rx on tx off")
    shown = _json(f"-a {cfg.ifname}")
    ksft_eq((shown["autonegotiate"], shown["rx"], shown["tx"]),
            (False, True, False))
    until(lambda: _ctrl(cfg) & (RFCE | TFCE) == RFCE, what="receive only")
    ethtool(f"--reset {cfg.ifname} irq dma filter offload mac phy")
    until(cfg.has_carrier, what="carrier")
    until(lambda: _ctrl(cfg) & (RFCE | TFCE) == RFCE, what="after a reset")
    stats = _json(f"-I -a {cfg.ifname}")["statistics"]
    ksft_in("rx_pause_frames", stats)
    ksft_in("tx_pause_frames", stats)
    ethtool(f"-s {cfg.ifname} speed 100 duplex full autoneg off")
    with ksft_raises(CmdExitFailure):
        ethtool(f"-A {cfg.ifname} autoneg on rx on tx on")
    ksft_eq(_json(f"-a {cfg.ifname}")["autonegotiate"], False)


@ksft_disruptive
def identify(cfg) -> None:
    """ethtool -p makes the LEDs blink, and leaves them as they were."""
    regs = PfRegs(cfg.sriov.dev)
    defer(regs.close)
    before = regs.rd(LEDCTL)
    with subprocess.Popen(["ethtool", "-p", cfg.ifname, "2"]) as blink:
        until(lambda: regs.rd(LEDCTL) & 0x80808080 == 0x80808080,
              what="blinking LEDs")
        blink.wait()
    ksft_eq(regs.rd(LEDCTL), before)


def eeprom(cfg) -> None:
    """ethtool -e shows NVM, whose address is the PF's; a write is refused."""
    raw = subprocess.run(["ethtool", "-e", cfg.ifname, "raw", "on"],
                         check=True, capture_output=True).stdout
    link = _json_link(cfg)
    ksft_eq(raw[:6].hex(":"), link.get("permaddr", link["address"]))
    words = [int.from_bytes(raw[i:i + 2], "little") for i in range(0, 128, 2)]
    ksft_eq(sum(words) & 0xffff, 0xbaba, "checksum")
    part = subprocess.run(["ethtool", "-e", cfg.ifname, "raw", "on", "offset",
                           "1", "length", "4"], check=True,
                          capture_output=True).stdout
    ksft_eq(part, raw[1:5])
    with ksft_raises(CmdExitFailure):
        ethtool(f"-E {cfg.ifname} magic 0x10c98086 offset 0 value 0")


def _json_link(cfg):
    return ip(f"link show dev {cfg.ifname}", json=True)[0]


def registers(cfg) -> None:
    """ethtool -d has pairs of offset and value that are what the device holds."""
    raw = subprocess.run(["ethtool", "-d", cfg.ifname, "raw", "on"],
                         check=True, capture_output=True).stdout
    words = memoryview(raw).cast("I")
    dump = dict(zip(words[::2], words[1::2]))
    regs = PfRegs(cfg.sriov.dev)
    defer(regs.close)
    mac = bytes.fromhex(_json_link(cfg)["address"].replace(":", ""))
    for reg in (CTRL, 0x5818, 0x5400):
        ksft_eq(dump[reg], regs.rd(reg), hex(reg))
    ksft_true(any(dump[off] == int.from_bytes(mac[:4], "little")
                  for off in dump if 0x5400 <= off < 0x5480), "own address")
    ksft_not_in(0x4000, dump)


def _packets(ifname):
    """A socket for frames of an EtherType of our own that are received."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((ifname, ETHERTYPE))
    sock.settimeout(10)
    return sock


def _frame(to, length):
    """A frame of so many octets, without FCS."""
    head = bytes.fromhex(to.replace(":", "")) + bytes(6) + \
        ETHERTYPE.to_bytes(2, "big")
    return head.ljust(length, b"k")


def _feature(cfg, name):
    state = _json(f"-k {cfg.ifname}")[name]
    return state["active"], state["requested"]


def _reaches_wire(cfg):
    return cmd(f"ping -q -c 1 -W 1 {cfg.remote_addr_v['4']}", fail=False).ret == 0


@ksft_disruptive
def loopback(cfg) -> None:
    """The PHY returns what is sent, and no wire; not while there are VFs."""
    cfg.sriov.fresh(0)
    until(cfg.has_carrier, what="carrier")
    defer(cfg.ping, cfg.remote_addr_v["4"])
    defer(ethtool, f"-K {cfg.ifname} loopback off")
    sock = _packets(cfg.ifname)
    defer(sock.close)
    frame = _frame(_json_link(cfg)["address"], 200)

    ethtool(f"-K {cfg.ifname} loopback on")
    until(cfg.has_carrier, what="carrier")
    sock.send(frame)
    ksft_eq(sock.recv(2048), frame)
    ksft_eq(_reaches_wire(cfg), False)
    # A reset, and other settings, leave it as it is
    ethtool(f"--reset {cfg.ifname} irq dma filter offload mac phy")
    until(cfg.has_carrier, what="carrier")
    sock.send(frame)
    ksft_eq(sock.recv(2048), frame)

    cfg.sriov.set(1)
    ksft_eq(_feature(cfg, "loopback"), (False, True))
    until(lambda: _reaches_wire(cfg), what="the wire")
    cfg.sriov.set(0)
    ksft_eq(_feature(cfg, "loopback"), (True, True))
    ksft_eq(_reaches_wire(cfg), False)
    ethtool(f"-K {cfg.ifname} loopback off")
    until(lambda: _reaches_wire(cfg), what="the wire")


@ksft_disruptive
def rx_fcs(cfg) -> None:
    """Frames with their FCS, for whoever wants it; not while there are VFs."""
    cfg.sriov.fresh(0)
    until(cfg.has_carrier, what="carrier")
    here = _packets(cfg.ifname)
    defer(here.close)
    with NetNSEnter(cfg.remote.name):
        there = _packets(cfg.remote_ifname)
    defer(there.close)
    mac = _json_link(cfg)["address"]

    def arrives(more):
        for length in (60, 300, 1514):
            there.send(_frame(mac, length))
            data = here.recv(4096)
            ksft_eq(data[:length], _frame(mac, length))
            ksft_eq(len(data), length + more)
        cfg.ping_remote(size=1400)
    arrives(0)
    ethtool(f"-K {cfg.ifname} rx-fcs on")
    defer(ethtool, f"-K {cfg.ifname} rx-fcs off")
    arrives(4)
    cfg.sriov.set(1)
    ksft_eq(_feature(cfg, "rx-fcs"), (False, True))
    arrives(0)
    cfg.sriov.set(0)
    arrives(4)
    ethtool(f"-K {cfg.ifname} rx-fcs off")
    arrives(0)


@ksft_disruptive
def while_down(cfg) -> None:
    """What is chosen while the interface is down is kept, and in force when it is up."""
    cfg.sriov.fresh(0)
    defer(_restore_link, cfg)
    cfg.pf_down()
    ethtool(f"-s {cfg.ifname} advertise 0x2020")
    ethtool(f"-A {cfg.ifname} autoneg off rx on tx off")
    ethtool(f"-K {cfg.ifname} loopback on rx-fcs on")
    defer(ethtool, f"-K {cfg.ifname} loopback off rx-fcs off")
    # The link itself comes and goes meanwhile
    for args in ("advertise 0x10", "speed 1000 duplex full autoneg off"):
        with ksft_raises(CmdExitFailure):
            ethtool(f"-s {cfg.ifname} {args}")
    ksft_eq(_link(cfg)["advertised-link-modes"], [GIGABIT])
    ip(f"link set dev {cfg.ifname} up")
    until(cfg.has_carrier, what="carrier")
    sock = _packets(cfg.ifname)
    defer(sock.close)
    frame = _frame(_json_link(cfg)["address"], 200)
    sock.send(frame)
    ksft_eq(len(sock.recv(2048)), 204)
    ethtool(f"-K {cfg.ifname} loopback off rx-fcs off")
    ksft_eq(_link(cfg)["advertised-link-modes"], [GIGABIT])
    until(lambda: _ctrl(cfg) & (RFCE | TFCE) == RFCE, what="receive only")
    until(lambda: _reaches_wire(cfg), what="the wire")


def _mii(ifname, request, phy=0, reg=0):
    """An ioctl of mii-tool. Return: number of the PHY, and the register's value."""
    with socket.socket() as sock:
        data = fcntl.ioctl(sock, request, struct.pack(
            "16s4H8x", ifname.encode(), phy, reg, 0, 0))
    phy, _, _, value = struct.unpack("16x4H8x", data)
    return phy, value


def mii(cfg) -> None:
    """mii-tool reads the PHY, and nobody writes to it."""
    phy, _ = _mii(cfg.ifname, SIOCGMIIPHY)
    status = _mii(cfg.ifname, SIOCGMIIREG, phy, 1)[1]
    ksft_true(status & 0x0004, "link in BMSR")
    ksft_eq(_mii(cfg.ifname, SIOCGMIIREG, phy, 4)[1] & 0x01e0, 0x01e0)
    for request, other in ((SIOCGMIIREG, phy + 1), (SIOCSMIIREG, phy)):
        with ksft_raises(OSError):
            _mii(cfg.ifname, request, other, 0)


def _no(args, *reasons):
    """A command is refused, and says why."""
    out = cmd(f"ethtool {args}", fail=False)
    ksft_true(out.ret, f"accepted: {args}")
    for reason in reasons:
        ksft_in(reason, out.stderr + out.stdout)


def refused(cfg) -> None:
    """What an 82576 doesn't have is refused."""
    _no(f"--set-eee {cfg.ifname} eee on", "not supported")
    _no(f"--show-eee {cfg.ifname}", "not supported")
    _no(f"-G {cfg.ifname} tx-push on", "not supported")
    _no(f"-G {cfg.ifname} tcp-data-split on", "not supported")
    _no(f"--set-priv-flags {cfg.ifname} legacy-rx on")
    _no(f"-m {cfg.ifname}", "not supported")
    _no(f"-N {cfg.ifname} flow-type tcp4 dst-port 80 action 1")


def wake(cfg) -> None:
    """Wake-on-LAN: ARP and SecureOn never; nothing where there is no PME."""
    _no(f"-s {cfg.ifname} wol a", "unsupported WoL mode")
    _no(f"-s {cfg.ifname} wol s sopass 02:00:00:00:00:01")
    info = ethtool(cfg.ifname).stdout
    if cfg.sriov.emulated:
        ksft_in("Supports Wake-on: d", info)
        _no(f"-s {cfg.ifname} wol g", "unsupported WoL mode")
    else:
        ksft_in("Supports Wake-on: pumbg", info)
    before = re.search(r"^\s*Wake-on: (\w+)", info, re.M)[1]
    ethtool(f"-s {cfg.ifname} wol {before}")
    ksft_in(f"Wake-on: {before}", ethtool(cfg.ifname).stdout)


@ksft_disruptive
def wake_kept(cfg) -> None:
    """Each mode of Wake-on-LAN is kept over a reset, and refused modes change nothing."""
    if cfg.sriov.emulated:
        raise KsftXfailEx("the emulated device has no PME, so no mode can be chosen")
    before = re.search(r"^\s*Wake-on: (\w+)", ethtool(cfg.ifname).stdout, re.M)[1]
    defer(ethtool, f"-s {cfg.ifname} wol {before}")
    for modes in ("g", "u", "mb", "p", "d"):
        ethtool(f"-s {cfg.ifname} wol {modes}")
        ethtool(f"--reset {cfg.ifname} irq dma filter offload mac phy")
        _no(f"-s {cfg.ifname} wol a", "unsupported WoL mode")
        shown = re.search(r"^\s*Wake-on: (\w+)", ethtool(cfg.ifname).stdout, re.M)[1]
        ksft_eq(sorted(shown), sorted(modes))


def statistics(cfg) -> None:
    """What standard groups and queues have to show is there."""
    def groups():
        return ethtool(f"-S {cfg.ifname} --groups eth-mac eth-phy rmon").stdout
    for name in ("FramesTransmittedOK", "FramesReceivedOK", "OctetsReceivedOK",
                 "FrameCheckSequenceErrors", "CarrierSenseErrors",
                 "SymbolErrorDuringCarrier",
                 "etherStatsUndersizePkts", "etherStatsJabbers"):
        ksft_in(name, groups())


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([link_modes, advertise, forced, link_refusals, pause, identify,
                  eeprom, registers, loopback, rx_fcs, while_down, mii, refused,
                  wake, wake_kept, statistics], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

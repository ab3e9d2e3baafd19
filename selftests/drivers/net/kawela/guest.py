#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""A VF inside a nested guest VM."""

import re
import shlex
import time

from lib.py import PfEnv, KsftSkipEx, Vf, bkg, cmd, defer, ip, until, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, ksft_lt, \
    ksft_ne, ksft_pr, ksft_run

# More than `guest start` waits for a guest and, once more, for another
START = 1800
# Seconds, on a busy machine, too; what was measured is printed
EFFECT = 30
BACK = 30
# For a command in it
PATIENCE = 90


class Guest:
    """The guest VM that VF 0 is given to; it is stopped when the case ends, unless
    it is to STAY."""

    def __init__(self, options="", stay=False):
        try:
            cmd("guest list")
        except FileNotFoundError:
            raise KsftSkipEx("nobody here can start guest VMs") from None
        # A start that takes too long may leave one, too
        self.running, self._started = True, False
        if not stay:
            defer(self.stop)
        cmd(f"guest start guest0 --vf 0 {options}", timeout=START)
        self._started = True

    def cmd(self, comm, **kwargs):
        """Run a command in the guest, which is slow on a machine that is busy."""
        return cmd(["ssh", "guest0", comm], **{"timeout": PATIENCE} | kwargs)

    def load(self, driver):
        """Load a driver for the VF there, and wait for carrier."""
        self.cmd(f"modprobe {driver}; . /usr/local/lib/lab/common.sh; "
                 "wait_for 30 test -e /sys/class/net/eth0; "
                 "ip link set eth0 up; ip addr add 192.0.2.10/24 dev eth0")
        until(lambda: "LOWER_UP" in self.cmd("ip link show eth0").stdout,
              what="carrier in the guest")
        ksft_in(f"driver: {driver}", self.cmd("ethtool -i eth0").stdout)

    def ping(self, addr, count=3):
        """Ping an address from the guest."""
        self.cmd(f"ping -q -c {count} -i 0.1 -W 3 {addr}")

    def stop(self, options=""):
        """Power it off, in order unless told otherwise."""
        if self.running:
            self.running = False
            cmd(f"guest stop guest0 {options}", timeout=240, fail=self._started)


def vf0_back(cfg, addr):
    """VF 0, which a guest had, in a namespace of the host."""
    until(lambda: Vf(cfg.sriov, 0).ifname, 10, "VF 0's interface")
    vf = Vf(cfg.sriov, 0)
    vf.enter("kvf0").up(addr)
    return vf


def _vf1(cfg):
    vf = Vf(cfg.sriov, 1)
    vf.enter("kvf1").up("192.0.2.11/24")
    return vf


def _at_work(cfg, guest, vf1):
    """What a VF does on the host it does in a guest."""
    read = cfg.trace()
    guest.load("kawelavf")
    ksft_in("PF vf=0 recv RESET", "\n".join(read()))
    _reaches(cfg, guest)

    guest.cmd("ip link set eth0 mtu 9000")
    vf1.cmd(f"ip link set dev {vf1.ifname} mtu 9000")
    guest.cmd("ping -q -c 2 -i 0.1 -W 3 -M do -s 8972 192.0.2.11")
    guest.cmd("ip link set eth0 address 02:00:00:00:05:40")
    guest.ping(cfg.remote_addr_v["4"])
    guest.cmd("ip link add link eth0 name v100 type vlan id 100 && "
              "ip addr add 198.51.100.10/24 dev v100 && ip link set v100 up")
    vf1.cmd(f"ip link add link {vf1.ifname} name v100 type vlan id 100")
    vf1.cmd("ip addr add 198.51.100.11/24 dev v100")
    vf1.cmd("ip link set dev v100 up")
    guest.ping("198.51.100.11")


def _pf_goes_down(cfg, guest):
    """The guest goes on without the PF's interface."""
    cfg.pf_down()
    guest.ping("192.0.2.11")
    cfg.pf_up()
    guest.ping(cfg.addr_v["4"])


def _effect(guest, change, shell, want):
    """Seconds from a change here until the guest sees it."""
    watch = f"until [ \"$({shell})\" = '{want}' ]; do sleep 0.02; done"
    with bkg(["ssh", "guest0", f"timeout 60 sh -c {shlex.quote(watch)}"],
             exit_wait=True) as seen:
        begin = time.monotonic()
        ip(change)
        seen.proc.wait(timeout=75)
        took = time.monotonic() - begin
    ksft_eq(seen.ret, 0, f"{change}: {guest.cmd(shell).stdout.strip()}")
    return took


def _policy_changes(cfg, guest):
    """What the administrator changes takes effect."""
    addr, carrier = (f"cat /sys/class/net/eth0/{f}" for f in ("address", "carrier"))
    vf0 = f"link set dev {cfg.ifname} vf 0"
    slowest = 0
    for change, shell, want in (
            ("mac 02:00:00:00:05:61", addr, "02:00:00:00:05:61"),
            ("state disable", carrier, "0"),
            ("state enable", carrier, "1"),
            ("state auto", carrier, "1"),
            ("mac 02:00:00:00:05:62", addr, "02:00:00:00:05:62")):
        took = _effect(guest, f"{vf0} {change}", shell, want)
        ksft_pr(f"{change}: seen in the guest after {took:.2f} s")
        slowest = max(slowest, took)
    # The same once more: how long this machine takes to see that it is so already
    looking = _effect(guest, f"{vf0} {change}", shell, want)
    ksft_pr(f"seen at once after {looking:.2f} s")
    effect = max(EFFECT, 3 * looking)
    ksft_lt(slowest, effect)
    guest.ping(cfg.remote_addr_v["4"])

    # Its own address only while it is trusted
    set_mac = "ip link set eth0 address 02:00:00:00:05:63"
    ksft_ne(guest.cmd(set_mac, fail=False).ret, 0)
    ip(f"{vf0} trust on")
    until(lambda: guest.cmd(set_mac, fail=False).ret == 0, what="trust in the guest")
    took = _effect(guest, f"{vf0} trust off", addr, "02:00:00:00:05:62")
    ksft_lt(took, effect)
    ksft_in("pf_rx_packets", guest.cmd("ethtool -S eth0").stdout)


def _reaches_vf1(guest):
    """Seconds until the guest reaches VF 1."""
    begin = time.monotonic()
    guest.cmd("timeout 60 sh -c 'until ping -q -c 1 -W 0.2 192.0.2.11; do :; done'",
              timeout=75)
    return time.monotonic() - begin


def _pf_resets(cfg, guest):
    """The PF is reset, in two ways: the guest goes on."""
    allowed = max(BACK, 6 * _reaches_vf1(guest))
    for name, reset, *args in (
            ("ethtool", cmd, f"ethtool --reset {cfg.ifname} all"),
            ("FLR", write_sysfs, cfg.sriov.dev / "reset", 1)):
        reset(*args)
        took = _reaches_vf1(guest)
        ksft_pr(f"{name}: guest to VF 1 after {took:.2f} s, allowed {allowed:.2f}")
        ksft_lt(took, allowed)
        guest.ping(cfg.remote_addr_v["4"])
    ksft_eq(guest.cmd("cat /proc/sys/kernel/tainted").stdout.strip(), "12288")


def _vfs_removed(cfg, guest):
    """echo 0 waits for the guest to let go; until then everything works."""
    with bkg(f"echo 0 > {cfg.sriov.dev}/sriov_numvfs", shell=True,
             exit_wait=True) as disable:
        until(lambda: re.search("blocked|Relaying device request",
                                cmd("dmesg").stdout) or
              disable.proc.poll() is not None, 10, "the PCI core to wait")
        cfg.ping_remote()
        ip(f"link set dev {cfg.ifname} mtu 2000")
        ip(f"link set dev {cfg.ifname} mtu 1500")
        ksft_eq(disable.proc.poll(), None, "echo 0 didn't wait")
        guest.stop("--pull")
    ksft_eq(cfg.sriov.num, 0)
    ksft_lt(len(cfg.sriov.netdevs()), 1)
    cfg.ping_remote()


def _reaches(cfg, guest):
    """It reaches PF, VF 1 and the wire."""
    for addr in (cfg.addr_v["4"], "192.0.2.11", cfg.remote_addr_v["4"]):
        guest.ping(addr)
    cmd("ping -q -c 2 -i 0.1 -W 3 192.0.2.10", host=cfg.remote)
    ksft_eq(guest.cmd("cat /proc/sys/kernel/tainted").stdout.strip(), "12288")


@ksft_disruptive
def lives_on(cfg) -> None:
    """One guest at work, while the PF goes down, its policy changes, the PF is reset and
    the VFs are removed."""
    cfg.sriov.fresh(2)
    vf1 = _vf1(cfg)
    guest = Guest("--driver none")
    _at_work(cfg, guest, vf1)
    _pf_goes_down(cfg, guest)
    _policy_changes(cfg, guest)
    _pf_resets(cfg, guest)
    _vfs_removed(cfg, guest)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([lives_on], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

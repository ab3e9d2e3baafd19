#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
SR-IOV on a machine of any kind: what must work with its CPU, its IOMMU and its
SR-IOV device, whatever they are. What one of them can't do is an expected failure.

VF 0 is in a guest VM and VF 1 in a namespace here, from case to case.
"""

import hashlib
import os
import re

from guest import Guest

from lib.py import PfEnv, KsftXfailEx, Vf, bkg, cmd, ip, rand_port, until, \
    wait_port_listen, write_sysfs
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_gt, ksft_in, ksft_pr, \
    ksft_run, ksft_true

GUEST, VF1 = "192.0.2.10", "192.0.2.11"
# How the kernel names what QEMU calls so, in /sys/class/iommu
IOMMUS = {"intel-iommu": "dmar", "amd-iommu": "ivhd"}
LINES = 600000
REACHED = 60


class Platform:
    """What stays from case to case, made by the first that needs it."""

    def __init__(self, cfg):
        self.cfg = cfg
        self.ours = os.environ.get("LAB_PF_DRIVER") == "kawela"
        # Does the driver go on after a reset?
        self.survives = self.ours
        self._guest = None
        self._vf1 = None

    @property
    def vf1(self):
        """VF 1, at work in a namespace."""
        if not self._vf1:
            vf = self.cfg.sriov.set(2)[1]
            ip("netns add kvf1")
            ip(f"link set dev {vf.ifname} netns kvf1")
            vf.ns = "kvf1"
            vf.up(f"{VF1}/24")
            self._vf1 = vf
        return self._vf1

    @property
    def guest(self):
        """The guest with VF 0."""
        if not self._guest and self.vf1:
            self._guest = Guest(f"--addr {GUEST}/24", stay=True)
        return self._guest

    def reached(self, with_guest=True):
        """Guest and VF 1 reach each other, the PF and the wire."""
        for addr in (self.cfg.addr_v["4"], self.cfg.remote_addr_v["4"]):
            self.cfg.ping(addr, ns="kvf1")
        if with_guest:
            for addr in (self.cfg.addr_v["4"], VF1, self.cfg.remote_addr_v["4"]):
                self.guest.cmd(f"timeout {REACHED} sh -c "
                               f"'until ping -q -c 1 -W 1 {addr}; do :; done'")

    def close(self):
        """Nothing stays."""
        if self._guest:
            self._guest.stop()
            self._guest = None
        if self._vf1:
            # The VF comes back with the namespace's end
            ip("netns del kvf1")
            self._vf1 = None
        if self.cfg.sriov.num:
            self.cfg.sriov.write(0)


@ksft_disruptive
def vfs(cfg, here) -> None:
    """Two VFs come into being; one of them talks."""
    ksft_eq(cfg.sriov.num, 2)
    ksft_eq(len({here.vf1.pci, *(Vf(cfg.sriov, i).pci for i in range(2))}), 2)
    here.reached(with_guest=False)


@ksft_disruptive
def iommu(cfg, here) -> None:
    """The machine's IOMMU is at work, and PF and VFs are in groups of their own."""
    want = IOMMUS[os.environ["LAB_IOMMU"]]
    names = os.listdir("/sys/class/iommu")
    ksft_true(any(name.startswith(want) for name in names), f"{want}: {names}")
    devs = [cfg.sriov.dev, *(Vf(cfg.sriov, i).dev for i in range(2))]
    for dev in devs:
        ksft_eq(os.listdir(dev / "iommu_group/devices"), [dev.name])
    ksft_pr((here.vf1.dev / "iommu_group/type").read_text().strip())


@ksft_disruptive
def guest(_cfg, here) -> None:
    """A guest with VF 0 reaches PF, VF 1 and the wire; its interrupts are remapped."""
    here.reached()
    with open("/proc/interrupts", encoding="ascii") as file:
        lines = [line for line in file if "vfio-msix" in line]
    counts = [re.match(r" *\d+:((?: +\d+)+)", line)[1].split() for line in lines]
    ksft_gt(sum(int(n) for count in counts for n in count), 0, "interrupts of VF 0")
    for line in lines:
        ksft_in("IR-", line)


def _received(where, script):
    """Run a script that prints a digest there."""
    return re.search(r"[0-9a-f]{64}", where(script).stdout)[0]


@ksft_disruptive
def tcp(cfg, here) -> None:
    """Octets by TCP between the guest and the PF, each way."""
    text = "".join(f"{n}\n" for n in range(1, LINES + 1)).encode()
    want = hashlib.sha256(text).hexdigest()
    ksft_pr(f"{len(text)} octets")
    port = rand_port()
    listen = f"socat -u TCP-LISTEN:{port},reuseaddr STDOUT | sha256sum"

    def send(to):
        return f"seq 1 {LINES} | socat -u STDIN TCP:{to}:{port},retry=20,interval=0.5"

    with bkg(listen, shell=True, exit_wait=True) as there:
        wait_port_listen(port)
        here.guest.cmd(send(cfg.addr_v["4"]), timeout=120)
    ksft_in(want, there.stdout)
    with bkg(["ssh", "guest0", listen], exit_wait=True) as there:
        cmd(send(GUEST), shell=True, timeout=120)
    ksft_in(want, there.stdout)


@ksft_disruptive
def mailbox(cfg, here) -> None:
    """What the administrator decides reaches the guest by the mailbox."""
    if not here.ours:
        raise KsftXfailEx("this one isn't kawela's")
    address = here.guest.cmd("cat /sys/class/net/eth0/address").stdout.strip()
    read = cfg.trace()
    for mac in "02:00:00:00:0f:01", address:
        ip(f"link set dev {cfg.ifname} vf 0 mac {mac}")
        until(lambda mac=mac: mac in here.guest.cmd(
            "cat /sys/class/net/eth0/address").stdout, 10, f"address {mac}")
    said = "\n".join(read())
    ksft_in("vf=0 send PF_CONTROL", said)
    ksft_in("vf=0 recv GET_POLICY", said)
    here.reached()


@ksft_disruptive
def flr_of_vf(cfg, here) -> None:
    """A VF is reset by FLR: its driver goes on, and the guest notices nothing."""
    ksft_in("flr", (here.vf1.dev / "reset_method").read_text())
    write_sysfs(here.vf1.dev / "reset", 1)
    here.guest.ping(cfg.addr_v["4"])
    try:
        # Where the PF isn't ours each run may wait for this in vain
        until(lambda: cmd(f"ping -q -c 1 -W 1 {cfg.remote_addr_v['4']}", ns="kvf1",
                          fail=False).ret == 0, 5 if here.ours else 1, "an answer")
        here.survives = True
    except TimeoutError:
        if here.ours:
            raise
        raise KsftXfailEx("virtio_net of this kernel isn't told of resets") from None
    here.reached()


@ksft_disruptive
def flr_of_pf(cfg, here) -> None:
    """The PF is reset by FLR under the guest: PF, VF 1 and guest go on."""
    if not here.survives:
        raise KsftXfailEx("nor is the PF's driver, which couldn't remove the VFs then")
    ksft_true(here.guest.running)
    ksft_in("flr", (cfg.sriov.dev / "reset_method").read_text())
    write_sysfs(cfg.sriov.dev / "reset", 1)
    cfg.ping(cfg.remote_addr_v["4"])
    here.reached()


@ksft_disruptive
def ats(cfg, here) -> None:
    """ATS is on for PF and VFs, and frames came through with it."""
    here.reached(with_guest=False)
    for dev in (cfg.sriov.dev, here.vf1.dev):
        out = cmd(f"lspci -vvs {dev.name}").stdout
        if "ATSCap:" not in out:
            raise KsftXfailEx(f"{dev.name} has no ATSCap")
        ksft_in("ATSCtl:	Enable+", out)


@ksft_disruptive
def removed(cfg, here) -> None:
    """The guest powers off, `echo 0` removes the VFs, and the PF goes on."""
    ksft_eq(here.guest.cmd("cat /proc/sys/kernel/tainted").stdout.strip(), "12288"
            if here.ours else "0")
    here.close()
    ksft_eq(cfg.sriov.num, 0)
    ksft_eq(list(cfg.sriov.dev.glob("virtfn*")), [])
    cfg.ping_remote()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        here = Platform(cfg)
        try:
            ksft_run([vfs, iommu, guest, tcp, mailbox, ats, flr_of_vf, flr_of_pf,
                      removed], args=(cfg, here))
        finally:
            here.close()
    ksft_exit()


if __name__ == "__main__":
    main()

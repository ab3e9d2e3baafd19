#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
A guest that obeys nothing has six VFs (hostile/), while the PF and the seventh are at
work. It gets nothing that policy forbids, and takes nothing from others.

KAWELA_SECONDS says for how long (45), KAWELA_SEED repeats what an earlier run did.
"""

import fcntl
import os
import re
import socket
import struct
import subprocess
import time
from pathlib import Path

from lib.py import PfEnv, Vf, cmd, defer, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_gt, ksft_in, \
    ksft_lt, ksft_pr, ksft_run, ksft_true
from lib.py.ends import End, tcp
from lib.py.kmsg import Kmsg
from lib.py.pfregs import vf_state
from lib.py.rawvf import without_drivers
from lib.py.vfio import from_vfio, to_vfio

SECONDS = int(os.environ.get("KAWELA_SECONDS", "45"))
SEED = os.environ.get("KAWELA_SEED", str(time.time_ns() // 1000))
PROGRAM = Path(__file__).parent / "hostile"
if PROGRAM.is_dir():        # not installed by kselftest, but where it was built
    PROGRAM /= "hostile"
# All there are; the last one is the victim
VFS = 7
VICTIM = VFS - 1
# VMOLR
ROPE, MPME = 1 << 26, 1 << 28
# Lines in the log that a VF may cause in a minute
LINES = 5
SIOCSIFMTU = 0x8922
# Requests of the victim after each conversation
REQUESTS = 20


def _say(what):
    """Tell whoever reads the kernel's log what is done from here on."""
    Path("/dev/kmsg").write_text(f"kawela selftest: {what}", encoding="ascii")


class Attack:
    """The program at work."""

    def __init__(self, vfs, macs):
        # pylint: disable-next=consider-using-with # until the case ends
        self._proc = subprocess.Popen(
            [PROGRAM, "-s", SEED, "-t", str(SECONDS),
             *(word for mac in macs for word in ("-a", mac)),
             *(vf.pci for vf in vfs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        defer(self.end)
        _say("a guest aims anywhere")
        self.begin = time.monotonic()
        ksft_eq(self._proc.stdout.readline().strip(), f"seed {SEED}")

    def goes_on(self):
        """Before its time is over."""
        return time.monotonic() < self.begin + SECONDS

    def result(self):
        """Wait until it stands still; it keeps its VFs. Return: {what: count}."""
        wrong = []
        while True:
            line = self._proc.stdout.readline()
            ksft_true(line, "the program ended by itself")
            if not line or line.startswith("done"):
                ksft_eq(wrong, [])
                ksft_pr(line.strip())
                return {what: int(n) for n, what in
                        re.findall(r"(\d+) (\w+)", line.partition(":")[2])}
            wrong.append(line.strip())

    def end(self):
        """Let go of the VFs."""
        if not self._proc.stdin.closed:
            self._proc.stdin.close()
            self._proc.wait(60)
            _say("")


class Victims:
    """PF, a VF and the wire, and what they say to each other."""

    def __init__(self, cfg, vf):
        self._vf = vf
        pf = End("pf", cfg.ifname, None, {4: cfg.addr_v["4"]})
        own = End("vf", vf.ifname, vf.ns, {4: "192.0.2.20"})
        wire = End("wire", cfg.remote_ifname, cfg.remote.name,
                   {4: cfg.remote_addr_v["4"]})
        self._pairs = [(pf, wire), (wire, own), (own, pf), (wire, pf), (own, wire)]
        with own.inside():
            self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        defer(self._sock.close)
        self.took = []
        self.talks = 0

    def _request(self, mtu):
        """The PF is asked for a length of frames. Return: seconds."""
        ifreq = struct.pack("16si20x", self._vf.ifname.encode(), mtu)
        begin = time.monotonic()
        fcntl.ioctl(self._sock, SIOCSIFMTU, ifreq)
        return time.monotonic() - begin

    def talk(self):
        """A conversation, checked octet by octet, and requests to the PF."""
        src, dst = self._pairs[self.talks % len(self._pairs)]
        ksft_eq(tcp(src, dst, 4, 100000), "", f"{src.name} to {dst.name}")
        self.talks += 1
        self.took += [self._request(1400 + i) for i in range(REQUESTS)]


def _part(took, share):
    """In how many ms such a share of the requests was done."""
    return sorted(took)[int(len(took) * share)] * 1000


def _filters():
    return cmd("cat /sys/kernel/debug/kawela/*/filters", shell=True).stdout


def _registers(name):
    """What a table of registers holds."""
    return [int(word, 16) for word in
            re.findall(rf"^{name}\[\d+\] 0x\w+ 0x(\w+)", _filters(), re.M)]


def _of_guest(pools):
    return pools & (1 << VICTIM) - 1


def _addresses(macs):
    """Each address has one owner, and those of others aren't the guest's."""
    owners = {}
    for low, high in zip(_registers("RAL"), _registers("RAH")):
        if not high >> 31:
            continue
        mac = (low | (high & 0xffff) << 32).to_bytes(6, "little").hex(":")
        ksft_true(mac not in owners, f"{mac} is there twice")
        owners[mac] = high >> 18 & 0xff
        ksft_eq(owners[mac].bit_count(), 1, f"pools of {mac}")
    for mac in macs:
        ksft_eq(_of_guest(owners.get(mac, 0)), 0, f"{mac} is the guest's")
    ksft_eq(owners.get(macs[0]), 1 << VFS, "the PF's address")
    ksft_eq(owners.get(macs[1]), 1 << VICTIM, "the victim's address")


def _rest():
    """VLANs within the share, nothing promiscuous, registers as they should be."""
    joined = [0] * VFS
    for entry in _registers("VLVF"):
        for i in range(VFS):
            joined[i] += entry >> 31 and entry & 0xfff and entry >> 12 + i & 1
    ksft_true(max(joined[:VICTIM]) <= 31 // VFS, f"VLANs: {joined}")
    for i, vmolr in enumerate(_registers("VMOLR")[:VICTIM]):
        ksft_eq(vmolr & (ROPE | MPME), 0, f"VMOLR of VF {i}")
    until(lambda: "differs" not in _filters(), 5, "filters as they should be")


def _carrier_changes(cfg):
    return int(cmd(f"cat /sys/class/net/{cfg.ifname}/carrier_changes").stdout)


def _log(kmsg, begin):
    """Few lines for each VF, no report, no reset of the PF."""
    lines = [text for _, text in kmsg.read()]
    minutes = (time.monotonic() - begin) // 60 + 1
    for i in range(VICTIM):
        said = [line for line in lines if re.search(rf"kawela .*VF {i}\b", line)]
        ksft_true(len(said) <= LINES * minutes, f"VF {i}: {said[:20]}")
    ksft_eq([line for line in lines if "connected to the PF" in line], [])


def _set_up(cfg):
    """Return: the VFs of the guest, the victim, and whose addresses are whose."""
    vfs = [Vf(cfg.sriov, i) for i in without_drivers(cfg, VFS)]
    for vf in vfs[:VICTIM]:
        to_vfio(vf)
        defer(from_vfio, vf)
    victim = vfs[VICTIM].bind("kawelavf")
    victim.enter("kvictim").up("192.0.2.20/24")
    decided = "02:00:00:00:66:99"
    ip(f"link set dev {cfg.ifname} vf 1 mac {decided}")
    return vfs[:VICTIM], victim, [cfg.link()["address"], victim.mac]


@ksft_disruptive
def attacked(cfg) -> None:
    """All of the above at once."""
    ksft_pr(f"KAWELA_SEED={SEED} KAWELA_SECONDS={SECONDS}")
    vfs, victim, macs = _set_up(cfg)
    victims = Victims(cfg, victim)
    for _ in range(5):
        victims.talk()
    before, victims.took = victims.took, []
    policy, kmsg = [cfg.policy.get(i) for i in range(VFS)], Kmsg()
    carrier = _carrier_changes(cfg)

    attack = Attack(vfs, macs)
    while attack.goes_on():
        victims.talk()
    done = attack.result()
    for what in ("acks", "nacks", "forged", "resets", "scribbles", "holds",
                 "interrupts"):
        ksft_gt(done[what], 0, what)
    ksft_eq(done["wrong"], 0)
    ksft_ge(victims.talks, 6)
    took = victims.took
    ksft_pr(f"{done['messages'] * 60 // SECONDS} messages a minute; "
            f"{len(took)} requests of the victim, in ms and to undisturbed: " +
            ", ".join(f"{word} {_part(took, share):.1f} (x "
                      f"{_part(took, share) / _part(before, share):.1f})"
                      for word, share in (("median", .5), ("p99", .99))))
    ksft_lt(max(took), 5, "seconds for a request of the victim")

    # It stands still now, with all that it was granted
    _addresses(macs)
    _rest()
    ksft_eq([cfg.policy.get(i) for i in range(VFS)], policy)
    ksft_eq(_carrier_changes(cfg), carrier, "changes of the PF's carrier")
    _log(kmsg, attack.begin)
    ksft_pr(f"budget: {[vf_state(i) for i in range(VICTIM)]}")
    victims.talk()
    attack.end()
    until(lambda: not any(vf_state(i)["active"] for i in range(VICTIM)), 15,
          "VFs without a guest")
    ksft_in("VFRE[0]", _filters())


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([attacked], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

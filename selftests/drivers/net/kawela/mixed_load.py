#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Everything at once: TCP both ways and small UDP, while rings, MTU, moderation and
XDP programs change and other VFs come and go. No connection may be lost, and
nothing may be left behind. KAWELA_SECONDS says for how long (15).
"""

import contextlib
import itertools
import json
import os
import subprocess
import time
from pathlib import Path

from lib.py import NetdevFamily, NetNSEnter, PfEnv, RINGS, cmd, defer, \
    ethtool, ip, until, wait_port_listen
from lib.py import bpf
from lib.py.leaks import kmemleak, pools_left
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_gt, ksft_lt, \
    ksft_pr, ksft_run, ksft_true

SECONDS = int(os.environ.get("KAWELA_SECONDS", "15"))
# Waits without a word from the other end that still are no lost connection
PATIENCE_MS = 20000
VFS = 4
WIRE_MTU = 4000
# What the kernel may keep of what it allocated; in KiB
SLAB_SLACK = 16384
PROGRAM = bpf.verdict(bpf.PASS)


class Flow:
    """One conversation with the wire, for the whole time."""

    def __init__(self, cfg, name, ns, port, options):
        self.name = name
        server = ["ip", "netns", "exec", cfg.remote.name, "iperf3", "-s", "-1",
                  "-p", str(port), "--rcv-timeout", str(PATIENCE_MS)]
        client = [*(["ip", "netns", "exec", ns] if ns else []), "iperf3", "-J",
                  "-c", cfg.remote_addr_v["4"], "-p", str(port), "--bidir",
                  "-t", str(SECONDS), "--rcv-timeout", str(PATIENCE_MS),
                  *options]
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        # pylint: disable=consider-using-with
        self._server = subprocess.Popen(server, stdout=subprocess.DEVNULL,
                                        **quiet)
        wait_port_listen(port, ns=cfg.remote.name)
        self._client = subprocess.Popen(client, stdout=subprocess.PIPE, **quiet)
        defer(self.end)

    def end(self):
        """Stop it, if it hasn't ended."""
        for proc in (self._client, self._server):
            proc.kill()
            proc.wait()

    def check(self):
        """It came to its own end, and something went each way."""
        out = json.loads(self._client.communicate(timeout=240)[0])
        ksft_eq(out.get("error", ""), "", f"error of {self.name}")
        end = out.get("end", {})
        for key in ("sum_received", "sum_received_bidir_reverse"):
            octets = end.get(key, {}).get("bytes", 0)
            ksft_pr(f"{self.name} {key}: {octets} octets")
            ksft_gt(octets, 0, f"{key} of {self.name}")


class Changes:
    """What is changed meanwhile, in turn."""

    def __init__(self, cfg, vf, others):
        self._cfg = cfg
        self._vf = vf
        self._others = itertools.cycle(others)
        self.count = 0

    def _both(self):
        return ((self._cfg.ifname, None), (self._vf.ifname, self._vf.ns))

    def rings(self, turn):
        """Other ring sizes."""
        for name, ns in self._both():
            ethtool(f"-G {name} rx {256 << turn % 2} tx {512 >> turn % 2}",
                    ns=ns)

    def mtu(self, turn):
        """Another MTU."""
        for name, ns in self._both():
            ip(f"link set dev {name} mtu {(1500, WIRE_MTU)[turn % 2]}", ns=ns)

    def moderation(self, turn):
        """Other interrupt rates."""
        for name, ns in self._both():
            ethtool(f"-C {name} " + ("adaptive-rx off rx-usecs 20",
                                 "adaptive-rx on")[turn % 2], ns=ns)

    def neighbours(self, _turn):
        """Another VF leaves its driver and comes back."""
        vf = next(self._others)
        vf.unbind()
        vf.bind("kawelavf")

    def xdp(self, _turn):
        """An XDP program that passes all comes and goes."""
        for name, ns in self._both():
            with NetNSEnter(ns) if ns else contextlib.nullcontext():
                bpf.attach(name, PROGRAM, frags=True)
                bpf.detach(name)

    def run(self, until_over):
        """One after the other."""
        steps = [self.rings, self.mtu, self.neighbours, self.moderation,
                 self.xdp]
        while not until_over():
            steps[self.count % len(steps)](self.count // len(steps))
            self.count += 1
        ksft_pr(f"{self.count} changes")


def _slab():
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines()
                if line.startswith("SUnreclaim:"))


def _ends(cfg):
    """The VF that carries traffic, and the others."""
    mtu = ip(f"link show dev {cfg.remote_ifname}", host=cfg.remote,
             json=True)[0]["mtu"]
    ip(f"link set dev {cfg.remote_ifname} mtu {WIRE_MTU}", host=cfg.remote)
    defer(ip, f"link set dev {cfg.remote_ifname} mtu {mtu}", host=cfg.remote)
    defer(ip, f"link set dev {cfg.ifname} mtu 1500")
    defer(ethtool, f"-G {cfg.ifname} {RINGS}")
    vf, *others = cfg.sriov.fresh(VFS)
    vf.enter("kvf0").up("192.0.2.10/24")
    cfg.ping_remote(ns="kvf0")
    cfg.ping_remote()
    return vf, others


@ksft_disruptive
def mixed_load(cfg) -> None:
    """Connections live through all changes, and nothing is left behind."""
    defer(ethtool, f"-C {cfg.ifname} adaptive-rx on")
    vf, others = _ends(cfg)
    # Not all that goes: changes need the processor, too
    tcp, small = ["-b", "8M"], ["-u", "-l", "64", "-b", "300K"]
    flows = [Flow(cfg, "TCP of the PF", None, 5301, tcp),
             Flow(cfg, "TCP of the VF", vf.ns, 5302, tcp),
             Flow(cfg, "UDP of the PF", None, 5303, small),
             Flow(cfg, "UDP of the VF", vf.ns, 5304, small)]
    end = time.monotonic() + SECONDS
    bpf.keep(PROGRAM, frags=True)
    changes = Changes(cfg, vf, others)
    changes.run(lambda: time.monotonic() > end and changes.count > SECONDS // 5)
    for flow in flows:
        flow.check()


@ksft_disruptive
def nothing_left(cfg) -> None:
    """A second round leaves no more in memory than the first."""
    cfg.sriov.fresh(0)
    before = _slab()
    for _ in range(3):
        cfg.sriov.set(VFS)
        cfg.sriov.set(0)
        ethtool(f"-G {cfg.ifname} rx 1024")
        ethtool(f"-G {cfg.ifname} {RINGS}")
    until(lambda: not pools_left(NetdevFamily()), 20, "page pools that wait for pages")
    ksft_lt(_slab() - before, SLAB_SLACK)
    ksft_eq(kmemleak(), [])
    ksft_true("stalled pool shutdown" not in cmd("dmesg").stdout)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([mixed_load, nothing_left], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

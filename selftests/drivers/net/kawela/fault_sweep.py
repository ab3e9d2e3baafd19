#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Allocations that the drivers cause fail, one at a time and in each place at least
once: in probe, open, each reconfiguration, creation of VFs, XDP, AF_XDP, requests by
mailbox, devlink, resets and sleep. What is refused leaves everything as it was, what
succeeds works, and nothing is left behind. KAWELA_SAMPLE=n tries each n-th only.
"""

import contextlib
import os
import shutil
from pathlib import Path

from lib.py import EthtoolFamily, KsftSkipEx, NetdevFamily, NetNSEnter, PfEnv, Vf, \
    RINGS, bpf, cmd, defer, ethtool, ip, until, xsk
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_in, \
    ksft_pr, ksft_run, ksft_true, ksft_variants
from lib.py.inject import Injector
from lib.py.leaks import dma_left, interrupts, kmemleak, pools_left

SAMPLE = int(os.environ.get("KAWELA_SAMPLE", "1"))
# More than any of these actions makes
MOST = 3000
# The largest step between failures in the same place, and where the kernel doesn't say
FAR = max(SAMPLE, 64)
NEAR = max(SAMPLE, 4)
PATIENCE = 60
DRIVERS = "/sys/bus/pci/drivers"
ADDR = {"vf": "192.0.2.10/24"}
# What else than ENOMEM the kernel itself answers when it gets no memory there
ERRORS = {"pci_request_selected_regions": {"EBUSY"}, "pci_alloc_irq_vectors": {"ENODEV", "ENOSPC"},
          "register_netdev": {"ENOBUFS"}}


class Subject:
    """The PF, or a VF in a network namespace, at work."""

    def __init__(self, cfg, ifname, ns=None):
        self._cfg = cfg
        self.ifname = ifname
        self.ns = ns
        with NetNSEnter(ns) if ns else contextlib.nullcontext():
            self._ethtool = EthtoolFamily()

    def comm(self, text):
        """A command where it is, in the process that a fault is meant for."""
        return f"exec ip netns exec {self.ns} {text}" if self.ns else f"exec {text}"

    def settings(self):
        """What a user can set and see."""
        header = {"header": {"dev-name": self.ifname}}
        link = ip(f"-d link show dev {self.ifname}", ns=self.ns, json=True)[0]
        return {"ring": self._ethtool.rings_get(header),
                "channels": self._ethtool.channels_get(header),
                "coalesce": self._ethtool.coalesce_get(header),
                "features": self._ethtool.features_get(header)["active"],
                "mtu": link["mtu"], "up": "UP" in link["flags"],
                "xdp": "xdp" in link, "address": link["address"]}

    def works(self):
        """There is traffic."""
        self._cfg.ping(self._cfg.remote_addr_v["4"], ns=self.ns)


class Sweep:
    """One action, with each of its allocations failing in its turn."""

    rows = []

    def __init__(self, cfg, name, spared=Injector.DMA_LIST):
        self.cfg = cfg
        self.name = name
        self.inject = Injector(spared)
        self.refused = self.done = 0
        self.sites = {}

    def each(self, attempt, kept, done, undo):
        """ATTEMPT with failure n; then KEPT if refused, else DONE and UNDO.

        A ring of buffers is hundreds of allocations in one place: while the place
        stays the same the steps grow, and when it changes the last step is made
        again in small ones.
        """
        low, step, site = 0, SAMPLE, None
        _says("an allocation fails")
        defer(_says, "")
        while low + step < MOST:
            out = attempt(low + step)
            self._judge(low + step, out, kept, done, undo)
            if step > SAMPLE and (not out.hit or out.site != site):
                step = SAMPLE
                continue
            if not out.hit:
                break
            low += step
            far = FAR if out.site else NEAR
            step = min(2 * step, far) if out.site == site else SAMPLE
            site = out.site
        self.report()

    def _count(self, out, what):
        if not out.hit:
            ksft_eq(out.error, "", f"{self.name} without a failure")
            return
        self.sites[out.site] = self.sites.get(out.site, 0) + 1
        if out.error:
            ksft_in(out.error, {"ENOMEM"} | ERRORS.get(out.site.split(" > ")[-1], set()), what)
            self.refused += 1
        else:
            self.done += 1

    def _judge(self, nth, out, kept, done, undo):
        what = f"{self.name}, allocation {nth} ({out.site})"
        self._count(out, what)
        try:
            if out.error:
                kept()
            else:
                done()
                undo()
        except Exception as e:
            raise RuntimeError(f"after {what}: {e}") from e

    def report(self):
        """A row of the table."""
        self.rows.append((self.name, self.refused + self.done, len(self.sites),
                          self.refused, self.done))
        ksft_pr(f"{self.name}: {self.refused} refused, {self.done} done another way")
        for site, count in sorted(self.sites.items()):
            ksft_pr(f"    {count:4} {site or 'the kernel says nothing (GFP_NOWARN)'}")


def _says(what):
    """Tell whoever reads the kernel's log what comes; reports.toml has it."""
    Path("/dev/kmsg").write_text(f"kawela selftest: {what}", encoding="ascii")


def _run(comm, fail=True):
    """A shell command of the test itself."""
    return cmd(comm, shell=True, fail=fail, timeout=PATIENCE)


def _pf(cfg):
    cfg.sriov.fresh(0)
    return Subject(cfg, cfg.ifname)


def _vf(cfg):
    """A VF at work. Return: Subject, and the Vf."""
    vf = cfg.sriov.fresh(1)[0]
    vf.enter("kvf0").up(ADDR["vf"])
    return Subject(cfg, vf.ifname, vf.ns), vf


def _end(cfg, end):
    return _pf(cfg) if end == "pf" else _vf(cfg)[0]


def _set(cfg, end, name, there, back, changed=True):
    """A setting that goes THERE and BACK, by commands of ethtool or ip."""
    subject = _end(cfg, end)
    sweep = Sweep(cfg, f"{end}: {name}")
    undo = there.split()[0] + " " + back
    there, back = (subject.comm(text.format(subject.ifname))
                   for text in (there, undo))
    before = subject.settings()
    defer(_run, back, fail=False)

    def kept():
        ksft_eq(subject.settings(), before, "settings")
        subject.works()

    def done():
        if changed:
            ksft_true(subject.settings() != before, "nothing has changed")
        subject.works()

    def undone():
        if changed:
            _run(back)
            ksft_eq(subject.settings(), before, "settings afterwards")
    sweep.each(lambda nth: sweep.inject.run(nth, there), kept, done, undone)


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def rings(cfg, end) -> None:
    """ethtool -G"""
    _set(cfg, end, "ring sizes", "ethtool -G {} rx 64 tx 72", f"-G {{}} {RINGS}")


@ksft_disruptive
def channels(cfg) -> None:
    """ethtool -L"""
    have = ethtool(f"-l {cfg.ifname}", json=True)[0]["combined"]
    _set(cfg, "pf", "queues", f"ethtool -L {{}} combined {1 if have > 1 else 2}",
         f"-L {{}} combined {have}")


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def coalesce(cfg, end) -> None:
    """ethtool -C"""
    _set(cfg, end, "moderation", "ethtool -C {} adaptive-rx off", "-C {} adaptive-rx on")


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def mtu(cfg, end) -> None:
    """ip link set mtu"""
    _set(cfg, end, "MTU", "ip link set dev {} mtu 1400", "link set dev {} mtu 1500")


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def features(cfg, end) -> None:
    """ethtool -K"""
    _set(cfg, end, "features", "ethtool -K {} rx off", "-K {} rx on")


@ksft_disruptive
def rules(cfg) -> None:
    """ethtool -X"""
    _set(cfg, "pf", "RSS table", "ethtool -X {} equal 1", "-X {} default",
         changed=False)


def _open(cfg, subject, name):
    sweep = Sweep(cfg, name)
    up, down = (subject.comm(f"ip link set dev {subject.ifname} {how}")
                for how in ("up", "down"))

    def bring_down():
        _run(down)
    bring_down()
    before = subject.settings()
    sweep.each(lambda nth: sweep.inject.run(nth, up),
               lambda: ksft_eq(subject.settings(), before, "settings"),
               subject.works, bring_down)
    ksft_true(sweep.refused + sweep.done, "no allocation failed")


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def opening(cfg, end) -> None:
    """ip link set up"""
    subject = _end(cfg, end)
    if end == "pf":
        defer(cfg.pf_up)
    _open(cfg, subject, f"{end}: open")


def _there_and_back(cfg, subject, name, there, back):
    sweep = Sweep(cfg, name)
    before = subject.settings()

    def kept():
        ksft_eq(subject.settings(), before, "settings")
        subject.works()

    def undo():
        _run(back)
        ksft_eq(subject.settings(), before, "settings afterwards")
    sweep.each(lambda nth: sweep.inject.run(nth, there), kept, subject.works, undo)


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def xdp(cfg, end) -> None:
    """An XDP program comes and goes."""
    subject = _end(cfg, end)
    path = bpf.pin(bpf.load(bpf.verdict(bpf.PASS)), "sweep")
    defer(os.unlink, path)
    on, off = ((subject.comm(f"ip -force link set dev {subject.ifname} xdpdrv {how}"))
               for how in (f"pinned {path}", "off"))
    _there_and_back(cfg, subject, f"{end}: XDP attach", on, off)
    _run(on)
    _there_and_back(cfg, subject, f"{end}: XDP detach", off, on)
    _run(off)


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def sockets(cfg, end) -> None:
    """AF_XDP's memory comes to a queue."""
    if end == "pf":
        subject = _pf(cfg)
    else:
        # The socket is of this namespace
        vf = cfg.sriov.fresh(1)[0]
        vf.up()
        subject = Subject(cfg, vf.ifname)
    sweep = Sweep(cfg, f"{end}: AF_XDP bind")
    before = subject.settings()
    sock = []

    def attempt(nth):
        out = []

        def once():
            drop()
            sock.append(xsk.Xsk(chunks=512, size=256))
            out.append(sweep.inject.call(nth, lambda: sock[0].bind(
                subject.ifname, 0, xsk.ZEROCOPY)))
            # An earlier socket lets go of its queue a little later
            return out[-1].error != "EBUSY"
        until(once, PATIENCE, what="a free queue")
        return out[-1]

    def drop():
        while sock:
            sock.pop().close()

    def kept():
        ksft_eq(sock[0].is_zero_copy, False)
        ksft_eq(subject.settings(), before, "settings")
        if end == "pf":
            subject.works()
    sweep.each(attempt, kept, lambda: ksft_true(sock[0].is_zero_copy), drop)


@ksft_disruptive
def numvfs(cfg) -> None:
    """sriov_numvfs, with the VFs' probe."""
    pf = _pf(cfg)
    sweep = Sweep(cfg, "pf: sriov_numvfs 2", Injector.ADD_VF)
    path = cfg.sriov.dev / "sriov_numvfs"

    def kept():
        ksft_eq(cfg.sriov.num, 0)
        pf.works()

    def done():
        ksft_eq(cfg.sriov.num, 2)
        # The kernel doesn't say when a VF's driver didn't come
        for i in range(2):
            if not Vf(cfg.sriov, i).driver:
                Vf(cfg.sriov, i).bind("kawelavf")
        until(lambda: len(cfg.sriov.netdevs()) == 2, PATIENCE, "two interfaces")
        pf.works()
    sweep.each(lambda nth: sweep.inject.run(nth, f"echo 2 > {path}"), kept, done,
               lambda: cfg.sriov.set(0))


@ksft_disruptive
def numvfs_gone(cfg) -> None:
    """sriov_numvfs 0: VFs can always go."""
    pf = _pf(cfg)
    cfg.sriov.set(2)
    path = cfg.sriov.dev / "sriov_numvfs"
    sweep = Sweep(cfg, "pf: sriov_numvfs 0")

    def gone():
        ksft_eq(cfg.sriov.num, 0)
        pf.works()
    sweep.each(lambda nth: sweep.inject.run(nth, f"echo 0 > {path}"), gone, gone,
               lambda: cfg.sriov.set(2))
    cfg.sriov.set(0)


def _bind(cfg, name, dev, driver, done):
    """Probe, by hand."""
    sweep = Sweep(cfg, name)
    bind = f"echo {dev.name} > {DRIVERS}/{driver}/bind"
    before = interrupts(dev)

    def kept():
        ksft_true(not (dev / "driver").exists(), "it has a driver")
        ksft_true(not (dev / "net").exists(), "it has an interface")
        ksft_eq(interrupts(dev), before, "interrupts")
        ksft_eq(dma_left(dev), [], "DMA memory")

    def undo():
        _run(f"echo {dev.name} > {DRIVERS}/{driver}/unbind")
        kept()
    undo_first = (dev / "driver").exists()
    if undo_first:
        _run(f"echo {dev.name} > {DRIVERS}/{driver}/unbind")
    before = interrupts(dev)
    sweep.each(lambda nth: sweep.inject.run(nth, bind), kept, done, undo)
    _run(bind)


@ksft_disruptive
def vf_probe(cfg) -> None:
    """A VF meets its driver."""
    vf = cfg.sriov.fresh(1)[0]

    def done():
        until((vf.dev / "net").exists, PATIENCE, "interface of the VF")
        again = Vf(cfg.sriov, 0)
        again.up()
    _bind(cfg, "vf: probe", vf.dev, "kawelavf", done)


def _pf_back(cfg):
    until((cfg.sriov.dev / "net").exists, PATIENCE, "interface of the PF")
    cmd(f"ip addr replace {cfg.addr_v['4']}/24 dev {cfg.ifname}")
    cfg.pf_up()


@ksft_disruptive
def pf_probe(cfg) -> None:
    """The PF meets its driver."""
    cfg.sriov.fresh(0)

    def done():
        _pf_back(cfg)
        cfg.ping(cfg.remote_addr_v["4"])
    _bind(cfg, "pf: probe", cfg.sriov.dev, "kawela", done)
    _pf_back(cfg)


def _repeat(cfg, end, name, comm, settled=None):
    """What can be done again and again, and changes nothing."""
    subject, vf = (_pf(cfg), None) if end == "pf" else _vf(cfg)
    sweep = Sweep(cfg, f"{end}: {name}")
    before = subject.settings()
    dev = vf.dev if vf else cfg.sriov.dev
    comm = comm.format(ifname=subject.ifname, dev=dev, pci=dev.name)

    def same():
        if settled:
            settled(cfg, vf)
        subject.works()
        ksft_eq(subject.settings(), before, "settings")
    text = comm if comm.startswith("echo") else subject.comm(comm)
    sweep.each(lambda nth: sweep.inject.run(nth, text), same, same, lambda: None)


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def function_reset(cfg, end) -> None:
    """FLR by sysfs."""
    _repeat(cfg, end, "function level reset", "echo 1 > {dev}/reset")


@ksft_disruptive
def pf_reset(cfg) -> None:
    """ethtool --reset"""
    _repeat(cfg, "pf", "ethtool --reset", "ethtool --reset {ifname} all")


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def ring_reset(cfg, end) -> None:
    """ethtool --reset of the rings"""
    _repeat(cfg, end, "ethtool --reset dma", "ethtool --reset {ifname} dma")


@ksft_disruptive
def self_test(cfg) -> None:
    """ethtool -t offline"""
    _repeat(cfg, "pf", "self-test", "ethtool -t {ifname} offline")


@ksft_disruptive
def diagnose(cfg) -> None:
    """devlink health diagnose, devlink dev info"""
    for name in ("tx", "mbx", "vf"):
        _repeat(cfg, "pf", f"devlink diagnose {name}",
                f"devlink health diagnose pci/{{pci}} reporter {name}")
    _repeat(cfg, "pf", "devlink info", "devlink dev info pci/{pci}")


@ksft_disruptive
def region(cfg) -> None:
    """A snapshot of the registers."""
    name = _run(f"devlink region show | grep -o 'pci/{cfg.sriov.dev.name}/[a-z_]*'"
               ).stdout.split()[0]

    def settled(_cfg, _vf):
        cmd(f"devlink region del {name} snapshot 1", fail=False)
    _repeat(cfg, "pf", "devlink region", f"devlink region new {name} snapshot 1",
            settled)


@ksft_disruptive
def sleep(cfg) -> None:
    """Suspend and resume."""
    path = Path("/sys/power/pm_async")
    before = path.read_text(encoding="ascii")
    defer(path.write_text, before, encoding="ascii")
    # Else others than this process call the drivers
    path.write_text("0", encoding="ascii")
    if not shutil.which("labctl"):
        raise KsftSkipEx("nobody here knows how to sleep")
    _repeat(cfg, "pf", "suspend and resume", "labctl sleep")


@ksft_disruptive
def vlan(cfg) -> None:
    """A VF asks for a VLAN."""
    subject, _ = _vf(cfg)
    sweep = Sweep(cfg, "vf: VLAN by mailbox")
    add = subject.comm(f"ip link add link {subject.ifname} name v100 type vlan id 100")

    def kept():
        ksft_true(cmd("ip link show dev v100", ns=subject.ns, fail=False).ret,
                  "v100 is there")
        subject.works()
    sweep.each(lambda nth: sweep.inject.run(nth, add), kept, subject.works,
               lambda: cmd("ip link del v100", ns=subject.ns))


@ksft_disruptive
def policy(cfg) -> None:
    """What the administrator decides for a VF."""
    subject, _ = _vf(cfg)
    for name, there, back in (("mac", "mac 02:00:00:00:06:10", "mac 00:00:00:00:00:00"),
                              ("rate", "max_tx_rate 100", "max_tx_rate 0"),
                              ("trust", "trust on", "trust off"),
                              ("state", "state enable", "state auto")):
        sweep = Sweep(cfg, f"pf: vf 0 {name}")
        before = cfg.policy.get(0)

        def kept(before=before):
            ksft_eq(cfg.policy.get(0), before, "policy")
            subject.works()
        sweep.each(lambda nth, sweep=sweep, there=there: sweep.inject.run(
            nth, f"exec ip link set dev {cfg.ifname} vf 0 {there}"), kept,
            lambda before=before: ksft_true(cfg.policy.get(0) != before),
            lambda back=back: cmd(f"ip link set dev {cfg.ifname} vf 0 {back}"))


@ksft_disruptive
def traffic(cfg) -> None:
    """One allocation of ten fails under traffic and mailbox requests; then all is well."""
    subject, vf = _vf(cfg)
    pf = Subject(cfg, cfg.ifname)
    before = subject.settings(), pf.settings()
    injector = Injector()
    injector.at_random(10)
    for i in range(10):
        cmd(f"ping -q -f -c 200 -w 5 {cfg.remote_addr_v['4']}", ns=vf.ns, fail=False,
            timeout=PATIENCE)
        for comm in (f"ip link add link {vf.ifname} name v{100 + i} type vlan id {100 + i}",
                     f"ip link set dev {vf.ifname} address 02:00:00:00:07:{i:02x}",
                     f"ip link del v{100 + i}"):
            vf.cmd(comm, fail=False)
    injector.at_random(0)
    cmd(f"ip link set dev {vf.ifname} address {before[0]['address']}", ns=vf.ns)
    subject.works()
    pf.works()
    ksft_eq((subject.settings(), pf.settings()), before)


@ksft_disruptive
def nothing_left(cfg) -> None:
    """After all that: no memory, no page pool, no mapping for DMA, no interrupt."""
    cfg.sriov.fresh(0)
    until(lambda: not pools_left(NetdevFamily()), PATIENCE, "page pools that wait for pages")
    ksft_eq(kmemleak(), [], "lost memory")
    defer(_pf_back, cfg)
    defer(_run, f"echo {cfg.sriov.dev.name} > {DRIVERS}/kawela/bind")
    _run(f"echo {cfg.sriov.dev.name} > {DRIVERS}/kawela/unbind")
    ksft_eq(dma_left(cfg.sriov.dev), [], "DMA memory")
    ksft_eq(interrupts(cfg.sriov.dev), [], "interrupts")
    _table()


def _table():
    line = "=" * 34 + " =========== ====== ======= ================"
    for text in (line, f"{'Action':34} allocations places refused done another way", line,
                 *(f"{name:34} {tried:11} {places:6} {no:7} {yes:16}"
                   for name, tried, places, no, yes in Sweep.rows), line):
        ksft_pr(text)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        # Where VFs are added the list of DMA mappings isn't spared: then it may end
        ksft_run([rings, channels, coalesce, mtu, features, rules, opening, xdp,
                  sockets, numvfs_gone, vf_probe, vlan, policy, function_reset, pf_reset,
                  ring_reset, self_test, diagnose, region, traffic, sleep, pf_probe,
                  nothing_left, numvfs], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

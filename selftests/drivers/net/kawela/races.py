#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Each going at a random moment of each coming, under floods of frames. Two or three
actions at once, each with a deadline; then the PF must have traffic. In the end all
that is left must be in order. KAWELA_SECONDS says for how long (60), KAWELA_SEED
repeats the plan of an earlier run (its log names the seed).
"""

import contextlib
import os
import random
import subprocess
import threading
import time
from pathlib import Path

from lib.py import CmdExitFailure, KsftSkipEx, NetdevFamily, PfEnv, Vf, bpf, \
    cmd, defer, errno_of, until, xsk
from lib.py import RINGS, ksft_disruptive, ksft_eq, ksft_exit, ksft_pr, \
    ksft_run, ksft_true, write_sysfs
from lib.py import aer
from lib.py.floods import Floods
from lib.py.kmsg import Kmsg
from lib.py.leaks import dma_left, kmemleak, pools_left
from lib.py.wait import SLOW

SECONDS = int(os.environ.get("KAWELA_SECONDS", "60"))
SEED = int(os.environ.get("KAWELA_SEED") or random.SystemRandom().randrange(1 << 32))
# No action may take longer, however busy the machine is
DEADLINE = 100 * SLOW
DRIVERS = Path("/sys/bus/pci/drivers")


class Machine:
    """The card, and what can be done with it. Actions ignore what is refused."""

    def __init__(self, cfg):
        self.cfg = cfg
        self.dev = cfg.sriov.dev
        self._sockets = []
        self._asleep = threading.Lock()
        self._programs = [bpf.verdict(bpf.PASS), bpf.back()]
        # The PCI core takes its lock for removals within sriov_numvfs, and waits for
        # sriov_numvfs while it holds it: a removal would end lockdep's work
        self._pulls = [] if os.path.exists("/proc/lockdep") else [self.pull]

    def keep_programs(self):
        """See bpf.keep()."""
        for program in self._programs:
            bpf.keep(program, frags=True)

    def vfs(self):
        """The VFs that exist now."""
        try:
            return [Vf(self.cfg.sriov, i) for i in range(self.cfg.sriov.num)]
        except (OSError, ValueError, IndexError):
            return []

    def vf_names(self):
        """Their interfaces."""
        return [vf.ifname for vf in self.vfs() if vf.ifname]

    def _one(self, which):
        """An interface by number: the PF's, or a VF's."""
        return ([self.cfg.ifname] * 2 + self.vf_names())[which % 4:][:1] or \
            [self.cfg.ifname]

    @staticmethod
    def _do(comm):
        cmd(comm, shell=True, fail=False, timeout=DEADLINE)

    def _write(self, path, value):
        self._do(f"echo {value} > {path}")

    def probe(self, _arg):
        """The PF leaves its driver, if it has one, and comes back."""
        self.remove(_arg)
        self._write(DRIVERS / "kawela/bind", self.dev.name)

    def remove(self, _arg):
        """The PF leaves its driver."""
        self._write(DRIVERS / "kawela/unbind", self.dev.name)

    def modprobe(self, _arg):
        """The PF's module goes and comes."""
        self.rmmod(_arg)
        self._do("modprobe kawela")

    def rmmod(self, _arg):
        """The PF's module goes."""
        self._do("rmmod kawela")

    def vf_probe(self, arg):
        """A VF leaves its driver, and comes back."""
        self.vf_remove(arg)
        for vf in self.vfs()[arg % 7:][:1]:
            self._write(DRIVERS / "kawelavf/bind", vf.pci)

    def vf_remove(self, arg):
        """A VF leaves its driver."""
        for vf in self.vfs()[arg % 7:][:1]:
            self._write(DRIVERS / "kawelavf/unbind", vf.pci)

    def opening(self, arg):
        """An interface goes down and up."""
        self.closing(arg)
        for name in self._one(arg):
            self._do(f"ip link set dev {name} up")

    def closing(self, arg):
        """An interface goes down."""
        for name in self._one(arg):
            self._do(f"ip link set dev {name} down")

    def rings(self, arg):
        """ethtool -G"""
        for name in self._one(arg):
            self._do(f"ethtool -G {name} rx {64 << arg % 5} tx {64 << arg % 4}")

    def channels(self, arg):
        """ethtool -L"""
        self._do(f"ethtool -L {self.cfg.ifname} combined {1 + arg % 8}")

    def mtu(self, arg):
        """Another MTU."""
        for name in self._one(arg):
            self._do(f"ip link set dev {name} mtu {(1500, 1400, 4000)[arg % 3]}")

    def xdp(self, arg):
        """A program comes."""
        for name in self._one(arg):
            bpf.attach(name, self._programs[arg % 2], frags=True)

    def xdp_off(self, arg):
        """A program goes."""
        for name in self._one(arg):
            self._do(f"ip link set dev {name} xdpdrv off")

    def socket(self, arg):
        """An AF_XDP socket comes, with its memory."""
        sock = xsk.Xsk(chunks=512, size=256)
        self._sockets.append(sock)
        sock.bind(self._one(arg)[0], arg % 4, xsk.ZEROCOPY)
        # Unless socket_off() has closed it since, and with it its memory
        with contextlib.suppress(TypeError, ValueError):
            sock.send(b"\xff" * 12 + b"\x88\xb5" + bytes(100))
            sock.wake_tx()

    def socket_off(self, _arg):
        """All AF_XDP sockets go."""
        while self._sockets:
            self._sockets.pop().close()

    def numvfs(self, arg):
        """All VFs go, others come."""
        self.no_vfs(arg)
        self._write(self.dev / "sriov_numvfs", (1, 2, 7, 2)[arg % 4])

    def no_vfs(self, _arg):
        """All VFs go."""
        self._write(self.dev / "sriov_numvfs", 0)

    def reset(self, _arg):
        """ethtool --reset"""
        self._do(f"ethtool --reset {self.cfg.ifname} all")

    def flr(self, _arg):
        """The PF's function level reset."""
        self._write(self.dev / "reset", 1)

    def vf_flr(self, arg):
        """A VF's function level reset."""
        for vf in self.vfs()[arg % 7:][:1]:
            self._write(vf.dev / "reset", 1)

    def recover(self, arg):
        """devlink's recovery: what the PF can repair, and what a VF can."""
        name = ("device", "mbx", "tx", "tx")[arg % 4]
        where = [self.dev.name] if arg % 4 < 3 else \
            [vf.pci for vf in self.vfs()[arg % 7:][:1]]
        for pci in where:
            self._do(f"devlink health recover pci/{pci} reporter {name}")

    def bus_error(self, _arg):
        """An error on the bus that isn't fatal."""
        aer.inject(self.dev, aer.COMPLETER_ABORT)

    def sleep(self, _arg):
        """All devices sleep and wake."""
        if self._asleep.acquire(blocking=False):
            self._do("labctl sleep")
            # The emulated link partner may hear nothing after it until it restarts
            for state in ("down", "up"):
                self._do(f"ip -n {self.cfg.remote.name} link set "
                         f"dev {self.cfg.remote_ifname} {state}")
            self._asleep.release()

    def pull(self, _arg):
        """The device is taken away, and found again."""
        self._write(self.dev / "remove", 1)
        self._write("/sys/bus/pci/rescan", 1)

    def coming(self):
        """Those that take long, so that others find them at work."""
        return [self.probe, self.probe, self.modprobe, self.vf_probe, self.opening,
                self.opening, self.rings, self.channels, self.numvfs, self.numvfs,
                self.reset, self.flr, self.vf_flr, self.recover, self.bus_error,
                self.socket, self.sleep, *self._pulls]

    def going(self):
        """Those that take something away."""
        return [self.remove, self.rmmod, self.vf_remove, self.closing, self.closing,
                self.rings, self.channels, self.mtu, self.xdp, self.xdp_off, self.socket,
                self.socket_off, self.no_vfs, self.reset, self.flr, self.vf_flr,
                self.recover, self.bus_error, self.sleep, *self._pulls]

    def removing(self):
        """Those by which VFs go, or may."""
        return [self.remove, self.rmmod, self.numvfs, self.no_vfs, self.probe,
                self.modprobe, self.pull]

    def settle(self):
        """Have a PF that is up, whatever there was."""
        said = ""
        if not (self.dev / "driver").exists():
            self._do("modprobe kawela")
            self._write("/sys/bus/pci/rescan", 1)
        if not (self.dev / "driver").exists():
            said = cmd(f"echo {self.dev.name} > {DRIVERS}/kawela/bind", shell=True,
                       fail=False, timeout=DEADLINE).stderr
        until((self.dev / "net").exists, DEADLINE, f"interface of the PF {said}")
        self._do(f"ip addr replace {self.cfg.addr_v['4']}/24 dev {self.cfg.ifname}")
        self._do(f"ip link set dev {self.cfg.ifname} up")
        for name in self.vf_names():
            self._do(f"ip link set dev {name} up")
        until(self._carrier, DEADLINE, "carrier of the PF")
        until(self._answer, DEADLINE, "answer from the link partner")

    def _answer(self):
        try:
            return cmd(f"ping -q -c 1 -W 1 {self.cfg.remote_addr_v['4']}",
                       fail=False).ret == 0
        except subprocess.TimeoutExpired:
            # Emulation loses a processor's timer sometimes, above all at resume
            return False

    def _carrier(self):
        path = Path(f"/sys/class/net/{self.cfg.ifname}/carrier")
        text = []
        # It can't be read while the interface is down
        return not errno_of(lambda: text.append(path.read_text(encoding="ascii"))) \
            and text[0].strip() == "1"

    def quiet(self):
        """As in the beginning."""
        self.socket_off(0)
        self.settle()
        self.no_vfs(0)
        for comm in (f"ip link set dev {self.cfg.ifname} xdpdrv off",
                     f"ip link set dev {self.cfg.ifname} mtu 1500",
                     f"ethtool -L {self.cfg.ifname} combined {os.cpu_count()}",
                     f"ethtool -G {self.cfg.ifname} {RINGS}"):
            self._do(comm)


class Hung(Exception):
    """An action takes longer than it may."""


class Round:
    """Some actions at once: one that comes, and others a little later."""

    # How long each took last, to choose moments within
    took = {}

    def __init__(self, rng, machine):
        coming, going = machine.coming(), machine.going()
        count = rng.choice((1, 1, 2))
        self._plan = [(rng.choice(coming), rng.randrange(1 << 16), 0)]
        self._plan += [(rng.choice(going), rng.randrange(1 << 16), rng.random())
                       for _ in range(count)]
        # The PCI core hangs on both at once; see testing.rst
        if any(func in machine.removing() for func, *_ in self._plan):
            self._plan = [step for step in self._plan if step[0] != machine.bus_error]
        self._begin = self._plan[0][0]
        self._wrong = []                # what no action may raise

    def __str__(self):
        return ", ".join(f"{func.__name__}({arg & 0xff}) at {when:.2f}"
                         for func, arg, when in self._plan)

    def _act(self, func, arg, when):
        time.sleep(when * self.took.get(self._begin.__name__, 0.3))
        begin = time.monotonic()
        try:
            func(arg)
        except (OSError, CmdExitFailure, KsftSkipEx):
            pass                        # refused, or nothing was there
        except Exception as err:        # pylint: disable=broad-exception-caught
            self._wrong.append(err)
        self.took[func.__name__] = min(2, time.monotonic() - begin)

    def run(self):
        """All of them; Hung if one doesn't end."""
        threads = [threading.Thread(target=self._act, args=step, daemon=True)
                   for step in self._plan]
        for thread in threads:
            thread.start()
        end = time.monotonic() + DEADLINE
        for thread in threads:
            thread.join(max(0, end - time.monotonic()))
        late = [str(step[0].__name__) for step, thread in zip(self._plan, threads)
                if thread.is_alive()]
        if late:
            # The kernel's log tells where
            Path("/proc/sysrq-trigger").write_text("w", encoding="ascii")
            raise Hung(f"{', '.join(late)} not within {DEADLINE} s of {self}")
        if self._wrong:
            raise self._wrong[0]


def _rounds(machine, log, seconds):
    """One after the other. Return: how many."""
    rng = random.Random(SEED)
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        now = Round(rng, machine)
        count += 1
        # Said before, because it may be the last words
        ksft_pr(f"round {count} of seed {SEED}: {now}")
        now.run()
        machine.settle()
        reports = log.reports()
        ksft_eq(reports, [], f"reports in round {count}: {now}")
        if reports:
            break
    return count


@ksft_disruptive
def races(cfg) -> None:
    """Nothing hangs, the kernel finds no error, and in the end all works."""
    machine = Machine(cfg)
    log = Kmsg()
    cfg.sriov.fresh(2)
    defer(cfg.pf_up)
    defer(machine.quiet)
    machine.keep_programs()
    ksft_pr(f"seed {SEED}, {SECONDS} s")
    with Floods(cfg, machine.vf_names) as floods:
        machine.settle()
        floods.at_work(60)
        count = _rounds(machine, log, SECONDS)
        ksft_pr(f"{count} rounds; bursts: {floods.counts()}")
    machine.quiet()
    cfg.pf_up()
    cfg.ping(cfg.remote_addr_v["4"])
    cfg.sriov.fresh(2)[0].enter("kvf0").up("192.0.2.10/24")
    cfg.ping(cfg.remote_addr_v["4"], ns="kvf0")
    ksft_eq(log.reports(), [])


@ksft_disruptive
def nothing_left(cfg) -> None:
    """No memory, no page pool and no mapping for DMA is left behind."""
    cfg.sriov.fresh(0)
    until(lambda: not pools_left(NetdevFamily()), 30, "page pools that wait for pages")
    ksft_eq(kmemleak(), [])
    machine = Machine(cfg)
    defer(cfg.pf_up)
    defer(machine.settle)
    write_sysfs(DRIVERS / "kawela/unbind", machine.dev.name)
    ksft_true(not dma_left(machine.dev), "DMA memory")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([races, nothing_left], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

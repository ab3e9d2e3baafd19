# SPDX-License-Identifier: GPL-2.0-only
"""`lab run`: from a topology and a command to an exit status."""

import contextlib
import dataclasses
import itertools
import os
import shutil
import socket
import sys
import termios
import time
from pathlib import Path

from . import accel, attach, build, cache, count, ending, images, kernels, payload, \
    programs, qemu, roots, together, topology, ui, vm
from .ui import LabError

_KEEP_RUNS = 40
TIMEOUT = 1800.0


def _artefacts(name):
    """A new directory for what a run leaves; old ones go."""
    top = cache.root() / "runs"
    top.mkdir(exist_ok=True)
    for path in sorted(top.iterdir())[:-_KEEP_RUNS]:
        # Others may have started so many while a long one goes on
        if not Path("/proc", path.name.rpartition("-")[2]).exists():
            cache.remove(path)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for n in itertools.count():
        path = top / f"{stamp}-{name}{n or ''}-{os.getpid()}"
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            return path


def _boot_files(work, kernel):
    """What guest VMs boot, where the host VM sees it."""
    (work / "boot").mkdir()
    for name, path in (("vmlinux", kernel.image), ("initrd", work / "initrd")):
        os.link(path, work / "boot" / name)


@contextlib.contextmanager
def _in_use(*paths):
    with contextlib.ExitStack() as stack:
        for path in paths:
            stack.enter_context(cache.lock(path.name, shared=True))
        yield


def _tree_files(work, kernel, selftests, counting):
    """What this checkout adds to the VM's root."""
    files = work / "files"
    (files / "usr/lib").mkdir(parents=True)
    (files / "usr/local/bin").mkdir(parents=True)
    shutil.copy(cache.TREE / "tools/kawela-mbx", files / "usr/local/bin")
    build.install(kernel, files)
    if counting:
        count.install(files)
    if selftests:
        source = cache.TREE / "selftests/drivers/net/kawela"
        target = files / "usr/lib/kselftest/drivers/net/kawela"
        shutil.copytree(source, target,
                        ignore=shutil.ignore_patterns("__pycache__"))
        programs.install(target)
    return files


@dataclasses.dataclass
class Ended:
    """How a run ended that went as far as the command's exit status."""

    status: int
    artefacts: Path
    events: list
    accelerator: str
    release: str
    reports: list     # of kernels, that aren't held against the run


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What somebody who runs something may want of the host VM, beside its command."""

    overrides: dict = dataclasses.field(default_factory=dict)   # of the topology
    qemu_args: tuple = ()
    gdb: int | None = None      # port of QEMU's gdbstub
    keep: bool = False          # stay after the command, until Ctrl-C
    within: str | None = None   # the machine that the command runs in


def _check_port(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError as err:
            raise LabError(f"--gdb {port}: {err.strerror}; name another port") from None


def _symbols(kern):
    """Where gdb finds the kernel's."""
    local = kern.directory / "local"
    tree = Path(local.read_text()) if local.exists() else kern.directory / "built"
    return tree / "vmlinux" if (tree / "vmlinux").exists() else kern.image


def _extra(wishes, kern, artefacts):
    """Arguments of QEMU, and what is told of them."""
    args = []
    if wishes.gdb:
        args += ["-gdb", f"tcp:127.0.0.1:{wishes.gdb}"]
        ui.tell("for gdb there are no deadlines, and no address is random: "
                f"gdb {_symbols(kern)} -ex 'target remote :{wishes.gdb}'")
    if wishes.keep:
        args += attach.qemu_arguments(artefacts)
    return [*args, *wishes.qemu_args]


def _terminal():
    """For a prompt in the host VM: what this terminal is like."""
    columns, lines = shutil.get_terminal_size()
    return {"TERM": os.environ.get("TERM", "linux"),
            "COLUMNS": str(columns), "LINES": str(lines)}


@dataclasses.dataclass(frozen=True)
class _Run:
    """What all machines of a run have in common."""

    topo: topology.Topology
    kern: kernels.Kernel
    how: str
    cmdline: str
    told: object
    wires: dict

    def machine(self, machine, work, argv, files, *, settings=None, share=None, disks=(),
                extra=(), **options):
        """The VM of a machine, with WORK for its initrd and artefacts. FILES lie over
        its root."""
        disks = [*disks, *roots.disks(machine)]
        payload.init_files(machine, files)
        payload.initrd(self.kern, work, {
            **self.topo.settings(machine), "LAB_ROLE": "host",
            "LAB_SHARE": "1" if share else "",
            "LAB_DISKS": " ".join(d for d, _ in disks), **(settings or {})}, argv, files)
        _boot_files(work, self.kern)
        return vm.Vm(machine, self.kern, self.how, work, share=share, disks=disks,
                     cmdline=f"{self.cmdline} {roots.cmdline(machine)}", told=self.told,
                     extra=[*roots.network(machine), *extra],
                     together=len(self.topo.machines),
                     wires=self.wires[machine.name], **options)

    def companions(self, lead, work, files):
        """The VMs of the other machines, with directories and copies of FILES below
        the LEAD's."""
        for machine in self.topo.machines:
            if machine == lead:
                continue
            place = work / "machines" / machine.name
            artefacts = (work / "artefacts" / machine.name).resolve()
            place.mkdir(parents=True)
            artefacts.mkdir()
            (place / "artefacts").symlink_to(artefacts)
            shutil.copytree(files, place / "files", symlinks=True)
            yield self.machine(machine, place, [], place / "files",
                               settings={"LAB_COMPANION": "1"}, companion=True,
                               timeout=float("inf"), output=sys.stderr)


def _check(topo, kernel, wishes):
    """Refuse what can't be had, before anything is built."""
    topology.check_fits(topo)
    for machine in topo.machines:
        roots.packages(machine)
    accel.forced()
    kernels.check(kernel, guests=any(machine.guests for machine in topo.machines))
    if wishes.gdb:
        _check_port(wishes.gdb)
    for machine in topo.machines:
        qemu.check(machine.least_qemu())
    qemu.check_devices(topo)


def _see_through(lead, others):
    """Run them all. LabError says what went wrong."""
    with contextlib.ExitStack() as stack:
        for each in (lead, *others):
            stack.enter_context(ending.ended_when_interrupted(each.stop))
        if not ending.interrupted():
            together.run(lead, others)
    if ending.interrupted():
        raise LabError("interrupted", status=130)
    for each in (*others, lead):
        vm.report(each)


def run(name, argv, *, share=None, kernel=kernels.DEFAULT, timeout=TIMEOUT,
        cmdline="", disks=(), selftests=False, settings=None, terminal=False,
        output=None, counting=False, told=lambda text: None, wishes=Wishes()):
    """Run ARGV in a host VM; its output goes to OUTPUT. Return: Ended.

    TOLD gets what the kernels report, as it comes; LabError says it at the end.
    With COUNTING, the plugin that counts writes count.txt into the artefacts.
    """
    if share and not Path(share).is_dir():
        raise LabError(f"--share {share}: no such directory")
    topo = topology.load(name, wishes.overrides, wishes.within)
    _check(topo, kernel, wishes)
    kern = kernels.get(kernel)
    how = accel.choose(kern, counting)
    keep = {"LAB_KEEP": "1", **_terminal()} if wishes.keep else {}
    layers = [d.parent for machine in topo.machines for _, d in roots.disks(machine)]
    artefacts = _artefacts(topo.name)
    with cache.scratch("run") as work, \
         _in_use(images.lab(), kern.directory, *(d.parent for _, d in disks), *layers):
        (work / "artefacts").symlink_to(artefacts)
        all_of_it = _Run(topo, kern, how, cmdline + (" nokaslr" if wishes.gdb else ""),
                         told, together.wires(topo))
        files = _tree_files(work, kern, selftests, counting)
        others = list(all_of_it.companions(topo.machine(wishes.within), work, files))
        lead = all_of_it.machine(
            topo.machine(wishes.within), work, argv, files,
            settings={**keep, **(settings or {})}, share=share, disks=disks,
            extra=_extra(wishes, kern, artefacts), timeout=timeout, terminal=terminal,
            count=count.plugin() if counting else None, output=output or sys.stdout,
            keep=(lambda: attach.announce(artefacts)) if wishes.keep else None,
            patient=bool(wishes.gdb))
        ui.say(f"booting {topo.name} (Linux {kern.release}, {how.upper()})")
        _see_through(lead, others)
    return Ended(lead.status, artefacts, lead.events, how, kern.release,
                 [text for each in (lead, *others) for text in each.known()])


def shell(name, **options):
    """A prompt in a host VM, on this terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LabError("lab shell needs a terminal; for a script there is "
                       "lab run TOPOLOGY -- COMMAND")
    before = termios.tcgetattr(sys.stdin)
    try:
        return run(name, ["bash", "-i"], settings={"LAB_TERMINAL": "1", **_terminal()},
                   terminal=True, timeout=float("inf"), **options)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)

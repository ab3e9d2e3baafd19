# SPDX-License-Identifier: GPL-2.0-only
"""Try faults: which of them do tests see?

First the unit tests that include a file. What they don't see is built as modules, and
tried in a host VM, many one after the other in one boot.
"""

import contextlib
import json
import random
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from . import build, cache, images, jail, kernels, mutate, runs, selftests, ui, units
from .ui import LabError

LIST = Path(__file__).resolve().parents[1] / "mutants.toml"
_SCRIPT = "/usr/local/lib/lab/mutants"
# Seconds for a program with a fault; without, the longest takes some seconds
_HANGS = 120
# Of mutants in one boot, and seconds for each of them
_BATCH, _EACH = 12, 900
# What makes the same code; the others hold the source's and the file's own marks
_CODE = [f"--section={name}" for name in
         (".text", ".text.unlikely", ".init.text", ".exit.text", ".rodata", ".data")]
# What may become of a mutant
UNIT, VM = "seen by unit tests", "seen in a VM"
SAME, REFUSED = "the same code", "doesn't compile"
SURVIVES, UNTRIED = "survives", "not tried"


class State:
    """What is known of the mutants of a seed, kept in the cache."""

    def __init__(self, seed):
        self.directory = cache.root() / "mutants" / str(seed)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file = self.directory / "results.json"
        self._known = json.loads(self._file.read_text()) if self._file.exists() else {}

    def get(self, mutant):
        """Return: [what became of it, and by what], of all stages until now."""
        return self._known.get(mutant.key, [UNTRIED, ""])

    def has(self, mutant, stage):
        """Is a stage behind it?"""
        return stage in self._known.get(mutant.key, ["", "", []])[2]

    def put(self, mutant, stage, what, why=""):
        """A stage has ended."""
        stages = self._known.get(mutant.key, ["", "", []])[2]
        self._known[mutant.key] = [what, why, [*stages, stage]]
        self._file.write_text(json.dumps(self._known, indent=1))
        ui.say(f"{mutant.key}: {what}{f' ({why})' if why else ''}")


def copy_sources(target):
    """The tree's sources, to make faults in."""
    for top in units.SOURCES:
        shutil.copytree(cache.TREE / top, target / top,
                        ignore=shutil.ignore_patterns("*.o", "*.ko", "*.cmd"))


@contextlib.contextmanager
def _made(mutant, tree):
    """Within the block, a tree has the fault."""
    path = tree / mutant.file
    before = path.read_bytes()
    try:
        mutant.write(tree)
        yield
    finally:
        path.write_bytes(before)


class Units:
    """The stage in user space."""

    name = "units"

    def __init__(self, work, seed):
        self._work, self._tree = work, work / "tree"
        copy_sources(self._tree)
        units.prepare(work)
        self._flags = ["-w", *units.SANITIZERS]
        self._env = {"KAWELA_FUZZ_SEED": str(seed)}
        self._uses = {name: units.uses(name, work) for name in units.programs()}

    def programs(self, file):
        """Those that include a file; what takes longest comes last."""
        slow = ("fuzz_rings", "fuzz_rings_large", "pf_mbx", "vf_mbx", "filters")
        return sorted((name for name, used in self._uses.items() if file in used),
                      key=lambda name: (name in slow, name))

    def check(self):
        """Without a fault all of them pass."""
        for name in self._uses:
            if self._run(name).returncode:
                raise LabError(f"unit/{name}.c fails without any fault", status=1)

    def _run(self, name):
        return units.compile_and_run(name, self._work, self._tree, flags=self._flags,
                                     env=self._env, seconds=_HANGS)

    def attempt(self, mutant):
        """Return: what became of it, and why."""
        refused = []
        programs = self.programs(mutant.file)
        with _made(mutant, self._tree):
            for name in programs:
                status = self._run(name).returncode
                if status not in (0, 3):
                    return UNIT, name + (" hangs" if status == 124 else "")
                refused += [name] if status == 3 else []
        if programs and refused == programs:
            return REFUSED, ""
        return (SURVIVES if programs else UNTRIED), ""


class Modules:
    """Modules with a fault each, in directories of their own."""

    name = "modules"

    def __init__(self, work, state, kernel):
        self._kernel = kernels.get(kernel)
        self._root = self._kernel.compilers()
        self._work, self._state = work / "build", state
        status, output, built = build.make(self._kernel, self._root, "modules")
        if status:
            raise LabError(f"the modules don't build: {output[-500:]}", status=1)
        with cache.lock(f"build-{built.name}"):
            subprocess.run(["cp", "-a", built, self._work], check=True)
        self._plain = self._store("plain")

    def place(self, name):
        """Where the modules of a mutant are."""
        return self._state.directory / "share" / name

    def _store(self, name):
        """Put the modules as they are. Return: their code."""
        place = self.place(name)
        place.mkdir(parents=True, exist_ok=True)
        for file in build.DRIVERS:
            shutil.copyfile(self._work / file, place / Path(file).name)
        names = [Path(file).name for file in build.DRIVERS]
        # It complains of sections that a module doesn't have
        script = f"strip --strip-debug {' '.join(names)}" + "".join(
            f"; objdump --full-contents {' '.join(_CODE)} {n} > {n}.code" for n in names)
        jail.run(self._root, ["sh", "-c", script], cwd="/mnt/modules", check=False,
                 binds=[(place, "mnt/modules")])
        code = [(place / f"{n}.code").read_bytes() for n in names]
        for n in names:
            (place / f"{n}.code").unlink()
        if not all(code):
            raise LabError(f"objdump finds no code in the modules of {name}", status=1)
        return code

    def build(self, mutant, name):
        """Return: what became of it already, or None when a VM has to try it."""
        with _made(mutant, self._work):
            status, _ = build.kbuild(self._kernel, self._root, self._work, "modules")
        if status:
            return REFUSED
        return SAME if self._store(name) == self._plain else None


class Machine:
    """The stage in a host VM."""

    name = "vm"

    def __init__(self, modules, state, kernel, limit):
        self._modules, self._state = modules, state
        self._kernel, self._limit = kernel, limit
        self._cases = tomllib.loads(LIST.read_text())["vm"]

    def _plan(self, file):
        """The cases that should see a fault in a file, as the VM's script wants them."""
        name = mutate.short(file)
        for entry in self._cases:
            if any(fnmatch(name, pattern) for pattern in entry["files"]):
                return ";".join(" ".join([program, *(f"-t {c}" for c in cases)])
                                for program, cases in entry["cases"].items())
        raise LabError(f"mutants.toml has no cases for {name}")

    def run(self, mutants):
        """Try as many as the limit permits, a boot for each dozen."""
        mutants = mutants[:self._limit]
        for i in range(0, len(mutants), _BATCH):
            left = self._build(mutants[i:i + _BATCH])
            while left:
                left = self._boot(left)

    def _build(self, mutants):
        """Return: {name: mutant} of those that a VM has to try."""
        ready = {}
        for i, mutant in enumerate(mutants):
            over = self._modules.build(mutant, f"{i}")
            if over:
                self._state.put(mutant, self.name, over)
            else:
                ready[f"{i}"] = mutant
        return ready

    def _boot(self, ready):
        """One boot. Return: those that it didn't come to."""
        share = self._modules.place("")
        (share / "plan").write_text("".join(
            f"{name}\t{self._plan(mutant.file)}\n" for name, mutant in ready.items()))
        results = share / "results"
        results.write_text("")
        with contextlib.suppress(LabError), open(share / "log", "ab") as log:
            runs.run("host", [_SCRIPT], share=share, kernel=self._kernel, selftests=True,
                     cmdline="iomem=relaxed", output=_Raw(log),
                     disks=[("kselftest", selftests.image())],
                     settings={"KSFT_MACHINE_SLOW": "no"}, timeout=_EACH * len(ready))
        return self._judge(ready, results.read_text().splitlines())

    def _judge(self, ready, lines):
        """The last that began without an end took the machine with it."""
        left = dict(ready)
        told = [line.split("\t") for line in lines]
        if not any(words[0] == "control" and words[1] == "passes" for words in told):
            raise LabError("the modules without a fault don't pass in the VM: "
                           f"{self._modules.place('log')}", status=1)
        for name, what, *why in told:
            if name not in left:
                continue
            if what == "begins":
                if [name, "survives"] in [w[:2] for w in told] or \
                        [name, "seen"] in [w[:2] for w in told]:
                    continue
                self._state.put(left.pop(name), self.name, VM, "the VM died or hung")
            else:
                self._state.put(left.pop(name), self.name,
                                VM if what == "seen" else SURVIVES, " ".join(why))
        return left


class _Raw:
    """Where the VM's output goes."""

    def __init__(self, file):
        self.buffer = file

    def flush(self):
        """It is seen when the VM has ended."""
        self.buffer.flush()


def reasons():
    """{key: why nothing sees it} of those that were looked at."""
    found = tomllib.loads(LIST.read_text()).get("survivor", [])
    return {entry["mutant"]: entry["reason"] for entry in found}


def run(chosen, seed, stages, kernel, limit):
    """Try the mutants as far as they weren't yet. Return: State."""
    state = State(seed)
    images.tools()
    with cache.lock(f"mutants-{seed}"), cache.scratch("mutants") as work:
        todo = [m for m in chosen if not state.has(m, Units.name)]
        if "units" in stages and todo:
            stage = Units(work, seed)
            stage.check()
            for i, mutant in enumerate(todo, 1):
                ui.say(f"{i} of {len(todo)} in user space")
                state.put(mutant, stage.name, *stage.attempt(mutant))
        todo = [m for m in chosen if state.get(m)[0] in (SURVIVES, UNTRIED)
                and not state.has(m, Machine.name)]
        # Part of a run is of all files, too
        random.Random(seed).shuffle(todo)
        if "vm" in stages and todo:
            modules = Modules(work, state, kernel)
            Machine(modules, state, kernel, limit).run(todo)
    return state

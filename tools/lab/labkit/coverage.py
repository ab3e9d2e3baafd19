# SPDX-License-Identifier: GPL-2.0-only
"""What the unit tests reach of the drivers' files, by gcov."""

import collections
import dataclasses
import json
import os

from . import cache, ui, units
from .ui import LabError

# Functions that a program includes and doesn't call count, too. What they call need
# not be there.
_FLAGS = ["-w", "--coverage", "-fno-inline", "-fkeep-static-functions",
          "-fkeep-inline-functions", "-no-pie", "-Wl,--unresolved-symbols=ignore-all",
          *units.SANITIZERS]
_GCOV = "gcov --json-format --branch-probabilities --stdout *.gcda"


@dataclasses.dataclass
class File:
    """Of one file: {line: times}, {(line, n): times of that branch}."""

    lines: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    branches: collections.Counter = dataclasses.field(
        default_factory=collections.Counter)
    functions: collections.Counter = dataclasses.field(
        default_factory=collections.Counter)

    def add(self, data):
        """What gcov says of it in one program. In each function the best counts: a
        function of a header is there once for each file."""
        for function in data["functions"]:
            self.functions[function["name"]] += function["execution_count"]
        for line in data["lines"]:
            self.lines[line["line_number"]] += line["count"]
            for n, branch in enumerate(line["branches"]):
                self.branches[line["line_number"], n] += branch["count"]

    def ranges(self):
        """The lines that nothing reached, as text."""
        missing = sorted(n for n, times in self.lines.items() if not times)
        found = []
        for n in missing:
            if found and not any(found[-1][1] < m < n for m in self.lines):
                found[-1][1] = n
            else:
                found.append([n, n])
        return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def reached(counter):
    """How many were reached, and of how many."""
    return sum(1 for times in counter.values() if times), len(counter)


def _program(name, files):
    with cache.scratch("coverage") as work:
        units.prepare(work)
        proc = units.compile_and_run(name, work, flags=_FLAGS, after=_GCOV)
    lines = [line for line in proc.stdout.splitlines() if line.startswith("{")]
    if proc.returncode or not lines:
        raise LabError(f"unit/{name}.c: {(proc.stdout + proc.stderr)[-500:]}", status=1)
    for data in lines:
        for entry in json.loads(data)["files"]:
            file = os.path.relpath(entry["file"], "/mnt/tree")
            if file.startswith((str(units.DRIVERS), "include/")):
                files.setdefault(file, File()).add(entry)


def measure():
    """Run all programs. Return: {file: File} of what they include."""
    files = {}
    for name in units.programs():
        with ui.step(f"coverage of unit/{name}.c"):
            _program(name, files)
    return {file: files[file] for file in sorted(files) if files[file].lines}

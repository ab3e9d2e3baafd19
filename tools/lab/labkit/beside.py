# SPDX-License-Identifier: GPL-2.0-only
"""Lint and the lab's own tests as programs of their own, a JSON line a result.

They have an environment and a process group of their own, so that `make check` can
run them beside its virtual machines, and end them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from . import labtests, lint
from .ui import LabError

_TOP = Path(__file__).resolve().parents[1]


class Program:
    """One of them at work."""

    def __init__(self, name, idle=False):
        before = ["chrt", "--idle", "0"] if idle else []
        # pylint: disable=consider-using-with # ended by end()
        self._proc = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *before, sys.executable, "-m",
             "labkit.beside", name], cwd=_TOP, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, process_group=0,
            env={**os.environ, "LAB_QUIET": "1", "PYTHONDONTWRITEBYTECODE": "1"})
        self._name = name

    def results(self):
        """(name, result, text) of each test as it ends."""
        for line in self._proc.stdout:
            yield json.loads(line)
        if self._proc.wait():
            yield (self._name, "fail",
                   f"ended with status {self._proc.returncode}")

    def end(self):
        """Now."""
        self._proc.terminate()
        self._proc.wait()


def _own_pipe():
    """The pipe for results alone: what else is printed goes to standard error."""
    pipe = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return pipe


def main():
    """Entry point."""
    pipe = _own_pipe()

    def _say(*result):
        # A line at once: tests have threads of their own
        line = json.dumps(result).encode() + b"\n"
        while line:
            line = line[os.write(pipe, line):]

    try:
        if sys.argv[1] == "lint":
            for result in lint.run():
                _say(*result)
        else:
            labtests.run(_say)
    except LabError as err:
        _say("", "fail", str(err))


if __name__ == "__main__":
    main()

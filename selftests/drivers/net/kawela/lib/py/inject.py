# SPDX-License-Identifier: GPL-2.0

"""
Allocations that fail on request, by the kernel's fault injection: only those that
have one of the drivers among their callers. Needs CONFIG_FAILSLAB,
CONFIG_FAIL_PAGE_ALLOC and CONFIG_FAULT_INJECTION_STACKTRACE_FILTER.
"""

import bisect
import errno
import os
import re
import subprocess
from pathlib import Path

from net.lib.py import KsftSkipEx, defer

from .kmsg import Kmsg
from .sriov import errno_name

_DEBUGFS = Path("/sys/kernel/debug")
_KINDS = ("failslab", "fail_page_alloc")
_MODULES = ("libkawela", "kawela", "kawelavf")
_FRAME = re.compile(r"^ ([\w.]+)\+0x[0-9a-f]+/0x[0-9a-f]+(?: \[(\w+)\])?$")


def _functions():
    """(address, name, module) of each, by address."""
    lines = (line.split() for line in
             Path("/proc/kallsyms").read_text(encoding="ascii").splitlines())
    return sorted((int(place, 16), name, module[0].strip("[]") if module else "")
                  for place, kind, name, *module in lines if kind in "tT")


def _text(functions):
    """The lowest and the highest address of the drivers' functions."""
    places = [place for place, _, module in functions if module in _MODULES]
    return min(places), max(places) + 0x1000


def _code(functions, names):
    """Where the kernel's functions of such names, of one file, begin and end."""
    found = [place for place, name, module in functions
             if not module and re.fullmatch(names, name)]
    if not found:
        return 0, 0         # this kernel has no such functions
    places = [place for place, *_ in functions]
    return found[0], places[bisect.bisect_right(places, found[-1])]


def _site(lines):
    """The innermost function of a driver, and which of the kernel's it called."""
    callee = ""
    for line in lines:
        frame = _FRAME.match(line)
        if not frame:
            continue
        if frame[2] in _MODULES:
            return f"{frame[1]} > {callee}"
        callee = frame[1]
    return ""


def _error(said):
    """The name of the errno that a program has said in words, or what it said."""
    if "annot allocate memory" in said:
        return "ENOMEM"
    said = said.strip()
    return next((errno_name(number) for number in errno.errorcode
                 if said.endswith(os.strerror(number))), said or "?")


class Outcome:
    """What became of an action in which an allocation failed, or none."""

    def __init__(self, error, hit, site):
        self.error = error      # name of an errno, or text; "" for success
        self.hit = hit          # an allocation failed
        self.site = site        # where, or "" if the kernel doesn't say


class Injector:
    """Lets allocations fail until the case ends, but for those below SPARED: the
    kernel's functions of such names, all of one file."""

    # Without memory the kernel's list of DMA mappings is given up, and nobody knows
    # any more what is left
    DMA_LIST = r"add_dma_entry|debug_dma_\w+"
    # The PCI core and ACPI fall over their own failures when they add a VF
    ADD_VF = "pci_iov_add_virtfn"

    def __init__(self, spared=DMA_LIST):
        if not (_DEBUGFS / "failslab/require-start").exists():
            raise KsftSkipEx("this kernel has no fault injection by call trace")
        functions = _functions()
        low, high = _text(functions)
        spared = _code(functions, spared)
        for kind in _KINDS:
            for name, value in (("ignore-gfp-wait", "N"), ("verbose", "2"),
                                ("verbose_ratelimit_interval_ms", "0"),
                                ("stacktrace-depth", "32"),
                                ("require-start", hex(low)),
                                ("require-end", hex(high)),
                                ("reject-start", hex(spared[0])),
                                ("reject-end", hex(spared[1]))):
                self._set(kind, name, value)
        self._set("fail_page_alloc", "min-order", "0")
        self._set("fail_page_alloc", "ignore-gfp-highmem", "N")
        self._kmsg = Kmsg()

    @staticmethod
    def _set(kind, name, value):
        path = _DEBUGFS / kind / name
        before = path.read_text(encoding="ascii").strip()
        path.write_text(value, encoding="ascii")
        defer(path.write_text, before, encoding="ascii")

    def _found(self):
        lines = [text for _, text in self._kmsg.read()]
        return _site(lines)

    def call(self, nth, func):
        """Call it with allocation NTH failing (none for 0)."""
        self._kmsg.skip()
        error = ""
        file = Path("/proc/thread-self/fail-nth")
        file.write_text(str(nth), encoding="ascii")
        try:
            func()
        except OSError as e:
            error = errno_name(e.errno)
        finally:
            left = int(file.read_text(encoding="ascii"))
            file.write_text("0", encoding="ascii")
        return Outcome(error, nth and not left, self._found())

    def run(self, nth, comm):
        """The same for the process of a shell command, and for none of its children."""
        self._kmsg.skip()
        script = f"echo {nth} > /proc/self/fail-nth; exec 2>&1; {comm}"
        with subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE,
                              text=True) as proc:
            out = proc.stdout.read()
            os.waitid(os.P_PID, proc.pid, os.WEXITED | os.WNOWAIT)
            left = int(Path(f"/proc/{proc.pid}/fail-nth").read_text(encoding="ascii"))
        error = _error(out) if proc.returncode else ""
        return Outcome(error, nth and not left, self._found())

    def at_random(self, percent):
        """Until the case ends, so many of a hundred fail, wherever they are made."""
        for kind in _KINDS:
            self._set(kind, "verbose", "0")
            self._set(kind, "times", "-1")
            self._set(kind, "probability", str(percent))

# SPDX-License-Identifier: GPL-2.0-only
"""What became of the cases of one session, from what its VM prints."""

import io
import re
import threading
import time

from . import ktap

# Sessions side by side print whole cases
_PRINT = threading.Lock()
# Programs below it are ours; each reports its cases
OWN = "drivers/net/kawela:"


def accept(_case):
    """A result is what the test says."""


class Results(io.TextIOBase):
    """Where a VM's output goes: cases are shown and kept as they end."""

    def __init__(self, log, session="", verbose=False, label=""):
        super().__init__()
        self.cases = []
        self.buffer = self
        self._log = log
        self._session = session
        self._verbose = verbose
        self._reader = ktap.Reader()
        self._rest = b""
        self._since = time.monotonic()
        self._recent = []
        self._label = label
        self._program = ""      # the one at work or that was last
        self._at_work = ""      # case of it, where it says so
        self._ended = set()     # programs
        self._fatal = {}        # program: patterns of cases that ended a VM
        self._again = None      # program and its cases when a VM died between these
        self._reported = []     # by the kernel, since the last case ended
        self.judge = accept     # may change a case's result

    def write(self, data):
        """Take what the VM wrote."""
        self._log.write(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace"))
        return len(data)

    def flush(self):
        """Nothing waits here."""

    def store(self, text):
        """Keep what no VM wrote in the log."""
        self._log.write(f"{text}\n".encode())

    def report(self, text):
        """A kernel reported something: the case at work has failed."""
        self._reported.append(text)

    def add(self, case):
        """A case has ended."""
        case.session = self._session
        case.seconds = round(time.monotonic() - self._since, 1)
        self._since = time.monotonic()
        self._explain(case)
        self.judge(case)
        if self._reported:
            said = [case.why] if case.result == "fail" and case.why else []
            case.result, case.why = "fail", "; ".join(
                [*said, *(f"the kernel reported: {t}" for t in self._reported)])
            self._reported = []
        self.cases.append(case)
        self._explain(case)
        self._show(case)

    def _explain(self, case):
        if case.result == "fail" and not case.why:
            case.why = ktap.reason(self._recent)

    def _show(self, case):
        note = f" # {case.result.upper()} {case.why}" \
            if case.result in ("skip", "xfail") else ""
        word = "not ok" if case.result == "fail" else "ok"
        lines = [f"{self._label}{word:6} {len(self.cases):3} {case.title}{note} "
                 f"({case.seconds:.1f} s)"]
        if case.result == "fail":
            lines += [f"        | {l}" for l in [case.why, *self._recent]]
        with _PRINT:
            print("\n".join(lines), flush=True)

    def _line(self, line):
        if self._verbose:
            with _PRINT:
                print(f"{self._label}{line}", flush=True)
        settled = self._reader.feed(line)
        if line.startswith("# selftests: "):
            self._program = line.split(": ")[-1]
        begins = re.match(r"^(?:# )+begin (\w+)$", line)
        if begins:
            self._at_work = begins[1]
        for case in settled:
            case.program = case.program or self._program
            self._at_work = ""
            self.add(case)
        if re.match(r"^(not )?ok \d+ selftests: ", line):
            self._ended.add(self._program)
        self._recent = [] if settled else (self._recent + [line])[-40:]

    def begin(self):
        """The session's turn has come."""
        self._since = time.monotonic()

    def start_over(self):
        """The VM is gone before a test began, and comes again."""
        self._reader = ktap.Reader()
        self._reported = []

    def died(self, tests, name, err):
        """The VM is gone. Return: tests that are left, and cases that aren't.

        Where no case had said that it begins, nobody knows which one it was: those
        that hadn't ended have another turn, once.
        """
        if self._reader.told:
            self._ended.add(self._program)
        self._reader = ktap.Reader()
        self._reported = []     # the error names them all
        left = [t for t in tests if t.split(":")[1] not in self._ended]
        program, case, self._at_work = self._program, self._at_work, ""
        done = {c.name.split(".", 1)[-1] for c in self.cases
                if c.program == program}
        self.add(ktap.Case(program if case else name, case or "virtual machine",
                           "fail", str(err)))
        if not program:
            return [], {}
        fatal = self._fatal.setdefault(program, [])
        if case:
            fatal.append(f"{case}*")
        else:
            if self._again == (program, done):
                left = [t for t in left if t.split(":")[1] != program]
            self._again = program, done
        return left, {program: [*sorted(done), *fatal]}

    def complete(self, tests, may_be_empty=False):
        """All has ended: a test that didn't say so, or that ran nothing, failed.

        MAY_BE_EMPTY: only some cases were asked for, which not all tests have.
        """
        for test in tests:
            program = test.split(":")[1]
            cases = [c for c in self.cases if c.program == program]
            if program not in self._ended and \
                    not any(c.result == "fail" for c in cases):
                self.add(ktap.Case(program, "", "fail",
                                   "asked for, but the runner didn't report it"))
            elif test.startswith(OWN) and cases and \
                    not any(c.name or c.result != "pass" for c in cases):
                self.cases = [c for c in self.cases if c not in cases]
                if not may_be_empty:
                    self.add(ktap.Case(program, "", "fail", "it ran no case"))

    def count(self, result):
        """How many ended so."""
        return sum(case.result == result for case in self.cases)

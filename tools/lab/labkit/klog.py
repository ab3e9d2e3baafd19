# SPDX-License-Identifier: GPL-2.0-only
"""Judge a kernel's log: what in it says that something went wrong.

Most of these set no taint, and `quiet` keeps some off the console. So the virtual
machines send their whole log, as /dev/kmsg has it, and each line is looked at.
"""

import dataclasses
import re
import tomllib
from pathlib import Path

LIST = Path(__file__).resolve().parents[1] / "reports.toml"

# Kind and how its first line begins. The first that matches names the report.
_KINDS = [(kind, re.compile(pattern)) for kind, pattern in [
    ("KASAN", r"BUG: K(ASAN|FENCE|MSAN|CSAN): "),
    ("lockdep", r"WARNING: (possible|inconsistent|suspicious|bad|held|nested|"
                r"lock|locking|HARDIRQ-|SOFTIRQ-|\S+-(un)?safe)\b|"
                r"\[ BUG: Invalid wait context|"
                r"BUG: (MAX_LOCK|key |looking up invalid|\S+/\d+ still has locks)|"
                r"INFO: trying to register non-static key|"
                r"turning off the locking correctness validator"),
    ("sleep in atomic context", r"BUG: (sleeping function called from invalid|"
                                r"scheduling while atomic)"),
    ("hung task", r"INFO: task \S+ blocked (for more than|in I/O wait for)"),
    ("RCU stall", r"(rcu: )?INFO: rcu\S* .*\bstall|rcu: .*kthread starved"),
    ("lockup", r"(watchdog: )?BUG: (soft lockup|workqueue lockup)|"
               r".*\b[Hh]ard LOCKUP|NMI watchdog: .*lockup"),
    ("UBSAN", r"UBSAN: "),
    ("kmemleak", r"kmemleak: (\d+ new suspected|Cannot|Found|Trying|Scan area|"
                 r"Kernel memory leak detector disabled|unreferenced)"),
    ("DMA API", r"DMA-API: (?!preallocated|debugging enabled|disabled|"
                r"dma_debug_entry pool grown|dma_debug driver filter)"),
    ("page_pool leak", r"page_pool_release_retry\(\) stalled pool"),
    ("refcount", r"refcount_t: "),
    ("debugobjects", r"ODEBUG: (?!selftest passed|\d+ of \d+ active)"),
    ("list corruption", r"list_(add|del)\S* corruption"),
    ("reference leak", r"(unregister_netdevice|ref_tracker): .*"
                       r"(waiting for \S+ to become free|leaked)"),
    ("leaked interrupt", r"remove_proc_entry: removing non-empty"),
    ("lost interrupt", r"irq \d+: nobody cared"),
    ("IOMMU fault", r"DMAR: \[(DMA|INTR)|AMD-Vi: Event logged|"
                    r"iommu.*: event.*fault"),
    ("out of memory", r".*invoked oom-killer|Out of memory: Killed"),
    ("oops", r"Oops\b|general protection fault|kernel BUG at|double fault|"
             r"Kernel panic|BUG: (unable to handle|kernel NULL|stack guard)|"
             r"(invalid opcode|divide error|stack segment): 0"),
    ("warning", r"WARNING: "),
    ("bug", r"BUG\b"),
]]
# A record of /dev/kmsg: priority, number, time and flags, text
_RECORD = re.compile(r"(\d+),(\d+),[^;]*;(.*)")
# How a test says in the log what it does from there on; then nothing, at its end
_TEST = "kawela selftest:"
# What dmesg and the console put before a line
_STAMP = re.compile(r"(\[ *\d+\.\d+\](\[ *[TC]\d+\])? )?")
# WARN() prints what was given to it, of such kinds, before it says where it stands
_BY_WARN = ("DMA API", "refcount", "debugobjects", "list corruption", "leaked interrupt")
# How many lines of a report are looked at, and in how many of them that may be
_BLOCK, _HEAD = 60, 4


@dataclasses.dataclass
class Report:
    """Something that the kernel found wrong."""

    kind: str
    block: list       # its first line and those that follow
    why: str = ""     # it is known, and so isn't held against anybody

    def __str__(self):
        return f"{self.kind}: {self.block[0]}"


def kind_of(line):
    """The kind of report that a line begins, or None."""
    line = line[_STAMP.match(line).end():]
    return next((kind for kind, begins in _KINDS if begins.match(line)), None)


def known_reports():
    """Entries of reports.toml."""
    return tomllib.loads(LIST.read_text()).get("known", [])


class Judge:
    """Reads one log as it comes. Feed it lines; it gives reports back.

    A report is settled when its block is complete: when the next begins, when
    enough lines have come, or when somebody says that nothing follows.
    """

    def __init__(self, kernel="", known=None):
        known = known_reports() if known is None else known
        self._known = [entry for entry in known
                       if kernel.startswith(entry.get("kernel", ""))]
        self._last = -1
        self._open = None
        self._said = ""     # what a test said last of what it does

    def feed(self, line):
        """One line of /dev/kmsg. Return: the reports that are settled by it."""
        record = _RECORD.match(line)
        if not record or int(record[2]) <= self._last:
            return []       # a record's properties, or the reader began anew
        lost = int(record[2]) - self._last - 1
        self._last = int(record[2])
        gap = [Report("lost log", [f"{lost} lines are missing"])] if lost else []
        if int(record[1]) >> 3:
            # Somebody in user space wrote it. What follows is of another time.
            if not record[3].startswith(_TEST):
                return gap
            settled = self.end()
            self._said = record[3][len(_TEST):].strip()
            return gap + settled
        return gap + self._text(record[3])

    def _text(self, text):
        kind = kind_of(text)
        if kind and not (kind == "warning" and self._open and
                         self._open.kind in _BY_WARN and
                         len(self._open.block) < _HEAD):
            settled = self.end()
            self._open = Report(kind, [text])
            return settled
        if not self._open:
            return []
        self._open.block.append(text)
        return self.end() if len(self._open.block) >= _BLOCK else []

    def end(self):
        """Nothing follows for now. Return: the report that was open, if any."""
        if not self._open:
            return []
        report, self._open = self._open, None
        text = "\n".join(report.block)
        for entry in self._known:
            if re.search(entry["report"], report.block[0]) and \
                    re.search(entry.get("within", ""), text) and \
                    entry.get("during", self._said) == self._said:
                report.why = entry["reason"]
                break
        return [report]


class Watch:
    """All logs of a run: *.kmsg in its directory, by the machines' names.

    TOLD gets each report that isn't known, as text, as soon as it is settled.
    """

    def __init__(self, directory, kernel, told=lambda text: None):
        self.bad = []       # what the reports say that aren't known
        self.known = []     # and those that are
        self._directory = directory
        self._kernel = kernel
        self._told = told
        self._logs = {}

    def look(self, settle=False):
        """Read on; with SETTLE, what has come of a report is all of it."""
        for path in sorted(self._directory.glob("*.kmsg")):
            log = self._logs.setdefault(path, _Log(Judge(self._kernel)))
            for report in log.read(path, settle):
                text = f"{path.stem}: {report}"
                if report.why:
                    self.known.append(f"{text} ({report.why})")
                else:
                    self.bad.append(text)
                    self._told(text)


class _Log:
    """How far one file was read."""

    def __init__(self, judge):
        self._judge = judge
        self._at = 0
        self._rest = b""

    def read(self, path, settle):
        """Return: the reports in what was added."""
        with open(path, "rb") as file:
            file.seek(self._at)
            data = file.read()
        self._at += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = [report for line in lines for report in
                 self._judge.feed(line.decode(errors="replace"))]
        return found + self._judge.end() if settle else found

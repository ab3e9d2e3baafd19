# SPDX-License-Identifier: GPL-2.0-only
"""All tests, and how many passed and failed."""

import contextlib
import fnmatch
import signal
import sys
import time
from pathlib import Path

from .. import arguments, cache, contract, draw, holders, kernels, platforms, results, runs, \
    sessions, statuses, suites, summary, ui

_BASELINE = "intree"
_KEEP_LOGS = 24


class Check:
    """One run: what was asked for, and what came of it."""

    def __init__(self, args):
        self.args = args
        args.draw = draw.Draw(everything=bool(args.case or args.baseline))
        self.sessions = suites.choose(suites.load(), args.session, args.draw)
        for kernel in {suites.kernel(s, args.kernel) for s in self.sessions}:
            kernels.check(kernel)
        self.tests = sessions.select(
            [t for s in self.sessions for t in s.get("tests", ())], args.test)
        if args.test and not self.tests:
            self._none(f"test {', '.join(args.test)}", _where(args.test))
        if args.case:
            self._only_holders()
        self.begin = time.monotonic()
        self.log = _new_logs()
        self.results = {}
        self.columns = {}

    def _none(self, what, hint=""):
        raise ui.LabError(f"no {what} in sessions "
                          f"{', '.join(s['name'] for s in self.sessions)}{hint}")

    def _only_holders(self):
        """Boot nothing for programs that don't have such a case."""
        args = self.args
        self.tests = holders.of(self.tests, args.case, bool(args.test))
        if not self.tests:
            self._none(f"case {', '.join(args.case)}")
        args.test = self.tests

    def open_results(self, session):
        """Where the results of a session go."""
        name = session["name"]
        # pylint: disable=consider-using-with # until the process ends
        log = open(self.log / f"{name}.log", "wb", buffering=0)
        return self.results.setdefault(name, results.Results(
            log, name, self.args.verbose, f"{name}: "))

    @property
    def cases(self):
        """Of all sessions, in their order."""
        return [c for out in self.results.values() for c in out.cases]

    def run(self):
        """All sessions, and the baseline."""
        sessions.run(self.sessions, self.args, self.open_results)
        self.columns = {"kawela": self.cases}
        if self.args.baseline:
            self.columns["igb"] = self._run_baseline()

    def _run_baseline(self):
        """The same contract for the kernel's own drivers. Return: their cases."""
        with open(self.log / f"{_BASELINE}.log", "wb") as log:
            out = results.Results(log, _BASELINE, self.args.verbose,
                                  f"{_BASELINE}: ")
            for session in self.sessions:
                tests = [t for t in sessions.select(session.get("tests", []),
                                                    self.args.test)
                         if fnmatch.fnmatch(t, contract.PROGRAMS)]
                if tests:
                    sessions.boots({**session, "name": _BASELINE,
                                    "topology": _BASELINE}, tests, self.args, out)
            return out.cases

    def print_contract(self):
        """A row each; a report of all is stored. Return: rows that failed because
        nothing shows them."""
        args = self.args
        path = runs.cache.root() / "contract"
        chosen = args.test or args.case or args.session
        report = contract.report(self.columns, None if chosen else path)
        if report:
            print(f"\nThe contract with SR-IOV clients, row by row:\n{report}")
            if not chosen:
                print(f"stored as {path}.txt and .json")
        return [] if chosen else contract.unproven(self.columns["kawela"])

    def report(self):
        """What came of it, and of what was asked for by options."""
        cases = self.cases
        seconds = time.monotonic() - self.begin
        unproven = self.print_contract() if self.columns else []
        if self.args.json:
            summary.write_json(self.args.json, self.args.kernel, seconds, cases)
        if self.args.junit:
            summary.write_junit(self.args.junit, seconds, cases)
        count = {word: sum(case.result == word for case in cases)
                 for word in ("pass", "fail", "skip", "xfail")}
        table = platforms.table(cases)
        print(f"\n{table}\n" if table else "")
        for case in cases:
            if case.result == "fail":
                print(f"failed: {case.session}: {case.title}")
        for row in unproven:
            print(f"failed: contract: no case of {row} passed")
        print(self.args.draw.said(self.sessions), end="")
        print(f"logs: {self.log}; {seconds:.0f} s; skipped {count['skip']},"
              f" expected failures {count['xfail']}")
        print(f"{count['pass']} passed, {count['fail'] + len(unproven)} failed",
              flush=True)
        return statuses.FAILED if count["fail"] or unproven or not count["pass"] \
            else statuses.OK


def _where(patterns):
    """Sessions that must be named have such tests: how to say so."""
    names = [session["name"] for session in suites.load()
             if sessions.select(session.get("tests", []), patterns)]
    return f"; say --session {' or '.join(names)}" if names else ""


def _new_logs():
    """A directory of this run's own; `check` in the cache leads to the latest."""
    top = cache.root() / "logs"
    top.mkdir(exist_ok=True)
    for old in sorted(top.glob("check-*"))[:-_KEEP_LOGS]:
        cache.remove(old)
    name = f"check-{time.strftime('%Y%m%d-%H%M%S')}-{cache.unique()}"
    (top / name).mkdir()
    link = top / f"latest-{cache.unique()}"
    link.symlink_to(Path("logs") / name)
    link.replace(top.parent / "check")
    return top / name


def _programs():
    """For a shell that completes: programs of all sessions."""
    return sorted({test.rpartition(":")[2] for session in suites.load()
                   for test in session.get("tests", ())})


def options(parser):
    """Add the options of `lab check`."""
    arguments.kernel(parser, kernels.DEBIAN, kernels.DEFAULT)
    parser.add_argument("-t", "--test", action="append", metavar="PATTERN",
                        help="only these, e.g. sriov.py or 'drivers/net:*'") \
        .complete = _programs
    parser.add_argument("-c", "--case", action="append", metavar="PATTERN",
                        help="of these programs only such cases, e.g. 'c22_*'")
    parser.add_argument("--session", action="append", metavar="NAME",
                        help="only these sessions of suites.toml") \
        .complete = lambda: [session["name"] for session in suites.load()]
    parser.add_argument("-j", "--jobs", type=arguments.count, metavar="N",
                        help="so many sessions at a time (default: what cores "
                        "and memory allow)")
    parser.add_argument("--json", "--report", type=arguments.out_file, metavar="FILE",
                        help="write the results as JSON").complete = "file"
    parser.add_argument("--junit", type=arguments.out_file, metavar="FILE",
                        help="write the results as JUnit's XML").complete = "file"
    parser.add_argument("--baseline", action="store_true",
                        help="afterwards the contract for the kernel's own igb "
                        "and igbvf, side by side; their failures don't count")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="show all that the tests print")
    arguments.quiet(parser)


def _on_signal(*_):
    """Once; the second time isn't waited for."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    raise KeyboardInterrupt


def main(args):
    """Run what was asked for. Ctrl-C ends it, and gives the report so far."""
    signal.signal(signal.SIGINT, _on_signal)
    signal.signal(signal.SIGTERM, _on_signal)
    check = Check(args)
    try:
        check.run()
    except KeyboardInterrupt:
        check.report()
        print("check: interrupted; what ran until then is above",
              file=sys.stderr)
        return statuses.INTERRUPTED
    except OSError:
        # Most likely a full disk: what is known is worth more than what can be stored
        with contextlib.suppress(OSError):
            check.report()
        raise
    return check.report()

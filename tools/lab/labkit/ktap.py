# SPDX-License-Identifier: GPL-2.0-only
"""Read what kselftest's runner prints, case by case, as it comes."""

import dataclasses
import re

_RESULT = re.compile(r"^(?P<nested>(# )*)(?P<ok>ok|not ok) \d+ (?P<name>.*)$")
_DIRECTIVE = re.compile(r"^(?P<name>.*?)\s*#\s*(?P<kind>SKIP|XFAIL)\b\s*"
                        r"(?P<why>.*)$", re.I)
_PROGRAM = re.compile(r"^selftests: (?P<dir>\S+): (?P<prog>\S+)(?: # (?P<why>.*))?$")


@dataclasses.dataclass
class Case:
    """One result."""

    program: str
    name: str
    result: str      # pass, fail, skip, xfail
    why: str = ""
    seconds: float = 0.0
    session: str = ""

    @property
    def title(self):
        """Program and case."""
        return f"{self.program} {self.name}".strip()


def _judge(match):
    name, why = match["name"], ""
    result = "pass" if match["ok"] == "ok" else "fail"
    directive = _DIRECTIVE.match(name)
    if directive:
        name = directive["name"]
    if directive and result == "pass":
        why = directive["why"]
        result = "skip" if directive["kind"].upper() == "SKIP" else "xfail"
    return name, result, why


def reason(lines):
    """Why a case failed, in one line, from what it printed."""
    for pattern in (r"Check failed (.*)", r"Exception\| (\w[\w.]*: .*)"):
        found = [m[1].strip() for m in (re.search(pattern, l) for l in lines) if m]
        if found:
            return found[0] if "Check" in pattern else found[-1]
    return ""


class Reader:
    """Feed it lines; it gives cases back.

    A program that reports cases counts by these, and itself only when it failed
    without one of them failing. A program that reports none counts as one.
    """

    def __init__(self):
        self._cases = []
        self._plan = 0
        self._failed = False    # said so by a case, whatever that is worth

    @property
    def told(self):
        """Whether the program at work has reported as many cases as it planned."""
        return 0 < self._plan <= len(self._cases)

    def feed(self, line):
        """One line of output. Return: the cases that are settled by it."""
        plan = re.match(r"^# 1\.\.(\d+)$", line)
        if plan:
            self._plan = int(plan[1])
        match = _RESULT.match(line)
        if not match:
            return []
        if match["nested"]:
            name, result, why = _judge(match)
            case = Case("", name, result, why)
            self._cases.append(case)
            self._failed |= result == "fail"
            return [case]
        program = _PROGRAM.match(match["name"])
        return self._end(match, program) if program else []

    def _end(self, match, program):
        name = program["prog"]
        cases, plan, explained = self._cases, self._plan, self._failed
        self._cases, self._plan, self._failed = [], 0, False
        for case in cases:
            case.program = name
        failed = match["ok"] != "ok"
        why = program["why"] or ""
        if not cases:
            kind = ("skip" if "SKIP" in why else "fail" if failed else "pass")
            return [Case(name, "", kind, why)]
        if len(cases) < plan:
            return [Case(name, "", "fail",
                         f"ended after {len(cases)} of {plan} cases {why}")]
        if failed and not explained:
            return [Case(name, "", "fail", f"the program failed {why}".strip())]
        return []

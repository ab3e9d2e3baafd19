# SPDX-License-Identifier: GPL-2.0-only
"""What came of the same tests on machines of several kinds, as one table."""

import itertools

_PROGRAM = "platforms.py"
_WORDS = {"pass": "ok", "fail": "FAILED", "skip": "skipped", "xfail": "can't"}


def _name(case):
    """Of a case, as its program knows it."""
    return case.name.rpartition(".")[2] or case.program


def table(cases):
    """A row for each platform, and why a case can't pass there; "" without any."""
    cases = [case for case in cases if case.program == _PROGRAM]
    names = list(dict.fromkeys(map(_name, cases)))
    rows, why = [["platform", *names, "seconds"]], []
    for platform, group in itertools.groupby(cases, lambda case: case.session):
        found = {_name(case): case for case in group}
        rows.append([platform, *(_WORDS[found[name].result] if name in found else "-"
                                 for name in names),
                     f"{sum(case.seconds for case in found.values()):.0f}"])
        why += [f"{platform}: {name}: {case.why}" for name, case in found.items()
                if case.result in ("skip", "xfail")]
    if len(rows) == 1:
        return ""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths)).rstrip()
             for row in rows]
    return "\n".join([*lines, *why])

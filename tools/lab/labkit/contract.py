# SPDX-License-Identifier: GPL-2.0-only
"""What clients of SR-IOV rely on, row by row, from the results of cases."""

import json
import re

from .cache import TREE

_TABLE = TREE / "selftests/drivers/net/kawela/contract.tsv"
_CASE = re.compile(r"(?:^|\.)c(\d\d)_\w+")
PROGRAMS = "drivers/net/kawela:contract_*.py"


def rows():
    """id: behaviour."""
    return dict(line.split("\t") for line in _TABLE.read_text().splitlines()
                if line and not line.startswith("#"))


def _of_row(cases):
    """id: cases."""
    found = {row: [] for row in rows()}
    for case in cases:
        match = _CASE.search(case.name)
        if match:
            found.setdefault(f"C{match[1]}", []).append(case)
    return found


def _count(cases, result):
    return sum(case.result == result for case in cases)


def _verdict(cases):
    """One word or two for all cases of a row."""
    if not cases:
        return "no case"
    failed = _count(cases, "fail")
    if failed:
        return f"FAIL {failed}/{len(cases)}" if len(cases) > 1 else "FAIL"
    parts = [word for word, result in (("ok", "pass"), ("xfail", "xfail"),
                                       ("skip", "skip"))
             if _count(cases, result)]
    return "+".join(parts)


def unproven(cases):
    """Rows of which no case passed, though none failed: nothing shows them."""
    return [row for row, found in _of_row(cases).items()
            if row in rows() and not _count(found, "fail")
            and not _count(found, "pass")]


def _notes(name, cases):
    """What isn't a pass, and why."""
    for case in cases:
        if case.result != "pass":
            short = _CASE.search(case.name)[0].lstrip(".") + \
                case.name.partition(_CASE.search(case.name)[0])[2]
            why = f": {case.why.splitlines()[0]}" if case.why else ""
            yield f"       {name}: {case.result} {short}{why}"


def _text(columns, table, partial):
    width = max(len(name) for name in columns) + 2
    width = max(width, 12)
    yield "    " + "".join(f"  {name:{width}}" for name in columns)
    for row, behaviour in rows().items():
        if partial and not any(table[name][row] for name in columns):
            continue
        words = "".join(f"  {_verdict(table[name][row]):{width}}"
                        for name in columns)
        yield f"{row:4}{words}  {behaviour}"
        for name in columns:
            yield from _notes(name, table[name][row])
    for name in columns:
        cases = [case for row in rows() for case in table[name][row]]
        failed = sum(bool(_count(table[name][row], "fail")) for row in rows())
        none = len(unproven(cases))
        yield (f"{name}: {len(rows()) - failed - none} rows ok, {failed} "
               f"failed, {none} without a case that passed")


def report(columns, path=None):
    """Make the report, and write it as PATH.txt and PATH.json.

    COLUMNS: {name of a driver: its cases}; without PATH these are a choice, and
    rows without a case are left out. Return: the text, or "" when no case of any
    row ran.
    """
    table = {name: _of_row(cases) for name, cases in columns.items()}
    if not any(table[name][row] for name in table for row in table[name]):
        return ""
    text = "\n".join(_text(list(columns), table, not path)) + "\n"
    if path:
        path.with_suffix(".txt").write_text(text)
        path.with_suffix(".json").write_text(json.dumps([
            {"id": row, "behaviour": behaviour, "results": {
                name: {"result": _verdict(table[name][row]),
                       "cases": [vars(case) for case in table[name][row]]}
                for name in columns}}
            for row, behaviour in rows().items()], indent=1) + "\n")
    return text

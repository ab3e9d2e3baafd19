# SPDX-License-Identifier: GPL-2.0-only
"""The results of `make check` for programs: JSON, and JUnit's XML."""

import itertools
import json
from xml.etree import ElementTree


def write_json(path, kernel, seconds, cases):
    """All cases, with the kernel that --kernel named."""
    path.write_text(json.dumps({
        "kernel": kernel, "seconds": round(seconds, 1),
        "cases": [vars(case) for case in cases]}, indent=1) + "\n")


def _printable(text):
    """XML 1.0 has no other control characters."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def _case(suite, case):
    node = ElementTree.SubElement(
        suite, "testcase", classname=case.program,
        name=_printable(case.name or case.program), time=f"{case.seconds:.1f}")
    why = _printable(case.why)
    if case.result == "fail":
        first = why.splitlines()[0] if why else "failed"
        ElementTree.SubElement(node, "failure", message=first).text = why
    elif case.result != "pass":
        ElementTree.SubElement(node, "skipped", message=f"{case.result}: {why}")


def write_junit(path, seconds, cases):
    """A suite for each session. An expected failure is "skipped" there."""
    top = ElementTree.Element("testsuites", name="kawela",
                              time=f"{seconds:.1f}")
    for name, group in itertools.groupby(cases, lambda case: case.session):
        group = list(group)
        suite = ElementTree.SubElement(
            top, "testsuite", name=name, tests=str(len(group)),
            failures=str(sum(c.result == "fail" for c in group)),
            skipped=str(sum(c.result in ("skip", "xfail") for c in group)),
            time=f"{sum(c.seconds for c in group):.1f}")
        for case in group:
            _case(suite, case)
    ElementTree.indent(top)
    ElementTree.ElementTree(top).write(path, "utf-8", xml_declaration=True)

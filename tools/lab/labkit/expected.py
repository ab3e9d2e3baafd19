# SPDX-License-Identifier: GPL-2.0-only
"""What tests may skip or not pass, and why: two lists, enforced.

upstream.toml is for the kernel's own tests, expected.toml for all others.
"""

import fnmatch
import re
import tomllib

from . import cache

_HERE = cache.TREE / "selftests/drivers/net/kawela"
UPSTREAM = _HERE / "upstream.toml"
OWN = _HERE / "expected.toml"
KEYS = {"program", "case", "result", "reason", "function", "kernel", "debug",
        "topology", "says"}


def entries(path):
    """What stands in a list."""
    return tomllib.loads(path.read_text()).get("expect", [])


class Judge:
    """Compares results with a list, for one kernel, one topology and (upstream's) one
    function.

    A case that skips, is an expected failure, or fails, and isn't listed, has
    failed. So has one that is listed and ends otherwise ("fail or pass" and the
    like leave that open).
    """

    def __init__(self, path, kernel, function=None, listed=None, topology=""):
        debug = kernel.startswith("debug-")
        kernel = kernel.removeprefix("debug-")
        self._name = path.name
        self._entries = [e for e in (entries(path) if listed is None else listed)
                         if e.get("function", function) == function
                         and e.get("kernel", kernel) == kernel
                         and e.get("debug", debug) == debug
                         and fnmatch.fnmatchcase(topology, e.get("topology", "*"))]

    def _find(self, case):
        name = re.sub(r"^\w+\.", "", case.name)
        for entry in self._entries:
            if fnmatch.fnmatchcase(case.program, entry["program"]) and \
                    fnmatch.fnmatchcase(name, entry["case"]):
                return entry
        return None

    def __call__(self, case):
        """Change the result of a case to what it is worth."""
        entry = self._find(case)
        if not entry:
            if case.result in ("skip", "xfail"):
                case.result, case.why = "fail", \
                    f"not listed in {self._name}: {case.result}: {case.why}"
            return
        if case.result not in entry["result"].split(" or "):
            case.result, case.why = "fail", \
                f"{self._name} says {entry['result']} ({entry['reason']}), " \
                f"but: {case.result} {case.why}"
        elif case.result == "fail":
            # For another cause it has failed
            if re.search(entry.get("says", ""), case.why):
                case.result, case.why = "xfail", entry["reason"]
        elif case.result != "pass":
            case.why = f"{entry['reason']} ({case.why})"


def judge(session, kernel):
    """The judge of a session's results."""
    function = session.get("settings", {}).get("LAB_FUNCTION")
    return Judge(UPSTREAM if function else OWN, kernel, function,
                 topology=session.get("topology", ""))

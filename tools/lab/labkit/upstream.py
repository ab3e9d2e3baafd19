# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel's own tests may skip, and why: upstream.toml, enforced."""

import fnmatch
import tomllib

from . import cache

LIST = cache.TREE / "selftests/drivers/net/kawela/upstream.toml"


class Judge:
    """Compares results with the list, for one function and kernel.

    A case that skips, is an expected failure, or fails, and isn't listed, has
    failed. So has one that is listed and passes, but "fail or pass".
    """

    def __init__(self, function, kernel, entries=None):
        if entries is None:
            entries = tomllib.loads(LIST.read_text())["expect"]
        kernel = kernel.removeprefix("debug-")
        self._entries = [e for e in entries
                         if e.get("function", function) == function
                         and e.get("kernel", kernel) == kernel]

    def _find(self, case):
        name = case.name.split(".", 1)[-1]
        for entry in self._entries:
            if entry["program"] == case.program and \
                    fnmatch.fnmatchcase(name, entry["case"]):
                return entry
        return None

    def __call__(self, case):
        """Change the result of a case to what it is worth."""
        entry = self._find(case)
        if not entry:
            if case.result in ("skip", "xfail"):
                case.result, case.why = "fail", \
                    f"not listed in {LIST.name}: {case.result}: {case.why}"
            return
        if case.result not in entry["result"].split(" or "):
            case.result, case.why = "fail", \
                f"{LIST.name} says {entry['result']} ({entry['reason']}), " \
                f"but: {case.result} {case.why}"
        elif case.result == "fail":
            case.result, case.why = "xfail", entry["reason"]
        elif case.result != "pass":
            case.why = f"{entry['reason']} ({case.why})"

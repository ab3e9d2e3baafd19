# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel's own tests may skip."""

import unittest

from labkit.ktap import Case
from labkit.upstream import Judge

_LIST = [
    {"program": "a.py", "case": "one", "result": "skip", "reason": "no x"},
    {"program": "a.py", "case": "vf_*", "result": "fail", "function": "vf",
     "kernel": "6.12", "reason": "one queue"},
]


class Judging(unittest.TestCase):
    """Each result against the list."""

    def judged(self, name, result, function="pf", kernel="6.12"):
        """What becomes of a result."""
        case = Case("a.py", f"a.{name}", result)
        Judge(function, kernel, _LIST)(case)
        return case.result

    def test_listed(self):
        """It ends as the list says."""
        self.assertEqual(self.judged("one", "skip"), "skip")
        self.assertEqual(self.judged("vf_q", "fail", "vf"), "xfail")
        self.assertEqual(self.judged("vf_q", "fail", "vf", "debug-6.12"),
                         "xfail")

    def test_listed_passes(self):
        """What is listed and passes has failed: the list is out of date."""
        self.assertEqual(self.judged("one", "pass"), "fail")
        self.assertEqual(self.judged("one", "xfail"), "fail")
        self.assertEqual(self.judged("vf_q", "pass", "vf"), "fail")

    def test_unlisted(self):
        """What isn't listed, for this function and kernel, must pass."""
        self.assertEqual(self.judged("two", "pass"), "pass")
        for result in ("skip", "xfail", "fail"):
            self.assertEqual(self.judged("two", result), "fail")
        self.assertEqual(self.judged("vf_q", "fail", "pf"), "fail")
        self.assertEqual(self.judged("vf_q", "skip", "vf", "7.3"), "fail")

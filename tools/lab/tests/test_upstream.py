# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel's own tests may skip."""

import unittest

from labkit.ktap import Case, Reader
from labkit.upstream import Judge

_LIST = [
    {"program": "a.py", "case": "one", "result": "skip", "reason": "no x"},
    {"program": "a.py", "case": "vf_*", "result": "fail", "function": "vf",
     "kernel": "6.12", "reason": "one queue"},
    {"program": "a.py", "case": "slow", "result": "fail or pass",
     "reason": "a deadline"},
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

    def test_either(self):
        """What depends on the machine may end in both ways, but no third."""
        self.assertEqual(self.judged("slow", "pass"), "pass")
        self.assertEqual(self.judged("slow", "fail"), "xfail")
        self.assertEqual(self.judged("slow", "skip"), "fail")

    def test_program_of_a_listed_failure(self):
        """A program doesn't fail once more for a failure that is expected."""
        reader = Reader()
        case = reader.feed("# not ok 1 a.vf_q")[0]
        case.program = "a.py"
        Judge("vf", "6.12", _LIST)(case)
        self.assertEqual(case.result, "xfail")
        end = "not ok 1 selftests: drivers/net: a.py # exit=1"
        self.assertEqual(reader.feed(end), [])
        self.assertEqual([c.result for c in reader.feed(end)], ["fail"])

    def test_unlisted(self):
        """What isn't listed, for this function and kernel, must pass."""
        self.assertEqual(self.judged("two", "pass"), "pass")
        for result in ("skip", "xfail", "fail"):
            self.assertEqual(self.judged("two", result), "fail")
        self.assertEqual(self.judged("vf_q", "fail", "pf"), "fail")
        self.assertEqual(self.judged("vf_q", "skip", "vf", "7.3"), "fail")

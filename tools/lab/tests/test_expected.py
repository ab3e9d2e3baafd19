# SPDX-License-Identifier: GPL-2.0-only
"""What tests may skip or not pass."""

import unittest

from labkit import expected
from labkit.ktap import Case, Reader

_LIST = [
    {"program": "a.py", "case": "one", "result": "skip", "reason": "no x"},
    {"program": "a.py", "case": "vf_*", "result": "fail", "function": "vf",
     "kernel": "6.12", "reason": "one queue"},
    {"program": "a.py", "case": "inject", "debug": False, "result": "skip",
     "reason": "no fault injection"},
    {"program": "a.py", "case": "slow", "result": "fail or pass",
     "reason": "a deadline"},
    {"program": "a.py", "case": "tool", "result": "fail or pass",
     "says": "tool .* timed out", "reason": "the tool hangs"},
]


class Judging(unittest.TestCase):
    """Each result against the list."""

    def judged(self, name, result, function="pf", kernel="6.12", why=""):
        """What becomes of a result."""
        case = Case("a.py", f"a.{name}", result, why)
        expected.Judge(expected.UPSTREAM, kernel, function, _LIST)(case)
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

    def test_cause(self):
        """A failure for another cause than the listed one has failed."""
        self.assertEqual(self.judged("tool", "fail", why="tool -x timed out"), "xfail")
        self.assertEqual(self.judged("tool", "fail", why="no traffic"), "fail")
        self.assertEqual(self.judged("tool", "pass"), "pass")

    def test_program_of_a_listed_failure(self):
        """A program doesn't fail once more for a failure that is expected."""
        reader = Reader()
        case = reader.feed("# not ok 1 a.vf_q")[0]
        case.program = "a.py"
        expected.Judge(expected.UPSTREAM, "6.12", "vf", _LIST)(case)
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

    def test_debug(self):
        """What only Debian's kernels may skip passes on a debug kernel."""
        self.assertEqual(self.judged("inject", "skip"), "skip")
        self.assertEqual(self.judged("inject", "pass"), "fail")
        self.assertEqual(self.judged("inject", "skip", kernel="debug-6.12"), "fail")
        self.assertEqual(self.judged("inject", "pass", kernel="debug-6.12"), "pass")

    def test_lists(self):
        """Both lists: all keys are known, and each entry gives its reason."""
        for path in expected.UPSTREAM, expected.OWN:
            for entry in expected.entries(path):
                with self.subTest(f"{path.name}: {entry}"):
                    self.assertEqual(entry.keys() - expected.KEYS, set())
                    self.assertTrue(entry["reason"])
                    self.assertTrue(set(entry["result"].split(" or ")) <=
                                    {"pass", "fail", "skip", "xfail"})

    def test_own(self):
        """In a session of our own, a pass that becomes a skip fails."""
        judge = expected.judge({}, "6.12")
        for name, before, after in (
                ("contract_vf.c21_spoofchk_effect", "xfail", "xfail"),
                ("contract_vf.c21_spoofchk_effect", "pass", "fail"),
                ("contract_vf.c21_spoofchk", "pass", "pass"),
                ("contract_vf.c21_spoofchk", "skip", "fail"),
                ("contract_vf.c21_spoofchk", "xfail", "fail")):
            case = Case("contract_vf.py", name, before)
            judge(case)
            self.assertEqual(case.result, after, name)

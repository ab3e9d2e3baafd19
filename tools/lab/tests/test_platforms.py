# SPDX-License-Identifier: GPL-2.0-only
"""The table of platforms, and what may fail on one of them only."""

import unittest

from labkit import expected, platforms
from labkit.ktap import Case


class Table(unittest.TestCase):
    """What `make check-platforms` prints."""

    def test_table(self):
        """A row each; what can't be says why; other programs aren't there."""
        cases = [Case("platforms.py", "platforms.tcp", "pass", seconds=2, session="a"),
                 Case("platforms.py", "platforms.ats", "xfail", "none", 3, "a"),
                 Case("pf.py", "pf.x", "fail", session="a"),
                 Case("platforms.py", "platforms.tcp", "fail", "why", 1, "bb")]
        self.assertEqual(platforms.table(cases).splitlines(),
                         ["platform  tcp     ats    seconds",
                          "a         ok      can't  5",
                          "bb        FAILED  -      1",
                          "a: ats: none"])
        self.assertEqual(platforms.table(cases[2:3]), "")


class Expected(unittest.TestCase):
    """Entries for one topology."""

    def test_topology(self):
        """What can't be there must be elsewhere."""
        for topology, result, after in (("virtio-sriov", "xfail", "xfail"),
                                        ("virtio-sriov", "pass", "fail"),
                                        ("x86-vtd", "xfail", "fail"),
                                        ("x86-vtd", "pass", "pass")):
            case = Case("platforms.py", "platforms.mailbox", result)
            expected.judge({"topology": topology}, "6.12")(case)
            self.assertEqual(case.result, after, topology)

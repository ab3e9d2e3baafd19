# SPDX-License-Identifier: GPL-2.0-only
"""The lab's own tests, in tools/lab/tests."""

import sys
import unittest

from .cache import TREE

_DIR = TREE / "tools/lab/tests"


class _Collector(unittest.TestResult):
    """Hand each test on as it ends."""

    def __init__(self, report):
        super().__init__()
        self._report = report

    def _say(self, test, result, text=""):
        self._report(test.id().split(".", 1)[-1], result, text)

    def addSuccess(self, test):  # pylint: disable=invalid-name
        """As named."""
        self._say(test, "pass")

    def addSkip(self, test, reason):  # pylint: disable=invalid-name
        """As named."""
        self._say(test, "skip", reason)

    def addFailure(self, test, err):  # pylint: disable=invalid-name
        """As named."""
        super().addFailure(test, err)
        self._say(test, "fail", self.failures[-1][1])

    def addError(self, test, err):  # pylint: disable=invalid-name
        """As named."""
        super().addError(test, err)
        self._say(test, "fail", self.errors[-1][1])

    def addSubTest(self, test, subtest, err):  # pylint: disable=invalid-name
        """As named; a test that passes with all its parts is a success."""
        super().addSubTest(test, subtest, err)
        if err:
            failed = issubclass(err[0], test.failureException)
            said = self.failures if failed else self.errors
            self._say(subtest, "fail", said[-1][1])


def run(report):
    """Run them all. REPORT gets (name, result, text) for each as it ends."""
    sys.path.insert(0, str(_DIR))
    try:
        suite = unittest.defaultTestLoader.discover(str(_DIR))
        count, collector = suite.countTestCases(), _Collector(report)
        suite.run(collector)
        if collector.testsRun != count:
            report("", "fail", f"{collector.testsRun} of {count} tests ran")
    finally:
        sys.path.remove(str(_DIR))

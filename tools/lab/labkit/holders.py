# SPDX-License-Identifier: GPL-2.0-only
"""Which programs have the cases that are asked for, as far as their text tells."""

import fnmatch
import re

from . import cache

_OWN = "drivers/net/kawela"
_PLACE = cache.TREE / "selftests" / _OWN


def _may_mean(pattern, name):
    """A case is called after its function, and variants have a name behind a dot."""
    return fnmatch.fnmatchcase(name, pattern.split(".")[0])


def _has(test, patterns):
    text = (_PLACE / test.rpartition(":")[2]).read_text(encoding="utf-8")
    names = re.findall(r"^def (\w+)\(", text, re.M)
    return any(_may_mean(p, name) for p in patterns for name in names)


def of(tests, patterns, named):
    """Those of TESTS that have a case which a pattern may mean.

    The kernel's own programs aren't looked into: they remain if they were NAMED.
    """
    return [test for test in tests
            if (_has(test, patterns) if test.startswith(f"{_OWN}:") else named)]

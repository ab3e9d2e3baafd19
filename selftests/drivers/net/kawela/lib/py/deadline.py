# SPDX-License-Identifier: GPL-2.0

"""A deadline for each case, so that one that hangs costs only itself."""

import functools
import signal

from net.lib.py import ksft, ksft_pr

from .wait import SLOW

_AGAIN = 30 * SLOW


def _expired(_signum, _frame):
    raise TimeoutError("the case takes too long")


def _limit(func, seconds):
    @functools.wraps(func)
    def limited(*args):
        # Who reads this knows which case was at work when the machine dies
        ksft_pr("begin", func.__name__)
        # Left running: it is for what the case has deferred, too
        signal.setitimer(signal.ITIMER_REAL, seconds * SLOW, _AGAIN)
        return func(*args)
    return limited


def each_limited(cases, seconds=90):
    """The same cases, each with a deadline."""
    signal.signal(signal.SIGALRM, _expired)
    return [case._replace(original_func=_limit(case.original_func, seconds))
            if isinstance(case, ksft.KsftCaseFunction) else
            _limit(case, seconds) for case in cases]

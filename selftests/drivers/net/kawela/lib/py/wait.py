# SPDX-License-Identifier: GPL-2.0

"""Waiting for conditions, with a deadline."""

import os
import time

SLOW = 4 if os.environ.get("KSFT_MACHINE_SLOW") == "yes" else 1


def until(cond, deadline=5, what="", sleep=0.02):
    """Return what cond() returns once that is true; fail after the deadline."""
    end = time.monotonic() + deadline * SLOW
    while True:
        result = cond()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"not within {deadline * SLOW} s: "
                               f"{what or cond.__doc__ or cond}")
        time.sleep(sleep)

# SPDX-License-Identifier: GPL-2.0

"""Waiting for conditions, with a deadline."""

import os
import time

SLOW = 4 if os.environ.get("KSFT_MACHINE_SLOW") == "yes" else 1
# Only what fails waits so long, so it may be long enough for a busy machine
_PATIENCE = 12 * SLOW


def until(cond, deadline=5, what="", sleep=0.02):
    """Return what cond() returns once that is true; fail after the deadline."""
    end = time.monotonic() + deadline * _PATIENCE
    while True:
        result = cond()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"not within {deadline * _PATIENCE} s: "
                               f"{what or cond.__doc__ or cond}")
        time.sleep(sleep)

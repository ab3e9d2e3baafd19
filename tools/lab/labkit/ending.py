# SPDX-License-Identifier: GPL-2.0-only
"""Somebody interrupts: what runs in this process ends, and nothing begins."""

import contextlib
import threading

# Somebody pressed Ctrl-C
_interrupted = threading.Event()
# What must be told of it
_enders = set()


def interrupt():
    """End all that runs in this process, and let nothing begin."""
    _interrupted.set()
    for end in list(_enders):
        end()


def interrupted(seconds=0):
    """Has somebody interrupted, or will within so many seconds?"""
    return _interrupted.wait(seconds)


@contextlib.contextmanager
def ended_when_interrupted(end):
    """Within the block, interrupt() calls END."""
    _enders.add(end)
    try:
        yield
    finally:
        _enders.discard(end)

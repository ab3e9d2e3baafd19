# SPDX-License-Identifier: GPL-2.0-only
"""Somebody interrupts: what runs in this process ends, and nothing begins."""

import contextlib
import subprocess
import threading

from .ui import LabError

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


def run(command, end=subprocess.Popen.kill, **options):
    """subprocess.run(), which interrupt() ends by END, from another thread.

    LabError follows then. By default it is killed: unshare(1) doesn't heed SIGTERM.
    """
    with subprocess.Popen(command, **options) as proc, \
         ended_when_interrupted(lambda: end(proc)):
        try:
            if interrupted():
                end(proc)
            out, err = proc.communicate()
        except BaseException:
            end(proc)
            raise
    if interrupted():
        raise LabError("interrupted", status=130)
    return subprocess.CompletedProcess(command, proc.returncode, out, err)

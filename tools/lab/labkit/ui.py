# SPDX-License-Identifier: GPL-2.0-only
"""What the lab says to people, and how it fails."""

import contextlib
import os
import sys
import threading
import time

_START = time.monotonic()
_TICK = 10.0


class LabError(Exception):
    """Something that a person has to know; the text says the way out."""

    def __init__(self, text, status=2):
        super().__init__(text)
        self.status = status


def quiet():
    """Is progress unwanted?"""
    return os.environ.get("LAB_QUIET") == "1"


def say(text):
    """One line of progress, with the seconds since the start, to stderr."""
    if not quiet():
        print(f"lab [{time.monotonic() - _START:6.1f}s] {text}",
              file=sys.stderr, flush=True)


def fail_text(err):
    """How an error reads."""
    return f"lab: {err}"


@contextlib.contextmanager
def step(text):
    """Announce a long step, show that it goes on, and say how long it took."""
    begin = time.monotonic()
    over = threading.Event()

    def tick():
        while not over.wait(_TICK):
            say(f"{text} ... {time.monotonic() - begin:.0f} s")

    say(text)
    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    say(f"{text}: done in {time.monotonic() - begin:.1f} s")

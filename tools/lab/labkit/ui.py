# SPDX-License-Identifier: GPL-2.0-only
"""What the lab says to people, and how it fails."""

import contextlib
import os
import shutil
import sys
import threading
import time

_START = time.monotonic()
# Seconds between lines that say that a step goes on: in a log, and on a terminal,
# where the line is written again
_TICK = 10.0
_BLINK = 1.0
# Looking how far a step is takes at most this part of the time
_SHARE = 0.05

_steps = threading.local()


class LabError(Exception):
    """Something that a person has to know; the text says the way out."""

    def __init__(self, text, status=2):
        super().__init__(text)
        self.status = status


def quiet():
    """Is progress unwanted?"""
    return os.environ.get("LAB_QUIET") == "1"


def _terminal():
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _stamped(text):
    return f"lab [{time.monotonic() - _START:6.1f}s] {text}"


def say(text):
    """One line of progress, with the seconds since the start, to stderr."""
    if not quiet():
        clear = "\r\033[K" if _terminal() else ""
        print(f"{clear}{_stamped(text)}", file=sys.stderr, flush=True)


def tell(text):
    """What has to be known even if progress is unwanted, to stderr."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


def fail_text(err):
    """How an error reads."""
    return f"lab: {err}"


class _Step:
    """A long step, and how far it is."""

    def __init__(self, text):
        self._text = text
        self._begin = time.monotonic()
        self._over = threading.Event()
        self._known, self._next = "", 0.0
        self.progress = lambda: ""

    def seconds(self):
        """Since it began."""
        return time.monotonic() - self._begin

    def _far(self):
        """What the progress function says, asked no more often than it is cheap."""
        begin = time.monotonic()
        if begin >= self._next:
            # What it looks at may go or change meanwhile
            with contextlib.suppress(OSError, ValueError):
                self._known = self.progress()
            end = time.monotonic()
            self._next = end + (end - begin) / _SHARE
        return f", {self._known}" if self._known else ""

    def line(self):
        """It goes on."""
        return f"{self._text} ... {self.seconds():.0f} s{self._far()}"

    def _blink(self):
        width = shutil.get_terminal_size().columns - 1
        # The cursor returns, so that other output begins where this does
        print(f"\r\033[K{_stamped(self.line())[:width]}", end="\r", file=sys.stderr,
              flush=True)

    def _tick(self):
        live = _terminal()
        while not self._over.wait(_BLINK if live else _TICK):
            if live and not quiet():
                self._blink()
            else:
                say(self.line())

    @contextlib.contextmanager
    def shown(self):
        """While the block runs."""
        thread = threading.Thread(target=self._tick, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()


@contextlib.contextmanager
def step(text):
    """Announce a long step, show that it goes on, and say how long it took."""
    stack = _steps.__dict__.setdefault("stack", [])
    stack.append(_Step(text))
    say(text)
    try:
        with stack[-1].shown():
            yield
    finally:
        done = stack.pop()
    say(f"{text}: done in {done.seconds():.1f} s")


@contextlib.contextmanager
def progress(ask):
    """Within the block, ASK() is a text that says how far this thread's step is."""
    stack = _steps.__dict__.get("stack")
    if not stack:
        yield
        return
    now, before = stack[-1], stack[-1].progress
    now.progress = ask
    try:
        yield
    finally:
        now.progress = before

# SPDX-License-Identifier: GPL-2.0-only
"""What `make check` leaves to other runs of it: it is drawn, and can be drawn again.

KAWELA_DRAW in the environment repeats a draw. KAWELA_VARIANTS says how many variants of
a case run, in place of what suites.toml says; with 0 all do, and nothing is drawn.
"""

import os
import random

_LIMIT = "KAWELA_VARIANTS"
_DRAW = "KAWELA_DRAW"


class Draw:
    """One run's."""

    def __init__(self, everything=False):
        """EVERYTHING: somebody has said what he wants to see."""
        self.everything = everything or os.environ.get(_LIMIT) == "0"
        self.number = os.environ.get(_DRAW) or str(random.SystemRandom().randrange(1 << 32))
        self._left_out = False

    def settings(self, session):
        """For a session's tests; they count more than its own. Who names cases may
        name variants, so these have to be there."""
        everything = self.everything or "cases" in session
        return {_DRAW: self.number, **({_LIMIT: "0"} if everything else {})}

    def one_of_each(self, sessions):
        """Of sessions that stand for one another (one_of), one."""
        if self.everything:
            return sessions
        groups = {}
        for session in sessions:
            groups.setdefault(session.get("one_of", session["name"]), []).append(session)
        kept = [random.Random(f"{self.number} {name}").choice(group)
                for name, group in groups.items()]
        self._left_out = len(kept) < len(sessions)
        return [session for session in sessions if session in kept]

    def said(self, sessions):
        """How to see the same again and how to see all, or ""."""
        if self.everything or not (self._left_out or any(
                _LIMIT in session.get("settings", {}) for session in sessions)):
            return ""
        return (f"not all variants: {_DRAW}={self.number} repeats this choice, "
                f"{_LIMIT}=0 (make check-all) runs all\n")

# SPDX-License-Identifier: GPL-2.0-only
"""What `make check` runs: suites.toml, checked."""

import tomllib
from pathlib import Path

from . import topology
from .ui import LabError

PATH = Path(__file__).resolve().parents[1] / "suites.toml"
# What a session of a kind must have, and what it may have
_NEEDS = {"boot": {"name", "kind", "topology", "timeout", "tests"},
          "lint": {"name", "kind"}, "lab": {"name", "kind"}}
_MAY = {"boot": {"on_request", "one_of", "kernel", "cmdline", "settings", "cases"},
        "lint": {"on_request"}, "lab": {"on_request"}}


def _problem(session):
    """What is wrong with a session, or None."""
    kind = session.get("kind")
    if kind not in _NEEDS:
        return f"kind is one of {', '.join(_NEEDS)}"
    missing = _NEEDS[kind] - session.keys()
    if missing:
        return f"without {', '.join(sorted(missing))}"
    odd = session.keys() - _NEEDS[kind] - _MAY[kind]
    if odd:
        return f"unknown: {', '.join(sorted(odd))}"
    if kind == "boot" and session["topology"] not in topology.names():
        return f"no topology {session['topology']}"
    if kind == "boot" and not session["tests"]:
        return "no tests"
    programs = {test.rpartition(":")[2] for test in session.get("tests", ())}
    lost = session.get("cases", {}).keys() - programs
    if lost:
        return f"cases of {', '.join(sorted(lost))}, which isn't among its tests"
    return None


def load(path=PATH):
    """All sessions, in order."""
    try:
        sessions = tomllib.loads(path.read_text())["session"]
    except (tomllib.TOMLDecodeError, KeyError) as err:
        raise LabError(f"{path}: {err}") from None
    names = [session.get("name") for session in sessions]
    for session in sessions:
        problem = _problem(session)
        if names.count(session.get("name")) > 1:
            problem = "the name is there twice"
        if problem:
            raise LabError(f"{path}: session {session.get('name')}: {problem}")
    return sessions


def choose(sessions, wanted, draw):
    """The sessions of these names, or what DRAW leaves of all but those on request."""
    if not wanted:
        return draw.one_of_each([s for s in sessions if not s.get("on_request")])
    names = [session["name"] for session in sessions]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise LabError(f"no session {', '.join(unknown)}: there are "
                       f"{', '.join(names)}")
    return [session for session in sessions if session["name"] in wanted]


def kernel(session, asked):
    """A session's own kernel, or the one that was asked for.

    A debug kernel that was asked for is that of all sessions.
    """
    if asked.startswith("debug-"):
        return asked
    return session.get("kernel", asked)

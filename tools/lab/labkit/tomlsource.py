# SPDX-License-Identifier: GPL-2.0-only
"""A TOML file of settings whose errors name the line that they are about."""

import dataclasses
import re
import tomllib

from .ui import LabError

_KINDS = {str: "a string", int: "a number", list: "a list", dict: "a table"}
_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\](\]?)")


def is_a(want, value):
    """Of that type? To Python, true is a number."""
    return isinstance(value, want) and not isinstance(value, bool)


def _sets(key, line):
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line)


class Source:
    """A file, and options that replace some of its settings.

    A place is a path of names and numbers: ("machine", 1, "nic", 0) is the first
    [[machine.nic]] of the second [[machine]].
    """

    def __init__(self, path, text):
        self.path = path
        self.overrides = {}
        self._overridden = ()
        self._lines = text.splitlines()
        try:
            self.data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as err:
            raise LabError(f"{path}: {err}") from None

    def _sections(self):
        """(place, number of its first line, its lines) of each part of the file."""
        place, first, count = (), 1, {}
        for number, line in enumerate([*self._lines, "[end]"], 1):
            header = _HEADER.match(line)
            if not header:
                continue
            yield place, first, self._lines[first - 1:number - 1]
            place, first = (), number
            names = header[1].split(".")
            for name in names:
                place += (name,)
                if header[2] and name == names[-1]:
                    count[place] = count.get(place, -1) + 1
                if place in count:
                    place += (count[place],)

    def _line(self, place, key):
        """The line that sets KEY at PLACE, or what of PLACE is nearest to it."""
        fits = [part for part in self._sections() if place[:len(part[0])] == part[0]]
        section, first, lines = max(fits, key=lambda part: len(part[0]))
        for name in (key, *place[len(section):][:1]):
            for number, line in enumerate(lines, first):
                if _sets(name, line):
                    return number
        return first if section else None

    def override(self, values, place):
        """Options replace these settings at a place."""
        self.overrides, self._overridden = values, place

    def overridden(self, key, place):
        """Does an option replace it?"""
        return place == self._overridden and key in self.overrides

    def where(self, key, place=()):
        """As an error begins."""
        if self.overridden(key, place):
            return f"--{key}"
        line = self._line(place, key)
        return f"{self.path}:{line}" if line else str(self.path)

    def refuse(self, key, text, place=()):
        """Raise LabError about a key."""
        raise LabError(f"{self.where(key, place)}: {text}")

    def check(self, cls, data, place=(), without=()):
        """Refuse keys that a dataclass has no field for, or is WITHOUT here, or whose
        values are of another kind."""
        fields = {f.name: f for f in dataclasses.fields(cls) if f.name not in without}
        known = sorted(fields)
        for key in data:
            if key not in known:
                self.refuse(key, f"unknown: {key}; known: {', '.join(known)}", place)
        for name, field in fields.items():
            want = list if field.type is tuple else field.type
            if name in data and not is_a(want, data[name]):
                self.refuse(name, f"{name} is {_KINDS[want]}, not {data[name]!r}", place)

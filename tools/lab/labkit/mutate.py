# SPDX-License-Identifier: GPL-2.0-only
"""Small faults in the drivers' source, one at a time: where they may be, and which are
chosen."""

import dataclasses
import random
import re
from pathlib import Path

from . import units

# Faults of these say nothing about behaviour, or hang a machine for sure
_LEFT_OUT = re.compile(r"lockdep|assert|trace_|NL_SET_ERR|WARN|EXPORT|BUILD_BUG|unlock|"
                       r"\b(netdev|dev|pci|pr)_(err|warn|info|notice|dbg)|^\s*for \(.*--")
_SWAPS = [(f" {a} ", f" {b} ") for a, b in (
    ("==", "!="), ("!=", "=="), ("<", "<="), ("<=", "<"), (">", ">="), (">=", ">"),
    ("&&", "||"), ("||", "&&"), ("+", "-"), ("-", "+"), ("<<", ">>"), (">>", "<<"),
    ("&", "|"), ("|", "&"), ("|=", "="), ("+=", "-="))] + \
    [("return true;", "return false;"), ("return false;", "return true;"),
     ("min(", "max("), ("max(", "min("), ("continue;", ";")]
_ERROR = re.compile(r"return -E\w+;")
_IF = re.compile(r"^(\t+(?:} else )?if) \((.*)\)( {)?$")
_CALL = re.compile(r"^(\t+)[a-z]\w*\(.*\);$")
_STORE = re.compile(r"^(\t+)[a-z][\w>.\[\]-]* [|&+]?= .*;$")
_NUMBER = re.compile(r"(?<![\w.])([1-9]\d?)(?=[;,) \]])")


@dataclasses.dataclass(frozen=True, order=True)
class Mutant:
    """One fault: line NUMBER of FILE reads AFTER instead of BEFORE."""

    file: str
    number: int
    before: str
    after: str

    @property
    def key(self):
        """What it is called; it stays the same when other lines come and go."""
        return f"{self.file}: {self.before.strip()} -> {self.after.strip()}"

    def write(self, tree):
        """Make the fault in a copy of the tree."""
        path = tree / self.file
        lines = path.read_text().split("\n")
        if lines[self.number - 1] != self.before:
            raise ValueError(f"{self.file}:{self.number} isn't {self.before!r}")
        lines[self.number - 1] = self.after
        path.write_text("\n".join(lines))


def _balanced(text):
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return not depth


def variants(line):
    """What a line of a function may become."""
    if _LEFT_OUT.search(line):
        return []
    found = [line.replace(old, new, 1) for old, new in _SWAPS if old in line]
    found += [_ERROR.sub("return 0;", line)] if _ERROR.search(line) else []
    if (match := _IF.match(line)) and _balanced(match[2]):
        found.append(f"{match[1]} (!({match[2]})){match[3] or ''}")
    if match := _CALL.match(line) or _STORE.match(line):
        found.append(f"{match[1]};")
    if match := _NUMBER.search(line):
        more = str(int(match[1]) + 1)
        found.append(line[:match.start()] + more + line[match.end():])
    return [text for text in found if text != line]


def _code(text):
    """(number, line) of what stands in functions and isn't a comment or a string."""
    inside = comment = False
    for number, line in enumerate(text.split("\n"), 1):
        if line in ("{", "}"):
            inside = line == "{"
        if "/*" in line or comment:
            comment = "*/" not in line
            continue
        if inside and not re.search(r'["\'#\\]', line):
            yield number, line


def sites(tree, file):
    """All faults of one file."""
    return [Mutant(file, number, line, after)
            for number, line in _code((tree / file).read_text())
            for after in variants(line)]


def files(tree):
    """The modules' sources, from the tree's top."""
    return sorted(str(path.relative_to(tree)) for top in units.SOURCES[:2]
                  for path in (tree / top).rglob("*.[ch]")
                  if not path.name.endswith(".mod.c"))


def short(file):
    """A file as the documentation calls it."""
    return str(Path(file)).removeprefix(f"{units.DRIVERS}/")


def _spread(found):
    """The first of each line before the others; of those that are called alike, one."""
    found = list({mutant.key: mutant for mutant in reversed(found)}.values())[::-1]
    first = {mutant.number: mutant for mutant in reversed(found)}
    return sorted(found, key=lambda mutant: first[mutant.number] is not mutant)


def choose(tree, names, count, seed):
    """COUNT faults, one in each file at least and more in longer ones, as the seed has
    it; in two places of a file rather than two in one."""
    all_of = {name: sites(tree, name) for name in names}
    all_of = {name: found for name, found in all_of.items() if found}
    total = sum(map(len, all_of.values()))
    chosen = []
    for name, found in all_of.items():
        random.Random(f"{seed} {name}").shuffle(found)
        chosen += _spread(found)[:max(1, round(count * len(found) / total))]
    return chosen

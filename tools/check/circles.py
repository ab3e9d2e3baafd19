#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Which file of the drivers uses which other, and that there are no circles.

A .c file uses another when its text names a function or an object that the other
defines. A name in a table of operations counts, and so does what the inline
functions and macros of headers name for who uses those. Types, constants and
declarations are not uses; tracepoints belong to no file.

Files that use each other, directly or through others, are a circle: none of them
can be understood alone. Circles are refused, with the names that make them.

  circles.py            refuse circles
  circles.py --uses vf  what the files vf.c use, and who uses them
"""

import argparse
import collections
import re
from pathlib import PurePath

import tree

LIBRARY = "libkawela"
_TOKEN = re.compile(r"[A-Za-z_]\w*|[=!<>]=|[^\s\w]")
_WORD = re.compile(r"[A-Za-z_]\w*$")
# Comments, strings, character constants
_NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                    re.S)
_MACRO = re.compile(r"^\s*#\s*define\s+(\w+)(.*)", re.S)
_DIRECTIVE = re.compile(r"((?:^|(?<=\n))[ \t]*#(?:[^\n]*\\\n)*[^\n]*)")
# Macros whose first argument becomes an object
_DEFINES = re.compile(r"DEFINE_|\w+_DEV_PM_OPS$")


def _is_function(head):
    words = [word for word, _ in head]
    return "(" in words and "=" not in words


class Source:
    """What the text of a file defines and what it names."""

    def __init__(self, name):
        self.exported = set()   # what others may name
        self.names = {}         # word: line where it is named first
        self.inlines = {}       # a header's functions and macros: words inside
        text = (tree.TREE / name).read_text(encoding="utf-8")
        text = _NOISE.sub(lambda m: "\n" * m[0].count("\n") + " ", text)
        line, code = 1, []
        for part in _DIRECTIVE.split(text):
            if part.lstrip().startswith("#"):
                self._directive(part)
            else:
                code += [(match[0], line + part.count("\n", 0, match.start()))
                         for match in _TOKEN.finditer(part)]
            line += part.count("\n")
        self._statements(code)

    def _note(self, code):
        for word, line in code:
            if _WORD.match(word):
                self.names.setdefault(word, line)

    def _inline(self, name, words):
        self.inlines.setdefault(name, set()).update(filter(_WORD.match, words))

    def _directive(self, text):
        macro = _MACRO.match(text)
        if macro:
            self._inline(macro[1], _TOKEN.findall(macro[2]))

    def _statements(self, code):
        """Take the text apart at file level; declarations name nothing."""
        head, body, depth = [], [], 0
        for word, line in code:
            depth += {"{": 1, "}": -1}.get(word, 0)
            if depth or word == "}":
                body.append((word, line))
            elif word != ";":
                head.append((word, line))
            ends = word == ";" and not depth or \
                word == "}" and not depth and _is_function(head)
            if ends:
                self._statement(head, body)
                head, body = [], []

    def _statement(self, head, body):
        words = [word for word, _ in head]
        if body and _is_function(head):
            self._function(words, body)
        elif "=" in words:
            self._note(head[words.index("=") + 1:] + body)
            self._object(words[:words.index("=")])
        elif words[1:2] == ["("] or words[2:3] == ["("] and words[0] == "static":
            self._macro(head, words)
        elif "(" not in words:
            self._object(words)

    def _macro(self, head, words):
        """MACRO(name, ...); at file level: some define NAME."""
        self._note(head)
        if "static" not in words and _DEFINES.match(words[0]):
            self.exported.add(words[2])

    def _function(self, words, body):
        name = words[words.index("(") - 1]
        if "static" in words and "inline" in words:
            self._inline(name, (word for word, _ in body))
            return
        self._note(body)
        if "static" not in words:
            self.exported.add(name)

    def _object(self, words):
        if {"static", "extern", "typedef"} & set(words):
            return
        words = words[:words.index("[")] if "[" in words else words
        words = [w for w in words if _WORD.match(w) and not w.startswith("__")]
        named = 2 if words[:1] in (["struct"], ["enum"], ["union"]) else 1
        if len(words) > named:
            self.exported.add(words[-1])


def module_of(unit):
    """The module of a file as it is called here."""
    return unit.split("/")[0]


def _unit(name):
    """How a .c file is called here: MODULE/FILE."""
    path = PurePath(name)
    return f"{path.parent.name}/{path.name}"


class Graph:
    """Files and who uses whom; uses[A][B] are the names of B's in A."""

    def __init__(self):
        parsed = {n: Source(n) for n in tree.files(".c", ".h")
                  if n.startswith((f"{tree.DRIVERS}/", "include/kawela/"))
                  and not n.endswith(("/compat.h", "/trace.h", "/trace.c"))}
        sources = {_unit(n): s for n, s in parsed.items() if n.endswith(".c")}
        headers = [s.inlines for n, s in parsed.items() if n.endswith(".h")]
        self.units = sorted(sources)
        self._owners = collections.defaultdict(dict)
        for unit, source in sources.items():
            for symbol in source.exported:
                self._owners[symbol][module_of(unit)] = unit
        self.uses = {unit: collections.defaultdict(dict) for unit in self.units}
        for unit, source in sources.items():
            self._add(unit, source, headers)

    def _add(self, unit, source, headers):
        inlines = collections.ChainMap(source.inlines, *headers)
        todo = collections.deque((word, f"{PurePath(unit).name}:{line}")
                                 for word, line in source.names.items())
        seen = set(source.names)
        while todo:
            word, where = todo.popleft()
            owner = self._owner(word, unit)
            if owner and owner != unit:
                self.uses[unit][owner].setdefault(word, where)
            inside = inlines.get(word, set()) - seen
            seen |= inside
            todo.extend((w, f"{where} by {word}") for w in sorted(inside))

    def _owner(self, word, unit):
        """PF and VF may use one name for two things; the library is for both."""
        owners = self._owners.get(word, {})
        return owners.get(module_of(unit)) or owners.get(LIBRARY)

    def circles(self):
        """Strongly connected files (Tarjan): sorted lists of more than one."""
        index, low, stack, found = {}, {}, [], []

        def visit(node):
            index[node] = low[node] = len(index)
            stack.append(node)
            for after in self.uses[node]:
                if after not in index:
                    visit(after)
                if after in stack:
                    low[node] = min(low[node], low[after])
            if low[node] == index[node]:
                at = stack.index(node)
                if len(stack) - at > 1:
                    found.append(sorted(stack[at:]))
                del stack[at:]

        for unit in self.units:
            if unit not in index:
                visit(unit)
        return sorted(found)

    def reach(self, node, without=None):
        """What NODE uses, directly or through others; WITHOUT that direct use."""
        seen, todo = set(), [a for a in self.uses[node] if a != without]
        while todo:
            at = todo.pop()
            if at not in seen and at != node:
                seen.add(at)
                todo += self.uses[at]
        return seen

    def describe(self, circle):
        """A circle and the uses in it, those of the fewest names first."""
        lines = [f"a circle: {', '.join(circle)}"]
        edges = [(len(names), a, b, names) for a in circle
                 for b, names in self.uses[a].items() if b in circle]
        for _, a, b, names in sorted(edges, key=lambda e: e[:3]):
            said = ", ".join(f"{n} ({at})" for n, at in sorted(names.items()))
            lines.append(f"    {a} uses {b}: {said}")
        return "\n".join(lines)


def _uses(graph, stem):
    for unit in (u for u in graph.units if PurePath(u).stem == stem):
        for other, names in sorted(graph.uses[unit].items()):
            print(f"{unit} uses {other}: {', '.join(sorted(names))}")
        for other in graph.units:
            if unit in graph.uses[other]:
                names = graph.uses[other][unit]
                print(f"{unit} is used by {other}: {', '.join(sorted(names))}")


def main():
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uses", metavar="NAME", help="one file's neighbours")
    args, graph = parser.parse_args(), Graph()
    if args.uses:
        _uses(graph, args.uses)
    else:
        tree.finish("circles", [graph.describe(c) for c in graph.circles()])


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
A device that lies writes to its descriptors while they are looked at. So what it wrote
back (the member wb) is read in few places: by accessors in the headers of receive and
transmit, each field in one place, with READ_ONCE(). All others look at the copy that a
frame has of it (struct kwl_xdp_buff, always called frame).
"""

import re

import tree

_ACCESSORS = tuple(f"{tree.DRIVERS}/libkawela/{name}" for name in ("rx.h", "tx.h"))
_COPY = "frame"
# The object, the member, and the field if there is one
_MEMBER = re.compile(r"([\w)\]]+)\s*(?:->|\.)\s*wb\b(?:\s*\.\s*(\w+))?")
_ONCE = re.compile(r"READ_ONCE\(\s*\w+\s*->\s*wb\s*\.\s*\w+\s*\)")
# A whole descriptor; "*" behind a name or a bracket declares or multiplies
_WHOLE = re.compile(r"(?<![\w)\]\s])\s*(\*\s*(?:desc|eop)\b(?=\s*[;,)])|"
                    r"(?<==)\s*\w+->desc\[[^;]*\](?=\s*;))")


def _problems(name, seen):
    text = "\n".join(line for _, line in tree.code(name))

    def problem(at, why):
        number = text.count("\n", 0, at) + 1
        return f"{name}:{number}: {text.splitlines()[number - 1].strip()}: {why}"
    once = [match.span() for match in _ONCE.finditer(text)]
    for match in _MEMBER.finditer(text):
        if match[1] == _COPY:
            continue
        if name not in _ACCESSORS:
            yield problem(match.start(), "the device may write it meanwhile: ask for a copy "
                          "as kwl_rx_read() makes it")
        elif not any(a <= match.start() < b for a, b in once):
            yield problem(match.start(), "without READ_ONCE() it may be read twice")
        elif seen.setdefault((name, match[2]), match.start()) != match.start():
            yield problem(match.start(), "it is read in two places")
    for match in _WHOLE.finditer(text):
        yield problem(match.start(1), "a copy of a descriptor as the compiler likes it")


def main():
    """Entry point."""
    problems, seen = [], {}
    for name in tree.files(".c", ".h"):
        if name.startswith((tree.DRIVERS, "include/")):
            problems += _problems(name, seen)
    tree.finish("descriptors", problems)


if __name__ == "__main__":
    main()

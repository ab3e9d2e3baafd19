#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How long functions and files are. A limit that is reached is a question."""

import statistics
import sys

import tree

FUNCTION_MAX = 60
FILE_MAX = 600


def functions(name):
    """(first line, lines between the braces that aren't empty)."""
    start, text = None, tree.lines(name)
    for number, line in text:
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            body = text[start:number - 1]
            yield start - 1, sum(bool(l.strip()) for _, l in body)
            start = None


def main():
    """Entry point."""
    problems, lengths, total = [], [], 0
    for name in tree.files(".c", ".h"):
        count = len(tree.lines(name))
        total += count
        if count > FILE_MAX:
            problems.append(f"{name}: {count} lines")
        for number, length in functions(name):
            lengths.append(length)
            if length > FUNCTION_MAX:
                problems.append(f"{name}:{number}: function of {length} lines")
    if "-v" in sys.argv:
        lengths.sort()
        print(f"{total} lines, {len(lengths)} functions: median "
              f"{statistics.median(lengths):.0f}, p90 "
              f"{lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}")
    tree.finish("size", problems)


if __name__ == "__main__":
    main()

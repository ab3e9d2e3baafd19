#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What no file may contain: paths of one machine, hosts of package registries,
work that was left, lines without a licence; and words that the pages don't use."""

import re

import tree

# Of what leads here only this checkout's own name counts: it may stand in /tmp or
# /usr/src, of which the files rightly speak
_HERE = re.compile(rf"(?<![\w.-]){re.escape(str(tree.TREE))}(?![\w.-])")
_FORBIDDEN = [
    (_HERE, "a path of this machine"),
    (re.compile(r"(?<![\w.])/home/\w"), "a path of somebody's machine"),
    (re.compile(r"https?://[^ \"']*(/debian\b|registry\.|snapshot\.)"),
     "names a package registry"),
    (re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"), "work that was left"),
]
_PAGES = (".md", ".rst")
_PLAIN = [(re.compile(rf"\b({words})\b", re.IGNORECASE), plain) for words, plain in (
    ("ports? above", "upstream bridge"),
    ("errors? (on|of) the bus", "PCIe error"),
    ("foreign", "spoofed, or: of another function"),
    ("(is|are|was|be|been) told", "notified"),
    ("(some|any|every)body|whoever", "the process, driver, caller or function"),
)]
_LICENSED = (".c", ".h", ".py", ".sh", "Makefile", "Kbuild")


def _check(name):
    text = tree.lines(name)
    for number, line in text:
        for pattern, why in _FORBIDDEN:
            if pattern.search(line):
                yield f"{name}:{number}: {why}: {line.strip()}"
        for pattern, plain in _PLAIN if name.endswith(_PAGES) else ():
            if pattern.search(line):
                yield f"{name}:{number}: say \"{plain}\": {line.strip()}"
        if line.rstrip() != line:
            yield f"{name}:{number}: white space at the end"
    script = text and text[0][1].startswith("#!")
    if (name.endswith(_LICENSED) or script) and text and \
            not any("SPDX-License-Identifier" in l for _, l in text[:2]):
        yield f"{name}: no SPDX line"


def main():
    """Entry point."""
    problems = []
    for name in tree.files():
        if name != "LICENSE":
            problems += _check(name)
    tree.finish("words", problems)


if __name__ == "__main__":
    main()

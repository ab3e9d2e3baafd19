#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Draw the files of the drivers and which uses which, for the documentation. Arrows
that others imply are left out, so each file is above all that it uses.

  picture.py            refuse a picture that doesn't show the code as it is
  picture.py --draw     draw it anew (needs graphviz)
  picture.py --dot      print what graphviz gets
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import PurePath

import circles
import tree

_PICTURE = "Documentation/networking/device_drivers/ethernet/kawela/files.svg"
_MODULES = {"kawela": "#dce9f5", "kawelavf": "#e3f1dc", circles.LIBRARY: "#f5ecd7"}
_HEAD = """digraph kawela {
	graph [rankdir=TB, ranksep=0.35, nodesep=0.12, compound=true, fontname="sans-serif"];
	node [shape=box, style="filled,rounded", fillcolor=white, fontsize=11, height=0.25,
		margin="0.07,0.03", fontname="sans-serif"];
	edge [arrowsize=0.5, color="#555555"];"""


def _cluster(graph, module, color):
    yield f"\tsubgraph cluster_{module} {{"
    yield f'\t\tlabel="{module}.ko"; style=filled; color="{color}";'
    files = [u for u in graph.units if circles.module_of(u) == module]
    for unit in files:
        yield f'\t\t"{unit}" [label="{PurePath(unit).stem}"];'
    for a in files:
        for b in sorted(graph.uses[a]):
            if b in files and b not in graph.reach(a, without=b):
                yield f'\t\t"{a}" -> "{b}";'
    yield "\t}"


def _height(graph, unit):
    return len(graph.reach(unit)), unit


def _drivers(graph):
    """An arrow from each driver to the library, from its lowest file."""
    def files(module):
        return [u for u in graph.units if circles.module_of(u) == module]
    top = max(files(circles.LIBRARY), key=lambda u: _height(graph, u))
    for module in (m for m in _MODULES if m != circles.LIBRARY):
        last = min(files(module), key=lambda u: _height(graph, u))
        yield (f'\t"{last}" -> "{top}" [ltail=cluster_{module}, '
               f'lhead=cluster_{circles.LIBRARY}, penwidth=3];')


def dot():
    """The text for graphviz."""
    graph, lines = circles.Graph(), [_HEAD]
    for module, color in _MODULES.items():
        lines += _cluster(graph, module, color)
    return "\n".join([*lines, *_drivers(graph), "}"])


def mark():
    """A line of the picture that says what it was drawn from."""
    return f"<!-- drawn from {hashlib.sha256(dot().encode()).hexdigest()} -->"


def _draw():
    if not shutil.which("dot"):
        sys.exit("picture: there is no dot: install graphviz")
    svg = subprocess.run(["dot", "-Tsvg"], input=dot(), check=True,
                         capture_output=True, text=True).stdout
    svg = re.sub(r"<\?xml.*?-->", '<?xml version="1.0" encoding="UTF-8"?>\n'
                 "<!-- SPDX-License-Identifier: GPL-2.0-only -->", svg, 1, re.S)
    lines = [line.rstrip() for line in svg.splitlines()]
    (tree.TREE / _PICTURE).write_text("\n".join([*lines, mark(), ""]))


def main():
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--draw", action="store_true", help="draw the picture anew")
    how.add_argument("--dot", action="store_true", help="print it as text")
    args = parser.parse_args()
    if args.dot:
        print(dot())
    elif args.draw:
        _draw()
    else:
        picture = tree.TREE / _PICTURE
        shown = picture.exists() and mark() in picture.read_text(encoding="utf-8")
        tree.finish("picture", [] if shown else [
            f"{_PICTURE} doesn't show the code as it is: `make picture` draws it anew"])


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-only
"""What the drivers' work takes, beside the kernel's own, counted in one VM."""

import json
import sys
from pathlib import Path

from .. import arguments, cache, figures, kernels, runs, statuses

_SCRIPT = "/usr/local/lib/lab/figures"
_DOC = Path("Documentation/networking/device_drivers/ethernet/kawela")
_KINDS = ["vf-vf", "pf-vf", "burst", "tcp", "xdp", "ping"]


def _count(args):
    return runs.run("bare", [_SCRIPT, figures.THEIRS, figures.OURS],
                    kernel=args.kernel, timeout=1800, counting=True,
                    settings={"FIGURES_WORK": " ".join(args.work or _KINDS),
                              "FIGURES_REPEAT": str(args.repeat),
                              "FIGURES_FRAMES": str(args.frames),
                              "FIGURES_OCTETS": str(args.octets)})


def _print_functions(found, limit):
    seen = set()
    for sample in found:
        title = f"{sample.event['driver']} {sample.event['name']}"
        if title in seen:
            continue
        seen.add(title)
        print(f"\n{title}: instructions a frame of sender and receiver")
        for sender, receiver, name in sample.functions(limit):
            print(f"  {sender:8.1f} {receiver:8.1f}  {name}")


def _write(args, ended, rows, found):
    modes = {e["driver"]: e["mode"] for e in ended.events if e["event"] == "xdp"}
    data = {"kernel": ended.release, "xdp": modes,
            "figures": [{"name": r.name, "igb": r.theirs, "kawela": r.ours,
                         "ratio": r.ratio, "bar": r.limit, "met": r.met}
                        for r in rows],
            "runs": [s.event for s in found]}
    text = json.dumps(data, indent=1) + "\n"
    (cache.root() / "figures.json").write_text(text)
    if args.json:
        args.json.write_text(text)
    if args.document:
        (cache.TREE / _DOC / "figures.svg").write_text(
            figures.picture(rows, f"kawela as a ratio to igb and igbvf, "
                                  f"Linux {ended.release}"))


def options(parser):
    """Add the options of `lab figures`."""
    arguments.kernel(parser, kernels.DEBIAN, kernels.DEFAULT)
    parser.add_argument("--work", action="append", choices=_KINDS,
                        help="only this (more than once: these)")
    for name, default, text in (
            ("--repeat", 3, "the median of N runs counts"),
            ("--frames", 30000, "frames of a run"),
            ("--octets", 100000000, "octets of a run over TCP")):
        parser.add_argument(name, type=arguments.count, default=default, metavar="N",
                            help=f"{text} (default: %(default)s)")
    parser.add_argument("--functions", type=arguments.whole, default=0, metavar="N",
                        help="list the N functions that take most")
    parser.add_argument("--json", type=arguments.out_file, metavar="FILE",
                        help="write the figures as JSON").complete = "file"
    parser.add_argument("--document", action="store_true",
                        help="draw the picture in the documentation anew")
    arguments.quiet(parser)


def main(args):
    """Count, compare and store."""
    ended = _count(args)
    if ended.status:
        print(f"figures: failed; artefacts: {ended.artefacts}", file=sys.stderr)
        return statuses.FAILED
    found = figures.samples(ended.events, ended.artefacts)
    rows = figures.evaluate(ended.events, found)
    if args.functions:
        _print_functions(found, args.functions)
    _write(args, ended, rows, found)
    print(f"\n{figures.table(rows)}\n\n"
          f"stored as {cache.root() / 'figures.json'}")
    return statuses.OK if all(row.met for row in rows) else statuses.FAILED

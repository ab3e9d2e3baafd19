# SPDX-License-Identifier: GPL-2.0-only
"""The whole way once: PF, VFs, a nested guest VM, traffic, and back."""

import json
import sys
import time

from .. import arguments, kernels, runs, statuses

_SCRIPT = "/usr/local/lib/lab/demo"


def _over(figure):
    return figure["bar"] != "" and figure["value"] > float(figure["bar"])


def _pick(events, kind):
    return [{k: v for k, v in e.items() if k != "event"}
            for e in events if e["event"] == kind]


def _table(result):
    steps = [(s["name"], f"{s['seconds']:.2f} s", "") for s in result["steps"]
             if "seconds" in s]
    figures = [(f["name"], f"{f['value']:g} {f['unit']}".strip(),
                f"at most {f['bar']}" + ("  MISSED" if _over(f) else "")
                if f["bar"] else "") for f in result["figures"]]
    width = max(len(row[0]) for row in steps + figures)
    print("\n== times and figures\n")
    for name, value, limit in steps + figures:
        print(f"   {name:{width}}  {value:>10}  {limit}".rstrip())
    print(f"\n   everything, from the command to this line: "
          f"{result['seconds']:.0f} s on {result['accelerator'].upper()}")


def _result(events, seconds, status):
    return {"status": "ok" if status == 0 else "failed",
            "seconds": round(seconds, 1), "steps": _pick(events, "step"),
            "figures": _pick(events, "figure"), "pings": _pick(events, "ping")}


def options(parser):
    """Add the options of `lab demo`."""
    arguments.kernel(parser, kernels.DEBIAN, kernels.DEFAULT)
    parser.add_argument("--json", action="store_true",
                        help="write the figures as JSON, the story to stderr")
    arguments.quiet(parser)


def main(args):
    """Show it all."""
    begin = time.monotonic()
    ended = runs.run("bare", [_SCRIPT], kernel=args.kernel, timeout=420,
                     output=sys.stderr if args.json else sys.stdout)
    result = _result(ended.events, time.monotonic() - begin, ended.status)
    result.update(kernel=ended.release, accelerator=ended.accelerator)
    missed = [f["name"] for f in result["figures"] if _over(f)]
    if args.json:
        json.dump(result, sys.stdout, indent=1)
        print()
    elif not ended.status:
        _table(result)
    if ended.status or missed:
        print(f"demo: failed; artefacts: {ended.artefacts}", file=sys.stderr)
        return statuses.FAILED
    return statuses.OK

# SPDX-License-Identifier: GPL-2.0-only
"""Everything that can be said of the code without running it."""

import time

from .. import arguments, lint, statuses


def _show(name, result, text, seconds):
    note = f" # SKIP {text}" if result == "skip" else ""
    word = "not ok" if result == "fail" else "ok"
    print(f"{word:6} lint: {name}{note} ({seconds:.1f} s)", flush=True)
    if result == "fail":
        print("\n".join(f"        | {l}" for l in text.splitlines()[:60]))


def options(parser):
    """Add the options of `lab lint`."""
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="only checks with such names") \
        .complete = lambda: sorted({name.split()[0].strip(",") for name in lint.LINTS})
    arguments.quiet(parser)


def main(args):
    """Check, and say what came of each."""
    lint.check_names(args.names)
    failed, begin = 0, time.monotonic()
    for name, result, text in lint.run(args.names):
        _show(name, result, text, time.monotonic() - begin)
        failed += result == "fail"
        begin = time.monotonic()
    return statuses.FAILED if failed else statuses.OK

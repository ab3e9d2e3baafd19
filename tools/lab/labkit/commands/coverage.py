# SPDX-License-Identifier: GPL-2.0-only
"""What the unit tests reach of the drivers."""

from fnmatch import fnmatch

from .. import arguments, cache, coverage, mutate, statuses
from ..ui import LabError


def options(parser):
    """Add the options of `lab coverage`."""
    parser.add_argument("--missing", action="store_true",
                        help="list the lines that nothing reaches")
    parser.add_argument("--file", action="append", metavar="PATTERN",
                        help="only such files, e.g. 'kawela/mbx*.c'")
    arguments.quiet(parser)


def _share(counter):
    count, of = coverage.reached(counter)
    return f"{count:5} of {of:5} {100 * count / of:5.1f} %" if of else f"{'':21}"


def main(args):
    """Measure, and print a row for each file."""
    if args.file and not any(fnmatch(mutate.short(file), p) for p in args.file
                             for file in mutate.files(cache.TREE)):
        raise LabError(f"no file {', '.join(args.file)}; name it as kawela/mbx.c")
    found = {mutate.short(file): of for file, of in coverage.measure().items()
             if not args.file or any(fnmatch(mutate.short(file), p) for p in args.file)}
    total = coverage.File()
    print(f"{'':30} {'lines':>21}  {'branches':>21}")
    for name, of in found.items():
        print(f"{name:30} {_share(of.lines)}  {_share(of.branches)}")
        if args.missing and of.ranges():
            print(f"    lines {of.ranges()}")
        for mine, its in ((total.lines, of.lines), (total.branches, of.branches)):
            mine.update({(name, key): times for key, times in its.items()})
    print(f"{'all':30} {_share(total.lines)}  {_share(total.branches)}")
    none = [mutate.short(file) for file in mutate.files(cache.TREE)
            if mutate.sites(cache.TREE, file) and mutate.short(file) not in found]
    if not args.file:
        print(f"\nNo unit test includes {len(none)} files with code: {', '.join(none)}.\n"
              "What kselftests reach of the drivers isn't measured: that takes a kernel "
              "with CONFIG_GCOV_KERNEL, which the lab's aren't.")
    return statuses.OK

# SPDX-License-Identifier: GPL-2.0-only
"""Kinds of values that options take, checked while the command line is read.

An option's attribute `complete` says how a shell completes its value: "file",
"directory", or a function that returns words.
"""

import argparse
import math
import os
from pathlib import Path


def _number(text):
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None


def count(text):
    """A number from 1."""
    value = _number(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def whole(text):
    """A number from 0."""
    value = _number(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value


def port(text):
    """A TCP port."""
    value = _number(text)
    if not 0 < value < 65536:
        raise argparse.ArgumentTypeError(f"a port is 1 to 65535, not {text}")
    return value


def seconds(text):
    """A time above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def out_file(text):
    """A file that can be written when all is over."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a directory")
    place = path if path.exists() else path.absolute().parent
    if not place.exists():
        raise argparse.ArgumentTypeError(f"there is no directory {place}")
    if not os.access(place, os.W_OK):
        raise argparse.ArgumentTypeError(f"{place} isn't writable")
    return path


def name_list(text):
    """Names, separated by commas."""
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name")
    return found


def kernel(parser, names, default):
    """--kernel, which several commands have."""
    option = parser.add_argument(
        "--kernel", default=default, metavar="KERNEL",
        help=f"{', '.join(names)}, debug-VERSION, or the directory of a kernel tree that "
        "was built (default: %(default)s)")
    option.complete = lambda: [*names, *(f"debug-{name}" for name in names)]
    return option


def quiet(parser):
    """--quiet, which all that takes long has."""
    parser.add_argument("-q", "--quiet", action="store_true",
                        help="no progress; what was asked for, and errors, only")

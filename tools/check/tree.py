# SPDX-License-Identifier: GPL-2.0-only
"""The checkout, as the checks see it."""

import re
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
DRIVERS = "drivers/net/ethernet/kawela"


def files(*suffixes):
    """Files that git tracks or would track, by suffix; all without any."""
    out = subprocess.run(["git", "-C", str(TREE), "ls-files", "-co",
                          "--exclude-standard"], check=True,
                         capture_output=True, text=True).stdout
    return sorted(name for name in out.splitlines()
                  if (TREE / name).is_file()
                  and (not suffixes or name.endswith(suffixes)))


def lines(name):
    """(number, line) of a file."""
    text = (TREE / name).read_text(encoding="utf-8", errors="replace")
    return list(enumerate(text.splitlines(), 1))


def code(name):
    """(number, line) of a C file, without comments."""
    inside = False
    for number, line in lines(name):
        text = re.sub(r"/\*.*?\*/", "", line)
        if inside:
            _, end, text = text.partition("*/")
            inside = not end
        if "/*" in text:
            text, inside = text.split("/*", 1)[0], True
        yield number, text.split("//")[0]


def finish(title, problems):
    """Print what was found and end."""
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{title}: {len(problems)} found")

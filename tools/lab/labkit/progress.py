# SPDX-License-Identifier: GPL-2.0-only
"""How far something is, by what it has left on the disk so far, as a short text."""

import re
from pathlib import Path

_STAGE = re.compile(r"^I: (.*)\.\.\.$", re.M)
_PLACE = re.compile(r"^I: using (\S+) as tempdir$", re.M)
_ARCHIVES = "var/cache/apt/archives"
_DPKG = "var/log/dpkg.log"
# tar says how many records of 20 blocks it has read
_RECORD = 20 * 512
_CHECKPOINT = re.compile(r"^\S*tar: \w+ checkpoint (\d+)$")
CHECKPOINTS = ["--blocking-factor=20", "--checkpoint=1000"]


def octets(number):
    """As people read it."""
    return f"{number / 1e6:.0f} MB" if number < 1e9 else f"{number / 1e9:.2f} GB"


def size(path):
    """What a file takes on the disk."""
    return octets(path.stat().st_blocks * 512) if path.exists() else ""


def _below(directory):
    """Octets of all files there that can be seen."""
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total


def _installed(log):
    """Packages that dpkg has set up."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return len(set(re.findall(r" status installed (\S+)", text)))


def mmdebstrap(log, output):
    """Its step, and octets or packages."""
    text = log.read_text(errors="replace")
    stages, place = _STAGE.findall(text), _PLACE.search(text)
    if not stages or not place:
        return ""
    stage, place = stages[-1], Path(place[1])
    if stage.startswith("downloading"):
        return f"{stage}: {octets(_below(place / _ARCHIVES))}"
    if stage.startswith("installing"):
        return f"{stage}: {_installed(place / _DPKG)} packages set up"
    if stage.startswith("creating"):
        return f"{stage}: {size(output)}"
    return stage


def unpacked(log):
    """What tar with CHECKPOINTS has read, by what it says."""
    found = [match for match in map(_CHECKPOINT.match, log.read_text().splitlines()) if match]
    return f"{octets(int(found[-1][1]) * _RECORD)} unpacked" if found else ""


def without_checkpoints(log):
    """All else that tar says."""
    return [line for line in log.read_text(errors="replace").splitlines()
            if not _CHECKPOINT.match(line)]


def compiled(log):
    """Files that a build has compiled, by its output."""
    count = len(re.findall(rb"^ +(?:CC|CC \[M\]|AS|HOSTCC) ", log.read_bytes(), re.M))
    return f"{count} files compiled"


def modules(directory, total):
    """Modules that are installed below a directory."""
    return f"{sum(1 for _ in directory.rglob('*.ko*'))} of {total} modules"


def objects(directory, since):
    """Object files that are newer than a time."""
    count = sum(path.stat().st_mtime >= since for path in directory.rglob("*.o"))
    return f"{count} files compiled"

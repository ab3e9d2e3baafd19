# SPDX-License-Identifier: GPL-2.0-only
"""kawela-lend and its relay, built by the lab's compiler, and tried without a VF."""

from . import cache, images, jail
from .ui import LabError

_SOURCES = cache.TREE / "tools/lend"
NAMES = ("kawela-lend", "kawela-lend-relay")


def _make(out, *words):
    proc = jail.run(images.tools() / "tree", ["make", "-C", "/mnt/lend", "O=/mnt/out", *words],
                    binds=[(_SOURCES, "mnt/lend"), (out, "mnt/out")], check=False)
    if proc.returncode:
        raise LabError(f"tools/lend: {proc.stdout[-1500:]}{proc.stderr[-1500:]}", status=1)
    return proc.stdout


def programs():
    """The directory with kawela-lend, its relay, and a kawela-lend without a VF."""
    files = sorted(_SOURCES.rglob("*.[ch]")) + [_SOURCES / "Makefile"]
    return cache.artefact("lend", cache.digest(images.tools().name, *files), lambda part: _make(
        part, "all", "/mnt/out/lend-without-vf"))


def check_server(*words):
    """Try the server without a VF, with variables of make. Return: what was said."""
    with cache.scratch("lend") as work:
        return _make(work, "check", *words)

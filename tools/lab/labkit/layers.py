# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages on top of the lab's root: a disk of its own for each set of them.

The root stays as it is. mmdebstrap installs the packages over a copy of it, and what
that adds or changes becomes the disk, which virtual machines lay over the root.
"""

import difflib
import os
import re
import shlex
import time

from . import cache, images, ui
from .ui import LabError

_HOOK = images.HERE / "image/layer"
# Sets of packages that stay; others go when one is made
_KEEP = 6
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_INDEX = "names"
# What apt says when it would have to take something out of the root
_REMOVES = "Packages need to be removed but remove is disabled"


def _build_index(part):
    hook = f'--customize-hook=APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-cache pkgnames ' \
        f"> {shlex.quote(str(part / 'all'))}.part"
    with ui.step(f"packages: reading the index of Debian {images.SUITE}"):
        images.mmdebstrap(part / "index", [], variant="custom", options=[hook],
                          discard=True)
    (part / "all.part").rename(part / _INDEX)


def names():
    """All that Debian's suite has. The index is read anew each week."""
    key = cache.digest(images.RECIPE, images.SUITE, time.strftime("%G %V"))
    index = cache.artefact("index", key, _build_index) / _INDEX
    return set(index.read_text().split())


def _advice(name, known):
    near = difflib.get_close_matches(name, known, n=3)
    return f"{name} (nearest: {', '.join(near)})" if near else f"{name} (none is like it)"


def _key(wanted):
    return cache.digest(images.lab_key(), _HOOK, *wanted)


def _kind(wanted):
    # A kind for each set, of which only the newest is worth keeping
    return f"packages-{cache.digest(*wanted)}"


def check(packages):
    """Refuse names that Debian doesn't have. Return: those that are, sorted."""
    wanted = sorted(set(packages))
    odd = [name for name in wanted if not _NAME.fullmatch(str(name))]
    if odd:
        raise LabError(f"{', '.join(map(repr, odd))} can't be the name of a package: names "
                       "are separated by commas, as in --packages chrony,keepalived")
    if not wanted or cache.peek(_kind(wanted), _key(wanted)):
        return wanted
    known = names()
    lost = [name for name in wanted if name not in known]
    if lost:
        raise LabError(f"Debian {images.SUITE} has no package "
                       f"{', '.join(_advice(name, known) for name in lost)}")
    return wanted


def _build(part, wanted):
    tree, image = images.lab() / "tree", part / "layer.ext4"
    hook = shlex.quote(str(_HOOK))
    with ui.step(f"packages: installing {', '.join(wanted)}"):
        try:
            images.mmdebstrap(
                part / "layer", wanted, variant="custom", discard=True,
                options=[*images.lean(), '--aptopt=APT::Get::Remove "false"',
                         f"--setup-hook=sync-in {shlex.quote(str(tree))} /",
                         f'--setup-hook={hook} "$1"', f'--customize-hook={hook} "$1"',
                         f"--customize-hook=download /lab/layer.ext4 "
                         f"{shlex.quote(str(image))}"])
        except LabError as err:
            if _REMOVES in str(err):
                raise LabError(f"{', '.join(wanted)}: would take packages out of the lab's "
                               f"root, on which the rest of the lab stands\n{err}") from err
            raise
    if not image.exists():
        raise LabError(f"{', '.join(wanted)}: mmdebstrap left no image")


def _prune(keep):
    """Drop the sets that were used longest ago, unless somebody uses them."""
    old = sorted((path for path in cache.root().glob("packages-*")
                  if path != keep and path.suffix != ".part"),
                 key=lambda path: path.stat().st_mtime)
    for path in old[:max(0, len(old) + 1 - _KEEP)]:
        with cache.lock(path.name, wait=False) as mine:
            if mine:
                cache.remove(path)


def get(wanted):
    """The artefact with layer.ext4 for packages that check() has passed."""
    kind, key = _kind(wanted), _key(wanted)
    path = cache.artefact(kind, key, lambda part: _build(part, wanted), size_gib=4)
    os.utime(path)
    _prune(path)
    return path

# SPDX-License-Identifier: GPL-2.0-only
"""Programs in C that tests run in a VM."""

import shutil

from . import cache, images, jail

_TOP = cache.TREE / "selftests/drivers/net/kawela"
_NAMES = ("hostile",)


def _build(part):
    for name in _NAMES:
        shutil.copytree(_TOP / name, part / name)
        sources = sorted(path.name for path in (_TOP / name).glob("*.c"))
        jail.run(images.tools() / "tree",
                 ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o",
                  name, *sources], cwd=f"/mnt/{name}",
                 binds=[(part / name, f"mnt/{name}")])


def install(directory):
    """Put them where the tests are: each into the directory of its sources."""
    files = [path for name in _NAMES for path in sorted((_TOP / name).iterdir())]
    built = cache.artefact("programs", cache.digest(images.tools().name, *files),
                           _build)
    for name in _NAMES:
        shutil.copy(built / name / name, directory / name)

# SPDX-License-Identifier: GPL-2.0-only
"""A kernel with the checks that distributions leave out."""

import os

from . import cache, images, jail, kernels, progress, source, ui
from .ui import LabError

_CONFIG = images.HERE / "image/debug.config"
# What only some versions want to be told: 6.12 has it with PROC_SYSCTL
_MORE = {"7.3": "CONFIG_SYSCTL=y\n"}


def _configure(root, tree, version):
    """Take what the fragment names and nothing else; say what didn't come through."""
    inside = kernels.BUILT
    fragment = _CONFIG.read_text() + _MORE.get(version, "")
    (tree / "lab.config").write_text(fragment)
    jail.run(root, ["make", "KCONFIG_ALLCONFIG=lab.config", "allnoconfig"],
             binds=[(tree, inside)], cwd=inside)
    have = set((tree / ".config").read_text().splitlines())
    lost = [line for line in fragment.splitlines()
            if line.startswith("CONFIG_") and not line.endswith("=n")
            and line not in have]
    if lost:
        ui.say(f"debug kernel: not available in this version: {' '.join(lost)}")


def _compile(part, version):
    root = images.tools() / "tree"
    tree = part / "built"
    with ui.step(f"debug kernel {version}: unpacking the source"):
        source.unpack(version, tree, exactly=True)
    _configure(root, tree, version)
    with ui.step(f"debug kernel {version}: compiling"), \
         open(part / "build.log", "w", encoding="utf-8") as log, \
         ui.progress(lambda: progress.compiled(part / "build.log")):
        proc = jail.run(root, ["make", f"-j{os.cpu_count()}", "bzImage",
                               "modules"], binds=[(tree, kernels.BUILT)],
                        cwd=kernels.BUILT, log=log, check=False)
    if proc.returncode:
        tail = (part / "build.log").read_text().splitlines()[-15:]
        raise LabError("the debug kernel doesn't build:\n" + "\n".join(tail))
    for path in tree.rglob("*.o"):
        if "scripts" not in path.parts and "tools" not in path.parts:
            path.unlink()


def _compiled(version):
    """The built tree. It depends on nothing that the images hold."""
    more = _MORE.get(version)
    key = cache.digest(images.RECIPE, version, _CONFIG, *([more] if more else []))
    path = cache.artefact(f"compiled-{version}", key,
                          lambda part: _compile(part, version), 12)
    return path / "built"


def _install(part, tree):
    (part / "built").symlink_to(tree)
    # The bzImage: KASAN's checks in the PVH entry run before its shadow exists
    kernels.install_local(part, tree, kernels.BUILT)


def get(version):
    """The artefact's directory."""
    tree = _compiled(version)
    key = cache.digest(tree.parent.name, images.lab().name)
    return cache.artefact(f"debug-{version}", key,
                          lambda part: _install(part, tree), 2)

# SPDX-License-Identifier: GPL-2.0-only
"""Build this tree's modules against a kernel, and pack what a VM gets of them."""

import os
import shutil
import time
from pathlib import Path

from . import cache, images, jail, progress, ui
from .ui import LabError

# What kbuild reads; the rest of the tree doesn't reach the build directory
_SOURCES = ["Kbuild", "drivers", "include",
            "selftests/drivers/net/kawela/test_modules"]
_DRIVERS = "drivers/net/ethernet/kawela"
DRIVERS = [f"{_DRIVERS}/{name}/{name}.ko"
           for name in ("libkawela", "kawela", "kawelavf")]
_MODULES = DRIVERS + \
           [f"{_SOURCES[-1]}/{name}.ko"
            for name in ("kawela_test", "kawela_report", "kawela_fail")]


# Debian's ccache has a directory of compilers that are itself
CCACHE_ENV = {"PATH": "/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin",
              "CCACHE_DIR": "/mnt/ccache", "CCACHE_MAXSIZE": "1G"}


def ccache_binds():
    """What a jail needs beside CCACHE_ENV, if its root has ccache."""
    path = cache.root() / "ccache"
    path.mkdir(exist_ok=True)
    return [(path, "mnt/ccache")]


def _walk(base):
    for name in _SOURCES:
        top = base / name
        paths = [top] if top.is_file() else top.rglob("*")
        for path in paths:
            if path.is_file():
                yield path.relative_to(base)


def _is_product(path):
    return path.suffix in (".o", ".ko", ".mod", ".cmd", ".d", ".order",
                           ".symvers") or path.name.endswith(".mod.c")


def _sync(target):
    """Copy what changed; kbuild rebuilds by time stamp."""
    wanted = {p for p in _walk(cache.TREE) if not _is_product(p)}
    for path in wanted:
        here, there = cache.TREE / path, target / path
        if there.exists() and there.read_bytes() == here.read_bytes():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(here, there)
    for path in list(_walk(target)):
        if path not in wanted and not _is_product(path):
            (target / path).unlink()


def directory(kernel, root, use=""):
    """Where this checkout is built against a kernel with a root's compiler; a USE of
    its own has a directory of its own."""
    key = cache.digest(str(cache.TREE), str(kernel.directory), str(root), use)
    path = cache.root() / "build" / key
    path.mkdir(parents=True, exist_ok=True)
    return path


def kbuild(kernel, root, work, *args):
    """Run kbuild on what is in WORK. Return: (status, output)."""
    proc = jail.run(root, ["make", "-C",
                           f"/usr/lib/modules/{kernel.release}/build",
                           "M=/mnt/kawela", f"-j{os.cpu_count()}",
                           "KAWELA_TESTS=m", *args],
                    binds=[*kernel.binds(), (work, "mnt/kawela"), *ccache_binds()],
                    env=CCACHE_ENV, check=False)
    return proc.returncode, proc.stdout + proc.stderr


def _forget(work):
    """A build that was killed may have left half an object, which make takes for whole."""
    for path in list(_walk(work)):
        if _is_product(path):
            (work / path).unlink()


def _make(kernel, root, work, *args):
    begun = work / "begun"
    if begun.exists():
        _forget(work)
    _sync(work)
    begun.touch()
    result = kbuild(kernel, root, work, *args)
    begun.unlink()
    return result


def make(kernel, root, *args, use=""):
    """Run kbuild on a copy of this tree. Return: (status, output, directory)."""
    work = directory(kernel, root, use)
    with cache.lock(f"build-{work.name}"):
        return (*_make(kernel, root, work, *args), work)


def _explain(output):
    lines = [l for l in output.splitlines() if "error" in l or "Error" in l]
    refused = [l.split("#error ")[1] for l in lines if "error: #error" in l]
    if refused:
        return refused[0]
    return "\n".join(lines[:12] or output.splitlines()[-12:])


def modules(kernel, target):
    """Put this tree's modules for a kernel, stripped of debug information, into a
    directory."""
    root = kernel.compilers()
    work = directory(kernel, root)
    begin = time.time()
    # Whoever builds here next waits until they are out
    with ui.step(f"building the modules for {kernel.release}"), \
         ui.progress(lambda: progress.objects(work, begin)), \
         cache.lock(f"build-{work.name}"):
        status, output = _make(kernel, root, work, "modules")
        if status:
            raise LabError(f"the modules don't build for {kernel.release}:\n"
                           f"{_explain(output)}", status=1)
        for file in _MODULES:
            shutil.copyfile(work / file, target / Path(file).name)
    names = [Path(file).name for file in _MODULES]
    jail.run(root, ["strip", "--strip-debug", *names], cwd="/mnt/modules",
             binds=[(target, "mnt/modules")])


def install(kernel, payload):
    """Put the modules, and an index that knows them, into a payload directory."""
    root = images.lab() / "tree"
    base = payload / "usr/lib/modules" / kernel.release
    updates = base / "updates"
    updates.mkdir(parents=True)
    modules(kernel, updates)
    inside = f"usr/lib/modules/{kernel.release}"
    jail.run(root, ["depmod", "-b", "/mnt/kernel/usr", "-o", "/mnt/out/usr",
                    kernel.release],
             binds=[(kernel.tree, "mnt/kernel"),
                    (updates, f"mnt/kernel/{inside}/updates"),
                    (payload, "mnt/out")])

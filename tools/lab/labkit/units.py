# SPDX-License-Identifier: GPL-2.0-only
"""Programs that try the drivers' pure parts in user space: compile and run them."""

import os
import re
from pathlib import Path

from . import cache, images, jail

UNITS = Path("selftests/drivers/net/kawela/unit")
DRIVERS = Path("drivers/net/ethernet/kawela")
# What they are made of
SOURCES = (DRIVERS, Path("include"), UNITS)
_INCLUDES = (".", "libkawela", "kawela", "kawelavf")
_TREE, _WORK = "/mnt/tree", "/mnt/unit"
# What finds a fault while a program runs, and what finds one in its source
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_STRICT = ("-Wall", "-Werror", "-Wno-unused-function", "-Wno-unused-const-variable",
           *SANITIZERS)


def programs():
    """Their names."""
    return sorted(path.stem for path in (cache.TREE / UNITS).glob("*.c"))


def _kernel_headers(tree):
    """<linux/...> that drivers include; each is the shim."""
    found = set()
    for top in (DRIVERS, Path("include")):
        for path in (tree / top).rglob("*.[ch]"):
            found |= set(re.findall(r"^#include <((?:linux|net)/.*)>",
                                    path.read_text(), re.M))
    return found


def prepare(work, tree=cache.TREE):
    """Make WORK a directory in which programs of TREE can be compiled."""
    for header in _kernel_headers(tree):
        path = work / "include" / header
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('#include "shim.h"\n')


def environment():
    """KAWELA_FUZZ_CASES and _SEED of our environment."""
    return {name: str(int(value, 0)) for name, value in os.environ.items()
            if name in ("KAWELA_FUZZ_CASES", "KAWELA_FUZZ_SEED")}


def _shell(work, tree, script, env=None):
    return jail.run(images.tools() / "tree", ["sh", "-c", script], check=False,
                    binds=[(tree, _TREE), (work, _WORK)],
                    # Leaks are looked for in /proc, which isn't ours there
                    env={"ASAN_OPTIONS": "detect_leaks=0", **(env or {})})


def _gcc(name, flags):
    where = [f"-I{_TREE}/{UNITS}", f"-I{_WORK}/include", f"-I{_TREE}/include",
             *(f"-I{_TREE}/{DRIVERS / d}" for d in _INCLUDES)]
    return " ".join(["gcc -std=gnu11 -O1", *flags, *where, f"{_TREE}/{UNITS}/{name}.c"])


def compile_and_run(name, work, tree=cache.TREE, *, flags=_STRICT, env=None, seconds=900,
                    after="true"):
    """Return: the CompletedProcess; its status is 3 when gcc refuses.

    AFTER is a command that runs in WORK when the program has ended well.
    """
    script = (f"{_gcc(name, flags)} -o {_WORK}/{name} || exit 3; cd {_WORK} && "
              f"timeout {seconds} ./{name} && {after}")
    return _shell(work, tree, script, environment() | (env or {}))


def uses(name, work, tree=cache.TREE):
    """The drivers' files that a program includes."""
    proc = _shell(work, tree, f"{_gcc(name, ())} -MM")
    words = proc.stdout.replace("\\\n", " ").split()
    return {os.path.relpath(word, _TREE) for word in words
            if word.startswith((f"{_TREE}/{DRIVERS}", f"{_TREE}/include"))}

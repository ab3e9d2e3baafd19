# SPDX-License-Identifier: GPL-2.0-only
"""The drivers' pure parts, compiled for user space and tried there."""

import os
import re
import unittest

from labkit import cache, images, jail

UNITS = cache.TREE / "selftests/drivers/net/kawela/unit"
_DRIVERS = cache.TREE / "drivers/net/ethernet/kawela"
_SOURCES = (".", "libkawela", "kawela", "kawelavf")


def _headers():
    """<linux/...> that drivers include; each is the shim."""
    found = set()
    for top in (_DRIVERS, cache.TREE / "include"):
        for path in top.rglob("*.[ch]"):
            found |= set(re.findall(r"^#include <((?:linux|net)/.*)>",
                                    path.read_text(), re.M))
    return found


def _fuzz():
    """KAWELA_FUZZ_CASES and _SEED of our environment, as assignments."""
    return [f"{name}={int(value, 0)}" for name, value in os.environ.items()
            if name in ("KAWELA_FUZZ_CASES", "KAWELA_FUZZ_SEED")]


class Units(unittest.TestCase):
    """Each program in unit/ is compiled and run."""

    def test_units(self):
        """All of them; what a program says is shown when it fails."""
        with cache.scratch("units") as work:
            for header in _headers():
                path = work / "include" / header
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text('#include "shim.h"\n')
            for source in sorted(UNITS.glob("*.c")):
                with self.subTest(source.stem):
                    self._try(work, source)

    def _try(self, work, source):
        tree = "/mnt/tree"
        where = [f"-I{tree}/{(_DRIVERS / d).relative_to(cache.TREE)}"
                 for d in _SOURCES]
        script = " ".join([
            "gcc -std=gnu11 -O1 -Wall -Werror -Wno-unused-function",
            "-Wno-unused-const-variable -fsanitize=address,undefined",
            "-fno-sanitize-recover=all",
            f"-I{tree}/{UNITS.relative_to(cache.TREE)} -I/mnt/unit/include",
            f"-I{tree}/include", *where, "-o /mnt/unit/test",
            # Leaks are looked for in /proc, which isn't ours there
            f"{tree}/{source.relative_to(cache.TREE)} &&", *_fuzz(),
            "ASAN_OPTIONS=detect_leaks=0",
            "/mnt/unit/test"])
        proc = jail.run(images.tools() / "tree", ["sh", "-c", script],
                        binds=[(cache.TREE, tree), (work, "/mnt/unit")],
                        check=False)
        self.assertEqual(proc.returncode, 0, proc.stdout + proc.stderr)
        self.assertRegex(proc.stdout, r"\d+ checks, 0 failed")

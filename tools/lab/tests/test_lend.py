# SPDX-License-Identifier: GPL-2.0-only
"""kawela-lend without a VF: it builds without a warning, and its server is attacked."""

import os
import unittest

from labkit import cache, images, jail

_SOURCES = cache.TREE / "tools/lend"


class Lend(unittest.TestCase):
    """`make -C tools/lend`, with the lab's compiler."""

    def _make(self, *targets):
        with cache.scratch("lend") as work:
            proc = jail.run(images.tools() / "tree",
                            ["make", "-C", "/mnt/lend", "O=/mnt/out", *targets],
                            binds=[(_SOURCES, "mnt/lend"), (work, "mnt/out")],
                            check=False)
        self.assertEqual(proc.returncode, 0, proc.stdout + proc.stderr)
        return proc.stdout

    def test_server(self):
        """Message by message, and some from a borrower that obeys nothing."""
        said = self._make("check", f"MESSAGES={os.environ.get('KAWELA_MESSAGES', '50000')}",
                          f"SEED={os.environ.get('KAWELA_SEED', '')}")
        self.assertRegex(said, r"seed \d+")
        self.assertRegex(said, r"[1-9]\d* checks, 0 failed")

# SPDX-License-Identifier: GPL-2.0-only
"""kawela-lend without a VF: it builds without a warning, and its server is attacked."""

import os
import unittest

from labkit import lend_build


class Lend(unittest.TestCase):
    """`make -C tools/lend`, with the lab's compiler."""

    def test_programs(self):
        """Both are built."""
        for name in lend_build.NAMES:
            self.assertTrue((lend_build.programs() / name).exists())

    def test_server(self):
        """Message by message, and some from a borrower that obeys nothing."""
        said = lend_build.check_server(f"MESSAGES={os.environ.get('KAWELA_MESSAGES', '50000')}",
                                 f"SEED={os.environ.get('KAWELA_SEED', '')}")
        self.assertRegex(said, r"seed \d+")
        self.assertRegex(said, r"[1-9]\d* checks, 0 failed")

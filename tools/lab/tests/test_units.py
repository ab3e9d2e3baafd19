# SPDX-License-Identifier: GPL-2.0-only
"""The drivers' pure parts, compiled for user space and tried there."""

import unittest

from labkit import cache, units


class Units(unittest.TestCase):
    """Each program in unit/ is compiled and run."""

    def test_units(self):
        """All of them; what a program says is shown when it fails."""
        with cache.scratch("units") as work:
            units.prepare(work)
            for name in units.programs():
                with self.subTest(name):
                    proc = units.compile_and_run(name, work)
                    self.assertEqual(proc.returncode, 0, proc.stdout + proc.stderr)
                    self.assertRegex(proc.stdout, r"\d+ checks, 0 failed")
                    if units.environment():
                        print(f"{name}: {proc.stdout.strip()}", flush=True)

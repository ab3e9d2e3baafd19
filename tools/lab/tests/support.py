# SPDX-License-Identifier: GPL-2.0-only
"""Start the lab as people do, and look at what it says."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAB = HERE.parent / "lab"


class LabCase(unittest.TestCase):
    """Runs of the lab, each with the deadline that its kind needs."""

    def setUp(self):
        self._temp = tempfile.TemporaryDirectory(prefix="lab-test-")
        self.addCleanup(self._temp.cleanup)
        self.temp = Path(self._temp.name)

    def lab(self, *args, seconds=60, prefix=(), tool="lab", **env):
        """Run it, or another of the lab's tools. Return: the CompletedProcess."""
        return subprocess.run(
            [*prefix, sys.executable, str(LAB.parent / tool), *args],
            capture_output=True,
            text=True, check=False, timeout=seconds,
            stdin=subprocess.DEVNULL, env={**os.environ, "LAB_QUIET": "1", **env})

    def refused(self, *args, says, status=2, **options):
        """It refuses: one message, no traceback, and it names the way out."""
        proc = self.lab(*args, **options)
        text = proc.stderr
        self.assertEqual(proc.returncode, status, text)
        self.assertNotIn("Traceback", text)
        self.assertEqual(text.count("lab: "), 1, text)
        self.assertEqual(proc.stdout, "")
        for part in says:
            self.assertIn(part, text)


class TreeCase(unittest.TestCase):
    """A tree of few files, and the checks that look at it."""

    def setUp(self):
        self.tree = Path(self.enterContext(tempfile.TemporaryDirectory()))
        subprocess.run(["git", "init", "-q", str(self.tree)], check=True)
        shutil.copytree(LAB.parents[1] / "check", self.tree / "tools/check")

# SPDX-License-Identifier: GPL-2.0-only
"""The kselftests in a kernel tree, without the lab."""

import shutil
import tempfile
import unittest
from pathlib import Path

from labkit import cache, images, jail, selftests

_WHERE = "drivers/net/kawela"
_LINUX = "/mnt/linux"


class InTree(unittest.TestCase):
    """A kernel tree that has no more than kselftest's own files, and ours."""

    def setUp(self):
        temp = Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="lab-kselftest-")))
        self.tree = temp / "linux"
        shutil.copytree(selftests.runtime(), self.tree)
        self.top = self.tree / selftests.TOP
        self.ours = cache.TREE / "selftests" / _WHERE
        shutil.copytree(self.ours, self.top / _WHERE)

    def run_there(self, *command, cwd=selftests.TOP):
        """Run it in the kernel tree. Return: what it said."""
        proc = jail.run(images.tools() / "tree", command, check=False,
                        cwd=f"{_LINUX}/{cwd}", binds=[(self.tree, _LINUX)])
        self.assertEqual(proc.returncode, 0, proc.stdout + proc.stderr)
        return proc.stdout

    def test_imports(self):
        """The programs find the kernel's library where they are."""
        self.run_there("python3", "-c", "import lib.py",
                       cwd=f"{selftests.TOP}/{_WHERE}")

    def test_install(self):
        """All programs and their library are installed, and listed for the runner."""
        # net/lib has programs to compile, which need the rest of the kernel
        self.run_there("make", f"TARGETS={_WHERE}", "INSTALL_DEP_TARGETS=",
                       f"INSTALL_PATH={_LINUX}/out", "install")
        out = self.tree / "out"
        programs = sorted(p.name for p in self.ours.glob("*.py"))
        listed = (out / "kselftest-list.txt").read_text().split()
        self.assertEqual(sorted(listed), [f"{_WHERE}:{name}" for name in programs])
        for name in (*programs, "settings", "features.tsv", "lib/py/__init__.py",
                     "lib/py/env.py"):
            self.assertTrue((out / _WHERE / name).exists(), name)
        self.assertTrue((out / "drivers/net/lib/py/env.py").exists())


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-2.0-only
"""make install and make uninstall, each in a root of its own."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

from labkit import build, cache, jail, kernels

_TREE = "/mnt/kawela"
_OUT = "/mnt/out"
_INTEL = "kernel/drivers/net/ethernet/intel"


class Install(unittest.TestCase):
    """A copy of the tree, and a root that has nothing but igb."""

    def setUp(self):
        self.kernel = kernels.get(kernels.DEFAULT)
        self.root = self.kernel.compilers()
        self.temp = Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="lab-install-")))
        self.tree = self.temp / "kawela"
        self.out = self.temp / "out"
        self.base = self.out / "lib/modules" / self.kernel.release
        for driver in ("igb", "igbvf"):
            shutil.copytree(self.kernel.tree / "usr/lib/modules" /
                            self.kernel.release / _INTEL / driver,
                            self.base / _INTEL / driver)
        (self.base / "build").symlink_to(self.headers())

    def headers(self):
        """What they are built against, in the jail."""
        return f"/usr/src/linux-headers-{self.kernel.release}"

    def copy(self):
        """The tree, with what was compiled of it already."""
        status, output, work = build.make(self.kernel, self.root, "modules")
        self.assertEqual(status, 0, output[-2000:])
        with cache.lock(f"build-{work.name}"):
            shutil.copytree(work, self.tree)
        shutil.copy2(cache.TREE / "Makefile", self.tree)
        shutil.copytree(cache.TREE / "tools/install",
                        self.tree / "tools/install")

    def run_there(self, *command):
        """Run it as root beside the kernel's headers. Return: what it said."""
        proc = jail.run(self.root, command, check=False,
                        binds=[*self.kernel.binds(), (self.tree, _TREE),
                               (self.out, _OUT)])
        self.assertEqual(proc.returncode, 0, (proc.stdout + proc.stderr)[-3000:])
        return proc.stdout + proc.stderr

    def make(self, *args):
        """make, as people call it. Return: what it said."""
        return self.run_there("make", "-C", _TREE, f"KDIR={self.headers()}", *args)

    def loads(self, name):
        """The modules that modprobe loads for a name, in order."""
        out = self.run_there(
            "modprobe", "-d", _OUT, "-C", f"{_OUT}/lib/modprobe.d", "-S",
            self.kernel.release, "--show-depends", name)
        return re.findall(r"^insmod \S*/(\w+)\.ko", out, re.M)

    def files(self):
        """What is there, but for igb and the link to the headers."""
        return sorted(str(p.relative_to(self.out)) for p in self.out.rglob("*")
                      if p.is_file() and "intel" not in p.parts)

    def test_other_root(self):
        """modprobe finds what was installed; igb takes nothing from it; nothing stays."""
        self.copy()
        said = self.make("install", f"INSTALL_MOD_PATH={_OUT}")
        self.assertNotIn("depmod.sh", said)
        self.assertNotIn("System.map", said)
        self.assertEqual(self.loads("kawela"), ["libkawela", "kawela"])
        self.assertEqual(self.loads("kawelavf"), ["libkawela", "kawelavf"])
        self.assertLess(self.loads("igb").index("kawela"),
                        self.loads("igb").index("igb"))
        self.assertLess(self.loads("igbvf").index("kawelavf"),
                        self.loads("igbvf").index("igbvf"))
        self.make("uninstall", f"INSTALL_MOD_PATH={_OUT}")
        self.assertEqual([f for f in self.files() if "/modules." not in f], [])
        self.assertFalse((self.base / "updates").exists())
        self.assertEqual(self.loads("igb"), ["igb"])

    def test_package(self):
        """What a package is made of: modules and configuration, and no index."""
        self.copy()
        self.make("install", f"DESTDIR={_OUT}")
        # Compressed or not, as the kernel's are
        self.assertEqual([re.sub(r"\.ko\..*", ".ko", Path(f).name)
                          for f in self.files()],
                         ["kawela.conf", "kawela.ko", "kawelavf.ko", "libkawela.ko"])
        self.make("uninstall", f"DESTDIR={_OUT}")
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    unittest.main()

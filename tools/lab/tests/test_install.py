# SPDX-License-Identifier: GPL-2.0-only
"""make install, make install-dkms and their counterparts, each in a root of its own."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

from labkit import build, cache, dkms, jail, kernels

_TREE = "/mnt/kawela"
_OUT = "/mnt/out"
_DKMS = "/mnt/dkms"
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

    def sources(self):
        """The tree as it is without git and without anything built."""
        for name in ("drivers", "include", "tools/install"):
            shutil.copytree(cache.TREE / name, self.tree / name)
        for name in ("Kbuild", "LICENSE", "Makefile"):
            shutil.copy2(cache.TREE / name, self.tree)

    def run_there(self, *command):
        """Run it as root beside the kernel's headers. Return: what it said."""
        proc = jail.run(self.root, command, check=False, env=build.CCACHE_ENV,
                        binds=[*self.kernel.binds(), (self.tree, _TREE),
                               (self.out, _OUT), (dkms.program().parent, _DKMS),
                               *build.ccache_binds()])
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

    def depmod(self):
        """Index what is there."""
        self.run_there("depmod", "-b", _OUT, self.kernel.release)

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

    def dkms(self, action, *args):
        """dkms, which works below the root only. Return: what it said."""
        where = [f"--dkmstree={_OUT}/var/lib/dkms", f"--sourcetree={_OUT}/usr/src",
                 f"--installtree={_OUT}/lib/modules",
                 f"--kernelsourcedir={self.headers()}"]
        # --long=VALUE is none of its ways to say that
        where = [word for option in where for word in option.split("=")]
        return self.run_there(f"{_DKMS}/dkms", action, *args, *where)

    def test_dkms(self):
        """Debian's dkms adds, builds, installs and removes it."""
        self.sources()
        self.make("install-dkms", f"DESTDIR={_OUT}")
        version = re.search(r'^PACKAGE_VERSION="(.*)"',
                            (self.tree / "tools/install/dkms.conf").read_text(),
                            re.M)[1]
        (self.out / "var/lib/dkms").mkdir(parents=True)
        name, kernel = f"kawela/{version}", ("-k", self.kernel.release)
        self.dkms("add", name)
        self.assertIn("added", self.dkms("status"))
        self.dkms("build", name, *kernel)
        self.assertIn(f"{self.kernel.release}, x86_64: built", self.dkms("status"))
        self.dkms("install", name, *kernel, "--no-depmod")
        self.assertIn("installed", self.dkms("status"))
        self.depmod()
        self.assertEqual(self.loads("kawela"), ["libkawela", "kawela"])
        self.assertLess(self.loads("igb").index("kawela"),
                        self.loads("igb").index("igb"))
        self.dkms("remove", name, "--all", "--no-depmod")
        self.assertEqual(self.dkms("status"), "")
        self.make("uninstall-dkms", f"DESTDIR={_OUT}")
        self.depmod()
        self.assertEqual([f for f in self.files() if "/modules." not in f], [])
        self.assertEqual(self.loads("igb"), ["igb"])


if __name__ == "__main__":
    unittest.main()

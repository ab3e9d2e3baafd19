# SPDX-License-Identifier: GPL-2.0-only
"""Kernels and sources: what is found again, and what Debian no longer has."""

import contextlib
import io
import os
import tarfile
from unittest import mock

from support import LabCase

from labkit import images, kernels, lint, source

_APT = """Reading package lists...
Building dependency tree...
E: Unable to locate package linux-source-7.3
E: apt-get --yes install linux-source-7.3/trixie-backports failed
"""


class Versions(LabCase):
    """With a Debian of the test's own."""

    def setUp(self):
        super().setUp()
        self.archive = ["linux-source-7.4"]
        for what in (mock.patch.dict(os.environ, {"LAB_QUIET": "1",
                                                  "KAWELA_CACHE": str(self.temp)}),
                     mock.patch.object(images, "backports", lambda: []),
                     mock.patch.object(images, "mmdebstrap", self._mmdebstrap)):
            what.start()
            self.addCleanup(what.stop)

    def _mmdebstrap(self, output, include, **_options):
        """The package that there is, or the one that leads to it."""
        name = include[0].partition("/")[0]
        if name == "linux-source":
            name = self.archive[0]
        if name not in self.archive:
            raise images.NoPackage(f"no {name}")
        tree = self.temp / "archive" / name
        (tree / "scripts").mkdir(parents=True, exist_ok=True)
        (tree / "scripts/text").write_text(name)
        packed = self.temp / f"{name}.tar.xz"
        with tarfile.open(packed, "w:xz") as tar:
            tar.add(tree, name)
        with tarfile.open(output, "w") as tar:
            tar.add(packed, f"./usr/src/{packed.name}")

    def _unpacked(self, version, **options):
        out = self.temp / "out"
        source.unpack(version, out, "scripts/*", **options)
        return (out / "scripts/text").read_text()

    def test_moved_on(self):
        """Backports has another version: its source will do for the tests, not
        where it must be that one."""
        self.assertEqual(self._unpacked("7.3"), "linux-source-7.4")
        with self.assertRaises(images.NoPackage):
            self._unpacked("7.3", exactly=True)

    def test_there(self):
        """It has this one: that is used for both, and kept once."""
        self.archive = ["linux-source-7.3"]
        self.assertEqual(self._unpacked("7.3"), "linux-source-7.3")
        self.archive = []
        self.assertEqual(self._unpacked("7.3", exactly=True), "linux-source-7.3")

    def test_stable(self):
        """Without the stable suite's own source nothing else will do."""
        with self.assertRaises(images.NoPackage):
            self._unpacked("6.12")

    def test_kernel_moved_on(self):
        """The kernel of another version isn't taken for this one."""
        def unpack(_archive, tree, *_members):
            (tree / "usr/lib/modules/7.4.1-amd64").mkdir(parents=True)
            (self.temp / "part/kernel.tar").touch()
        (self.temp / "part").mkdir()
        with mock.patch.object(images, "mmdebstrap"), \
             mock.patch.object(images, "untar", unpack), \
             self.assertRaisesRegex(images.NoPackage, "trixie-backports has Linux "
                                    "7.4.1-amd64 now, and no 7.3: say --kernel 6.12"):
            # pylint: disable-next=protected-access
            kernels._build_debian(self.temp / "part", "7.3")

    def test_lint_moved_on(self):
        """Lint leaves out what it can't have, and says so."""
        def gone():
            raise images.NoPackage("no 7.3")
        with mock.patch.dict(lint.LINTS, {"gcc W=1, 7.3": gone}, clear=True):
            self.assertEqual(list(lint.run()), [("gcc W=1, 7.3", "skip", "no 7.3")])

    def test_tree(self):
        """A tree that was built again is another kernel, whatever of it changed."""
        tree = self.temp / "linux"
        for name, text in (("modules.order", "net/a.o\nnet/b.o\n"), (".config", ""),
                           ("net/a.ko", "a"), ("net/b.ko", "b")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        before = kernels.built_state(tree)
        self.assertEqual(kernels.built_state(tree), before)
        (tree / "net/b.ko").write_text("longer")
        after = kernels.built_state(tree)
        self.assertNotEqual(after, before)
        os.utime(tree / "net/a.ko", (1, 1))
        self.assertNotEqual(kernels.built_state(tree), after)
        (tree / ".config").write_text("CONFIG_A=y\n")
        self.assertNotEqual(kernels.built_state(tree), after)


class Apt(LabCase):
    """What mmdebstrap's log says."""

    def test_gone(self):
        """A package that isn't there is told from all other failures."""
        failed, text = mock.Mock(returncode=1), ""

        def run(_command, _end, *, stdout, **_kwargs):
            stdout.write(text)
            return failed
        for text, error in ((_APT, images.NoPackage),
                                 ("E: Failed to fetch x", images.LabError)):
            with mock.patch.object(images.ending, "run", run), \
                 contextlib.redirect_stderr(io.StringIO()), \
                 self.assertRaises(error) as caught:
                images.mmdebstrap(self.temp / "x.tar", ["linux-source-7.3"])
            self.assertEqual(isinstance(caught.exception, images.NoPackage),
                             error is images.NoPackage)

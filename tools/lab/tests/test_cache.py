# SPDX-License-Identifier: GPL-2.0-only
"""Artefacts are complete or absent, whatever happens to who builds them."""

import errno
import os
import signal
import subprocess
import sys
from unittest import mock

from support import HERE, LabCase

from labkit import build, cache
from labkit.ui import LabError

_BUILDER = """
import sys, time
from labkit import cache
def build(part):
    (part / "half").write_text("x")
    print("begun", flush=True)
    time.sleep(600)
cache.artefact("thing", "key", build, size_gib=0)
"""


class Cache(LabCase):
    """The cache alone, in a directory of its own."""

    def setUp(self):
        super().setUp()
        before = os.environ.get("KAWELA_CACHE")
        os.environ["KAWELA_CACHE"] = str(self.temp)
        self.addCleanup(lambda: os.environ.pop("KAWELA_CACHE")
                        if before is None else
                        os.environ.update(KAWELA_CACHE=before))

    def _build(self, part):
        (part / "whole").write_text("x")

    def test_killed_build(self):
        """A build is killed: the next one begins anew, and is complete."""
        with subprocess.Popen([sys.executable, "-c", _BUILDER], cwd=HERE.parent,
                              stdout=subprocess.PIPE) as proc:
            self.assertEqual(proc.stdout.readline(), b"begun\n")
            proc.send_signal(signal.SIGKILL)
        self.assertFalse((self.temp / "thing-key").exists())
        path = cache.artefact("thing", "key", self._build, size_gib=0)
        self.assertEqual([p.name for p in path.iterdir()], ["whole"])

    def test_failing_build(self):
        """A build fails: nothing is there, and the next one may succeed."""
        def fail(part):
            (part / "half").write_text("x")
            raise LabError("no luck")
        with self.assertRaisesRegex(LabError, "no luck"):
            cache.artefact("thing", "key", fail, size_gib=0)
        self.assertFalse((self.temp / "thing-key").exists())
        self.assertTrue(cache.artefact("thing", "key", self._build, 0).is_dir())

    def test_disk_fills(self):
        """The disk fills during a build, under the lab or a program that it calls: the
        message says where and what to do."""
        for err in (OSError(errno.ENOSPC, "No space left on device"),
                    LabError("tar failed: write error: No space left on device")):
            def fill(_part, err=err):
                raise err
            with self.assertRaisesRegex(
                    LabError, f"is full; the lab uses {self.temp} .*KAWELA_CACHE"):
                cache.artefact("thing", "key", fill, size_gib=0)

    def test_prune_keeps_what_is_used(self):
        """A newer artefact replaces older ones, but none that is in use."""
        used = cache.artefact("thing", "used", self._build, size_gib=0)
        old = cache.artefact("other", "old", self._build, size_gib=0)
        with cache.lock(used.name, shared=True):
            cache.artefact("thing", "new", self._build, size_gib=0)
            self.assertTrue(used.exists())
        cache.artefact("other", "new", self._build, size_gib=0)
        self.assertFalse(old.exists())

    def test_scratch_of_the_dead(self):
        """What a killed run left goes with the next run."""
        script = ("import time\nfrom labkit import cache\n"
                  "with cache.scratch('run'):\n"
                  "    print('begun', flush=True)\n    time.sleep(600)\n")
        with subprocess.Popen([sys.executable, "-c", script], cwd=HERE.parent,
                              stdout=subprocess.PIPE) as proc:
            self.assertEqual(proc.stdout.readline(), b"begun\n")
            proc.kill()
        self.assertEqual(len(list((self.temp / "scratch").iterdir())), 1)
        with cache.scratch("run") as path:
            self.assertEqual(list((self.temp / "scratch").iterdir()), [path])
        self.assertEqual(list((self.temp / "scratch").iterdir()), [])


class Builds(LabCase):
    """Builds of the modules, with something else in place of kbuild."""

    def test_killed(self):
        """What a build that was killed left isn't used."""
        made = self.temp / "drivers/half.o"
        with mock.patch.object(build, "directory", lambda *_: self.temp), \
             mock.patch.object(build, "kbuild", return_value=(0, "")) as kbuild:
            build.make(None, None)
            made.touch()
            build.make(None, None)
            self.assertTrue(made.exists())
            kbuild.side_effect = KeyboardInterrupt
            self.assertRaises(KeyboardInterrupt, build.make, None, None)
            kbuild.side_effect = None
            build.make(None, None)
        self.assertFalse(made.exists())

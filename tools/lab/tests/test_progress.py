# SPDX-License-Identifier: GPL-2.0-only
"""What is said while something takes long."""

import contextlib
import io
import os
import pty
import re
import select
import subprocess
import sys
import tarfile
import time
from unittest import mock

from support import HERE, LabCase

from labkit import progress, ui

_LOG = """I: automatically chosen mode: root
I: using {place} as tempdir
I: running apt-get update...
I: downloading packages with apt...
"""
_SLOW = """
import time
from labkit import ui
with ui.step("building"), ui.progress(lambda: "7 files"):
    time.sleep(2.5)
"""


class Steps(LabCase):
    """ui.step()."""

    def _said(self, ask, done=lambda text: text.count(" ... ") >= 2):
        """What a step says, with a line each 20 ms, until DONE(all of it)."""
        err = io.StringIO()
        with mock.patch.dict(os.environ, {"LAB_QUIET": "0"}), \
             mock.patch.object(ui, "_TICK", 0.02), contextlib.redirect_stderr(err):
            with ui.step("building"), ui.progress(ask):
                end = time.monotonic() + 20
                while not done(err.getvalue()) and time.monotonic() < end:
                    time.sleep(0.01)
        return err.getvalue()

    def test_log(self):
        """Not on a terminal: a line each time, with how far it is."""
        self.assertRegex(self._said(lambda: "7 files"),
                         r"(?s)\] building\n.*\] building \.\.\. 0 s, 7 files\n.*"
                         r"\] building: done in \d\.\d s\n$")

    def test_unknown(self):
        """How far it is can't be told (yet): the seconds are."""
        def gone():
            raise FileNotFoundError("x")
        for ask in (gone, lambda: ""):
            self.assertRegex(self._said(ask), r"building \.\.\. 0 s\n")

    def test_costly(self):
        """Who is slow to say how far it is isn't asked each time."""
        asked = []

        def slow():
            asked.append(1)
            time.sleep(0.1)
            return "slow"
        said = self._said(slow, lambda text: text.count("slow") >= 5)
        self.assertEqual((len(asked), said.count("slow") >= 5), (1, True))

    def test_terminal(self):
        """On a terminal: one line, written again."""
        ours, theirs = pty.openpty()
        seen = b""
        with subprocess.Popen([sys.executable, "-c", _SLOW], cwd=HERE.parent,
                              stderr=theirs, stdin=subprocess.DEVNULL,
                              env={**os.environ, "LAB_QUIET": "0", "TERM": "xterm"}) as proc:
            os.close(theirs)
            while proc.poll() is None or select.select([ours], [], [], 0)[0]:
                with contextlib.suppress(OSError):
                    if select.select([ours], [], [], 0.2)[0]:
                        seen += os.read(ours, 4096)
                        continue
                if proc.poll() is not None:
                    break
        os.close(ours)
        self.assertEqual(seen.count(b"\n"), 2, seen)
        self.assertRegex(seen, rb"\r\x1b\[K[^\n]*building \.\.\. \d s, 7 files\r")
        self.assertTrue(re.search(rb"\r\x1b\[K[^\n]*building: done in .*\n$", seen), seen)


class Far(LabCase):
    """How far something is, by what is on the disk."""

    def test_mmdebstrap(self):
        """Octets while it downloads, packages while it installs, octets in the end."""
        log, place, out = (self.temp / name for name in ("log", "place", "out.tar"))
        archives = place / "var/cache/apt/archives"
        (archives / "partial").mkdir(parents=True)
        (archives / "a.deb").write_bytes(bytes(3_000_000))
        (archives / "partial/b.deb").write_bytes(bytes(2_000_000))
        (place / "var/log").mkdir()
        (place / "var/log/dpkg.log").write_text(
            "2026-01-01 00:00:00 status installed a:amd64 1\n"
            "2026-01-01 00:00:00 status unpacked b:amd64 1\n"
            "2026-01-01 00:00:01 status installed a:amd64 1\n")
        for more, says in (("", "downloading packages with apt: 5 MB"),
                           ("I: extracting archives...\n", "extracting archives"),
                           ("I: installing remaining packages inside the chroot...\n",
                            "installing remaining packages inside the chroot: "
                            "1 packages set up"),
                           ("I: creating tarball...\n", "creating tarball: ")):
            log.write_text(_LOG.format(place=place) + more)
            self.assertEqual(progress.mmdebstrap(log, out), says)
        out.write_bytes(bytes(4_000_000))
        self.assertEqual(progress.mmdebstrap(log, out), "creating tarball: 4 MB")
        log.write_text("")
        self.assertEqual(progress.mmdebstrap(log, out), "")

    def test_unpacked(self):
        """What tar has read; the rest of what it says is kept."""
        log, tar = self.temp / "log", self.temp / "big.tar"
        with tarfile.open(tar, "w") as archive:
            member = tarfile.TarInfo("./zeros")
            member.size = 25_000_000
            archive.addfile(member, io.BytesIO(bytes(member.size)))
        with open(log, "wb") as file:
            subprocess.run(["tar", "-C", str(self.temp), "-xf", str(tar),
                            *progress.CHECKPOINTS, "./zeros", "./ones"], check=False,
                           stderr=file)
        self.assertEqual(progress.unpacked(log), "20 MB unpacked")
        said = progress.without_checkpoints(log)
        self.assertEqual(len(said), 2, said)
        self.assertIn("ones: Not found in archive", said[0])

    def test_builds(self):
        """Files that are compiled; only new ones where older ones stay."""
        log = self.temp / "log"
        log.write_text("  CC      a.o\n  CC [M]  b.o\n  LD      c.o\n  AS      d.o\n")
        self.assertEqual(progress.compiled(log), "3 files compiled")
        for name, when in (("old.o", 1000), ("new.o", 3000)):
            (self.temp / name).touch()
            os.utime(self.temp / name, (when, when))
        self.assertEqual(progress.objects(self.temp, 2000), "1 files compiled")
        (self.temp / "a.ko").touch()
        self.assertEqual(progress.modules(self.temp, 9), "1 of 9 modules")

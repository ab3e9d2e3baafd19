# SPDX-License-Identifier: GPL-2.0-only
"""The lab on other people's machines: what is there already, and whose it is."""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path
from unittest import mock

from support import HERE, LAB, LabCase

from labkit import accel, cache, doctor, images, jail, newer_qemu, qemu

_MODULES = "/usr/lib/x86_64-linux-gnu"
# As QEMU's own code does with modules of another build
_FOREIGN = "#include <stdlib.h>\n__attribute__((constructor)) void f(void) " \
    "{ abort(); }\n"
_ASK = "import sys; from labkit import qemu; print(qemu.has_igb(), " \
    "qemu.version() >= (8, 0, 0))"
_USER = """
import time
from labkit import cache
with cache.scratch("run"):
    print("begun", flush=True)
    time.sleep(600)
"""


class Qemu(LabCase):
    """Another QEMU is installed here."""

    def _machine(self):
        """A prefix: this machine, with modules of another QEMU installed."""
        over = self.temp / "over"
        (over / "qemu").mkdir(parents=True)
        (self.temp / "foreign.c").write_text(_FOREIGN)
        jail.run(images.tools() / "tree", [
            "gcc", "-shared", "-fPIC", "-o", "/mnt/out/foreign.so",
            "/mnt/out/foreign.c"], binds=[(self.temp, "/mnt/out")])
        for path in (images.lab() / f"tree{_MODULES}/qemu").glob("*.so"):
            (over / "qemu" / path.name).write_bytes(
                (self.temp / "foreign.so").read_bytes())
        user = ["--user", "--map-root-user"] if "--user" in jail.unshare() else []
        return ["unshare", *user, "--mount", "sh", "-ec",
                f"mount -t overlay -o lowerdir={over}:{_MODULES} overlay {_MODULES}"
                '; exec "$@"', "sh"]

    def test_foreign_modules(self):
        """The lab's QEMU doesn't see them."""
        machine = self._machine()
        proc = subprocess.run([*machine, "ls", f"{_MODULES}/qemu"],
                              capture_output=True, text=True, check=True)
        self.assertIn("hw-display-virtio-gpu.so", proc.stdout)
        proc = subprocess.run(
            [*machine, sys.executable, "-c", _ASK], cwd=HERE.parent,
            capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        self.assertEqual(proc.stdout, "True True\n", proc.stderr)

    def test_environment(self):
        """Nothing leads the lab's QEMU elsewhere."""
        with mock.patch.dict(os.environ, {"QEMU_MODULE_DIR": "/x",
                                          "LD_PRELOAD": "/y", "HOME": "/z"}):
            env = qemu.environment()
        self.assertEqual(env["HOME"], "/z")
        self.assertEqual(env.keys() & {"QEMU_MODULE_DIR", "LD_PRELOAD"}, set())

    def test_commas(self):
        """QEMU takes a path with a comma for one path."""
        # pylint: disable-next=protected-access
        self.assertIn("path=/a,,b,mount_tag=x", qemu._share("x", "/a,b")[1])

    def test_ends_with_the_lab(self):
        """A command that sees its own directories still ends with the lab."""
        script = ("import subprocess, sys; from labkit import jail; "
                  f"p = subprocess.Popen([*jail.covered([('{self.temp}', "
                  f"'{self.temp}')]), 'sleep', '600']); print(p.pid, flush=True); "
                  "p.wait()")
        with subprocess.Popen([sys.executable, "-c", script], cwd=HERE.parent,
                              stdout=subprocess.PIPE, text=True) as proc:
            pid = int(proc.stdout.readline())
            end = time.monotonic() + 20
            while self._name(pid) != "sleep" and time.monotonic() < end:
                time.sleep(0.05)
            self.assertEqual(self._name(pid), "sleep")
            proc.kill()
        while self._name(pid) == "sleep" and time.monotonic() < end:
            time.sleep(0.05)
        self.assertNotEqual(self._name(pid), "sleep")

    def _name(self, pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                name, state = file.read().split("(")[1].split(")")
        except OSError:
            return ""
        return "" if state.split()[0] == "Z" else name


class Jail(unittest.TestCase):
    """Commands in a root file system."""

    def test_devices(self):
        """They see no device of this machine but those that are everybody's."""
        proc = jail.run(images.lab() / "tree", ["sh", "-c", "ls /dev; echo x > "
                                                "/dev/null; echo y > /dev/shm/y"])
        self.assertEqual(set(proc.stdout.split()), {
            "fd", "full", "null", "random", "shm", "urandom", "zero"})


class Clean(LabCase):
    """lab clean, and whose directory the cache is."""

    def _fill(self, *names):
        for name in names:
            (self.temp / name).mkdir()
            (self.temp / name / "file").write_text("x")

    def _left(self):
        return {p.name for p in self.temp.iterdir()} - {"CACHEDIR.TAG", "locks"}

    def test_only_its_own(self):
        """What the lab made goes; what others put there afterwards stays."""
        env = {"KAWELA_CACHE": str(self.temp)}
        proc = self.lab("clean", **env)
        self.assertEqual(proc.returncode, 0, proc.stderr)
        self._fill("lab-0123456789abcdef", "kernel-6.12-0123456789abcdef.part",
                   "runs", "build", "logs", "photos", "thesis-2026")
        (self.temp / "contract.txt").write_text("x")
        (self.temp / "notes.txt").write_text("x")
        proc = self.lab("clean", **env)
        self.assertEqual(proc.returncode, 0, proc.stderr)
        self.assertEqual(self._left(), {"photos", "thesis-2026", "notes.txt"})

    def test_somebody_elses(self):
        """A directory with other things is refused, and left as it is."""
        self._fill("build", "photos")
        for args in (["clean"], ["run", "host", "--", "true"]):
            self.refused(*args, KAWELA_CACHE=str(self.temp),
                         says=["holds other things (photos)", "KAWELA_CACHE"])
        self.assertEqual(self._left(), {"build", "photos"})

    def test_older_cache(self):
        """A cache from before it was marked is the lab's."""
        self._fill("runs", "lab-0123456789abcdef", "locks")
        proc = self.lab("clean", KAWELA_CACHE=str(self.temp))
        self.assertEqual(proc.returncode, 0, proc.stderr)
        self.assertEqual(self._left(), set())

    def test_in_use(self):
        """While a run uses the cache nothing is removed."""
        env = {**os.environ, "KAWELA_CACHE": str(self.temp)}
        with subprocess.Popen([sys.executable, "-c", _USER], cwd=HERE.parent,
                              stdout=subprocess.PIPE, env=env) as proc:
            self.assertEqual(proc.stdout.readline(), b"begun\n")
            self._fill("lab-0123456789abcdef")
            self.refused("clean", KAWELA_CACHE=str(self.temp),
                         says=["is in use by process", str(proc.pid)])
            self.assertEqual(self._left(), {"lab-0123456789abcdef", "scratch"})
            proc.kill()
        proc = self.lab("clean", KAWELA_CACHE=str(self.temp))
        self.assertEqual(proc.returncode, 0, proc.stderr)
        self.assertEqual(self._left(), set())


class Doctor(LabCase):
    """lab doctor changes nothing."""

    def test_bare_machine(self):
        """Without a cache: none is made."""
        place = self.temp / "cache"
        proc = self.lab("doctor", KAWELA_CACHE=str(place))
        self.assertIn("not built yet", proc.stdout)
        self.assertFalse(place.exists())

    def test_without_qemu(self):
        """With an image, but without QEMU: none is downloaded."""
        out = doctor.Findings()
        with mock.patch.dict(os.environ), \
             mock.patch.object(images, "have_lab", lambda: True), \
             mock.patch.object(newer_qemu, "have", lambda: False), \
             mock.patch.object(newer_qemu, "get", self.fail), \
             contextlib.redirect_stdout(io.StringIO()) as said:
            os.environ.pop("LAB_QEMU", None)
            doctor._image(out)  # pylint: disable=protected-access
        self.assertIn("not downloaded yet", said.getvalue())

    def test_make(self):
        """`make doctor` installs nothing before it diagnoses."""
        proc = subprocess.run(["make", "-n", "-C", str(LAB.parents[2]), "doctor"],
                              capture_output=True, text=True, check=True)
        self.assertNotIn("setup", proc.stdout)


class Sound(LabCase):
    """Which QEMU is taken."""

    def _taken(self, own, least):
        # pylint: disable=protected-access
        with mock.patch.object(images, "lab", lambda: Path("own")), \
             mock.patch.object(qemu, "_version_in", lambda tree: own), \
             mock.patch.object(newer_qemu, "get", lambda: Path("newer")):
            return qemu._tree(least).parent.name

    def test_taken(self):
        """One that loses accesses, or is too old for the topology, isn't."""
        self.assertEqual([self._taken(*versions) for versions in (
            ((10, 0, 13), (0, 0)), ((11, 1, 3), (0, 0)), ((11, 1, 3), (11, 2)))],
            ["newer", "own", "newer"])


class Kvm(LabCase):
    """KVM's answer is remembered, but not for ever."""

    def setUp(self):
        super().setUp()
        for what in (mock.patch.dict(os.environ, {"KAWELA_CACHE": str(self.temp)}),
                     mock.patch.object(accel, "_DEVICE", os.devnull),
                     mock.patch.object(qemu, "version", lambda: (10, 0, 13))):
            what.start()
            self.addCleanup(what.stop)
        self.kernel = mock.Mock(release="6.12.118")
        self.works = False
        self.asked = 0

    def _how(self):
        def boots(_kernel):
            self.asked += 1
            return self.works
        with mock.patch.object(accel, "_boots", boots):
            return accel.verdict(self.kernel)[0]

    def test_remembered(self):
        """It is asked once."""
        self.assertEqual((self._how(), self._how(), self.asked), ("tcg", "tcg", 1))

    def test_mended(self):
        """It failed, and works later: that is found out."""
        self.assertEqual(self._how(), "tcg")
        self.works = True
        (memo,) = (self.temp / "kvm").iterdir()
        memo.write_text(json.dumps({**json.loads(memo.read_text()), "at": 0}))
        self.assertEqual((self._how(), self.asked), ("kvm", 2))

    def test_machine_changed(self):
        """Another boot, or another setting of KVM's: neither answer holds."""
        for self.works in False, True:
            self._how()
            before = self.asked
            with mock.patch.object(accel, "_state", lambda: "other"):
                self._how()
            self.assertEqual(self.asked, before + 1)

    def test_damaged(self):
        """What can't be read isn't believed."""
        self._how()
        (memo,) = (self.temp / "kvm").iterdir()
        memo.write_text("{")
        self.assertEqual((self._how(), self.asked), ("tcg", 2))

    def test_not_asked(self):
        """The doctor asks nothing."""
        self.assertEqual(accel.remembered(self.kernel)[0], "")
        self.assertFalse((self.temp / "kvm").exists())
        self.assertTrue(cache.place().exists())

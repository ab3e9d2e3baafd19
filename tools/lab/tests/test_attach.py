# SPDX-License-Identifier: GPL-2.0-only
"""lab attach, with sockets in place of virtual machines."""

import os
import pty
import select
import socket
import subprocess
import sys

from support import LAB, LabCase

from labkit import attach
from labkit.ui import LabError


class Attach(LabCase):
    """Terminals of runs, in a cache of the test's own."""

    def setUp(self):
        super().setUp()
        self.env = {**os.environ, "KAWELA_CACHE": str(self.temp)}

    def _kept(self, name):
        """A run whose VM is there."""
        place = self.temp / "runs" / name
        place.mkdir(parents=True)
        server = self.enterContext(socket.socket(socket.AF_UNIX))
        server.bind(str(place / "terminal"))
        server.listen(8)
        server.settimeout(20)
        return server

    def _attach(self, *args):
        """Start it on a terminal. Return: (process, our end)."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        # pylint: disable-next=consider-using-with # ended by the tests
        proc = subprocess.Popen([sys.executable, str(LAB), "attach", *args], stdin=theirs,
                                stdout=theirs, stderr=subprocess.PIPE, text=True,
                                env=self.env)
        os.close(theirs)
        return proc, ours

    def _refused(self, *args):
        proc, _ = self._attach(*args)
        _, err = proc.communicate(timeout=20)
        self.assertEqual(proc.returncode, 2, err)
        self.assertNotIn("Traceback", err)
        return err

    def test_talk(self):
        """Both directions, until Ctrl-]."""
        server = self._kept("one")
        self._kept("gone").close()
        proc, ours = self._attach()
        with server.accept()[0] as vm:
            vm.settimeout(20)
            self.assertEqual(vm.recv(10), b"\r")
            vm.sendall(b"hello")
            seen = b""
            while b"hello" not in seen and select.select([ours], [], [], 20)[0]:
                seen += os.read(ours, 100)
            self.assertIn(b"hello", seen)
            os.write(ours, b"ls\x03")
            self.assertEqual(vm.recv(10), b"ls\x03")
            os.write(ours, b"\x1d")
            _, err = proc.communicate(timeout=20)
            self.assertEqual(vm.recv(10), b"")
        self.assertEqual((proc.returncode, err), (0, "lab: Ctrl-] leaves; the VM goes on\n"))

    def test_vm_ends(self):
        """It ends when the VM does."""
        server = self._kept("one")
        proc, _ = self._attach("runs/one/")
        server.accept()[0].close()
        proc.communicate(timeout=20)
        self.assertEqual(proc.returncode, 0)

    def test_none(self):
        """No VM is kept, or none of that name: how to keep one."""
        self.assertIn("lab: no VM is kept: start one by `lab run TOPOLOGY --keep",
                      self._refused())
        self._kept("one")
        self.assertIn("lab: no VM of run two is kept", self._refused("two"))

    def test_several(self):
        """Several are kept: which."""
        self._kept("one")
        self._kept("two")
        self.assertIn("several VMs are kept: name one of one, two", self._refused())

    def test_long_path(self):
        """A path that no socket can have is refused."""
        with self.assertRaisesRegex(LabError, "too long for a socket .*KAWELA_CACHE"):
            attach.qemu_arguments(self.temp / ("x" * 100))

# SPDX-License-Identifier: GPL-2.0-only
"""kawela-lend and its relay as processes, between a borrower that is this test and a VF
that isn't there."""

import array
import contextlib
import errno
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import tty
import unittest
from pathlib import Path

from labkit import lend_build

_HEADER = struct.Struct("<HHIII")
_VERSION, _MAP, _IRQS, _READ, _WRITE = 1, 2, 8, 9, 10
_NO_REPLY = 0x10
_SIZE = 1 << 20
# A busy machine, too, is that quick
_SOON = 120


def _wait(condition, what):
    end = time.monotonic() + _SOON
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {_SOON} s: {what()}")
        time.sleep(0.02)


class _Port(threading.Thread):
    """As QEMU does it: octets between a serial port and whoever is connected."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self._ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.name_inside = os.ttyname(theirs)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self.start()

    def run(self):
        """For ever."""
        while True:
            peer, _ = self._listener.accept()
            with peer, contextlib.suppress(OSError):
                while self._pass(peer):
                    pass

    def _pass(self, peer):
        ready = select.select([peer, self._ours], [], [])[0]
        if peer in ready:
            data = peer.recv(2048)
            while data:
                data = data[os.write(self._ours, data):] or None
            if data == b"":
                return False
        if self._ours in ready:
            peer.sendall(os.read(self._ours, 4096))
        return True


class _Borrower:
    """What a borrower's QEMU says."""

    def __init__(self, path):
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.settimeout(_SOON)
        try:
            self._sock.connect(str(path))
        except OSError:
            self._sock.close()
            raise

    def send(self, command, payload, fds=(), flags=0):
        """A message."""
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
        self._sock.sendmsg([_HEADER.pack(7, command, 16 + len(payload), flags, 0) + payload],
                           ancillary if fds else [])

    def octets(self, data):
        """What needn't be a message."""
        self._sock.sendall(data)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            more = self._sock.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def reply(self):
        """The next answer: (error, payload)."""
        _, _, size, _, error = _HEADER.unpack(self._exactly(16))
        return error, self._exactly(size - 16)

    def ask(self, *args, **options):
        """A message and its answer."""
        self.send(*args, **options)
        return self.reply()

    def version(self, major=0):
        """Begin. Return: the error."""
        return self.ask(_VERSION, struct.pack("<HH", major, 0) + b"{}\0")[0]

    def map(self, path, address, offset=0):
        """Let the VF reach a page of a file. Return: the error."""
        with open(path, "rb") as file:
            return self.ask(_MAP, struct.pack("<IIQQQ", 32, 3, offset, address, 4096),
                            [file.fileno()])[0]

    def close(self):
        """Be gone."""
        self._sock.close()


class Processes(unittest.TestCase):
    """A service with one loan, and a relay."""

    def setUp(self):
        temp = tempfile.TemporaryDirectory(prefix="lend-test-")
        self.addCleanup(temp.cleanup)
        self.dir = Path(temp.name)
        self.vf = self.dir / "vf.sock"
        (self.dir / "memory").write_bytes(bytes(_SIZE))
        self.port = _Port(self.dir / "lend.sock")
        (self.dir / "loans").write_text(
            f"h1 vf=0000:01:10.0 window=0000:00:10.0 size=1M port={self.port.name_inside} "
            "deadline=1\n")
        self.service = self._start("lend", "lend-without-vf", "--socket", "s", "serve", "loans")
        self.relay = self._relay()

    def _start(self, name, program, *args):
        with open(self.dir / f"{name}.log", "a", encoding="utf-8") as log:
            # pylint: disable=consider-using-with # ended by _end()
            proc = subprocess.Popen([lend_build.programs() / program, *args], cwd=self.dir,
                                    stdout=log, stderr=log)
        self.addCleanup(self._end, proc)
        return proc

    @staticmethod
    def _end(proc):
        proc.kill()
        proc.wait()

    def _relay(self):
        return self._start("relay", "kawela-lend-relay", "lend.sock", "vf.sock", "memory")

    def _logs(self):
        return "".join((self.dir / f"{name}.log").read_text() for name in ("lend", "relay"))

    def _order(self, *words):
        proc = subprocess.run(
            [lend_build.programs() / "lend-without-vf", "--socket", "s", *words], cwd=self.dir,
            capture_output=True, text=True, check=False, timeout=_SOON)
        return proc.returncode, proc.stdout + proc.stderr

    def _borrow(self):
        """A borrower that has the VF and a mapping."""
        found = []

        def try_it():
            with contextlib.suppress(OSError, EOFError):
                found[:] = [_Borrower(self.vf)]
                self.addCleanup(found[0].close)
                return found[0].version() == 0
            return False

        _wait(try_it, self._logs)
        self.assertEqual(found[0].map(self.dir / "memory", 0x100000), 0)
        return found[0]

    def _begin(self, major=0):
        """The error that a borrower gets which begins."""
        with contextlib.closing(_Borrower(self.vf)) as borrower:
            return borrower.version(major)

    def _nothing_is_left(self):
        _wait(lambda: ", 0 mappings," in self._order("status")[1], self._logs)

    def test_order(self):
        """An interrupt that came before a register was read is there before the answer,
        and posted writes come before both."""
        borrower = self._borrow()
        events = [os.eventfd(0) for _ in range(3)]
        self.addCleanup(lambda: [os.close(fd) for fd in events])
        self.assertEqual(borrower.ask(_IRQS, struct.pack("<5I", 20, 0x24, 2, 0, 3),
                                      events)[0], 0)
        for number in range(200):
            for register in (0x20, 0x10):
                borrower.send(_WRITE, struct.pack("<QIII", register, 0, 4, number),
                              flags=_NO_REPLY)
            error, said = borrower.ask(_READ, struct.pack("<QII", 0x20, 0, 4))
            self.assertEqual((error, said[16:]), (0, struct.pack("<I", number)))
            self.assertTrue(select.select([events[1]], [], [], 0)[0], self._logs())
            os.eventfd_read(events[1])

    def test_mappings(self):
        """Of the borrower's memory, and of nothing else."""
        borrower = self._borrow()
        self.assertEqual(borrower.map(self.dir / "memory", 0x100000), errno.EEXIST)
        self.assertEqual(borrower.map(self.dir / "memory", 0x200000, _SIZE), errno.ERANGE)
        # Another file, such as a ROM, is remembered and not mapped
        self.assertEqual(borrower.map(self.dir / "loans", 0x300000), 0)
        self.assertIn(", 2 mappings,", self._order("status")[1])
        borrower.close()
        self._nothing_is_left()

    def test_refused(self):
        """A second borrower, another version, a memory of another size, a loan that can't
        be; nothing changes for the first."""
        borrower = self._borrow()
        self.assertEqual(self._begin(), errno.EBUSY)
        (self.dir / "bad").write_text("a vf=0000:ff:1f.7 window=0000:00:10.0 size=1M port=p\n")
        status, text = self._order("serve", "bad")
        self.assertEqual(status, 2)
        self.assertIn("there is no VF", text)
        self.assertIn("in use", self._order("serve", "loans")[1])
        self.assertEqual(self._order("take-back", "h9")[0], 1)
        self.assertEqual(borrower.ask(_READ, struct.pack("<QII", 0, 0, 4))[0], 0)
        borrower.close()
        self._nothing_is_left()
        self.assertEqual(self._begin(major=1), errno.EPROTONOSUPPORT)
        self._end(self.relay)
        (self.dir / "large").write_bytes(bytes(2 * _SIZE))
        proc = subprocess.run([lend_build.programs() / "kawela-lend-relay", "lend.sock",
                               "vf.sock", "large"], cwd=self.dir, capture_output=True,
                              text=True, check=False, timeout=_SOON)
        self.assertEqual(proc.returncode, 2)
        self.assertIn("2097152 octets, the window 1048576", proc.stderr)

    def test_take_back(self):
        """Who doesn't let go is cut off, and the VF can be lent again."""
        for _ in range(3):
            borrower = self._borrow()
            status, text = self._order("take-back", "h1")
            self.assertEqual(status, 0)
            self.assertIn("the borrower was cut off", text)
            self.assertRaises(EOFError, borrower.reply)
            _wait(lambda: not self.vf.exists(), self._logs)
            self.assertIn("isn't lent", self._order("take-back", "h1")[1])
            self.assertEqual(self._order("lend", "h1")[0], 0)
        # Who isn't there needn't let go
        borrower = self._borrow()
        borrower.close()
        self._nothing_is_left()
        self.assertEqual(self._order("take-back", "h1"), (0, "h1: taken back\n"))
        _wait(lambda: not self.vf.exists(), self._logs)
        self.assertEqual(self._order("lend", "h1")[0], 0)
        self._borrow().close()
        self.service.send_signal(signal.SIGTERM)
        self.assertEqual(self.service.wait(_SOON), 0)

    def test_killed(self):
        """kill -9 of each party, twenty times each, in turn: each time it goes on."""
        for i in range(20):
            borrower = self._borrow()
            child = Path(f"/proc/{self.service.pid}/task/{self.service.pid}/children")
            os.kill(int(child.read_text(encoding="ascii").split()[0]), signal.SIGKILL)
            self.assertRaises(EOFError, borrower.reply)
            borrower = self._borrow()
            if i % 2:
                # Within a message
                borrower.octets(_HEADER.pack(7, _WRITE, 4000, _NO_REPLY, 0) + bytes(100))
            self._end(self.relay)
            self.relay = self._relay()
            self._borrow().close()
            self._nothing_is_left()
        self.assertEqual(self._logs().count("its process died"), 20)


if __name__ == "__main__":
    unittest.main()

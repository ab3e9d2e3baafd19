# SPDX-License-Identifier: GPL-2.0-only
"""kawela-lend and its relay as processes, between a borrower that is this test and a VF
that isn't there."""

import array
import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time
import tty
import unittest
from pathlib import Path

from labkit import lend_build

_HEADER = struct.Struct("<HHIII")
_VERSION, _MAP, _IRQS, _READ, _WRITE, _RESET = 1, 2, 8, 9, 10, 13
_KNOCK, _GONE, _HELLO, _IRQ = range(0x4b00, 0x4b04)
_REPLY, _NO_REPLY = 1, 0x10
_SIZE = 1 << 20
# A busy machine, too, is that quick
_SOON = 120


def _wait(condition, what):
    end = time.monotonic() + _SOON
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {_SOON} s: {what()}")
        time.sleep(0.02)


def _waiting(sock, which):
    return struct.unpack("i", fcntl.ioctl(sock, which, bytes(4)))[0]


def _exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


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

    def unread(self):
        """How much of it isn't read by the relay."""
        return _waiting(self._sock, termios.TIOCOUTQ)

    def reply(self):
        """The next answer: (error, payload)."""
        _, _, size, _, error = _HEADER.unpack(_exactly(self._sock, 16))
        return error, _exactly(self._sock, size - 16)

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


class _Programs(unittest.TestCase):
    """Programs in a directory of their own."""

    def setUp(self):
        temp = tempfile.TemporaryDirectory(prefix="lend-test-")
        self.addCleanup(temp.cleanup)
        self.dir = Path(temp.name)
        self.vf = self.dir / "vf.sock"
        (self.dir / "memory").write_bytes(bytes(_SIZE))

    def _start(self, name, program, *args):
        with open(self.dir / f"{name}.log", "a", encoding="utf-8") as log:
            # pylint: disable=consider-using-with # ended by _end()
            proc = subprocess.Popen([lend_build.programs() / program, *args], cwd=self.dir,
                                    stdout=log, stderr=log)
        self.addCleanup(self._end, proc)
        return proc

    def _run(self, program, *args):
        proc = subprocess.run([lend_build.programs() / program, *args], cwd=self.dir,
                              capture_output=True, text=True, check=False, timeout=_SOON)
        return proc.returncode, proc.stdout + proc.stderr

    @staticmethod
    def _end(proc):
        proc.kill()
        proc.wait()

    def _relay(self):
        return self._start("relay", "kawela-lend-relay", "lend.sock", "vf.sock", "memory")

    def _logs(self):
        return "".join(log.read_text() for log in sorted(self.dir.glob("*.log")))

    def _connect(self):
        """A borrower that has begun nothing."""
        found = []

        def try_it():
            with contextlib.suppress(OSError):
                found[:] = [_Borrower(self.vf)]
            return found

        _wait(try_it, self._logs)
        self.addCleanup(found[0].close)
        return found[0]


class Processes(_Programs):
    """A service with one loan, and a relay."""

    def setUp(self):
        super().setUp()
        self.port = _Port(self.dir / "lend.sock")
        (self.dir / "loans").write_text(
            f"h1 vf=0000:01:10.0 window=0000:00:10.0 size=1M port={self.port.name_inside} "
            "deadline=1\n")
        self.service = self._start("lend", "lend-without-vf", "--socket", "s", "serve", "loans")
        self.relay = self._relay()

    def _order(self, *words):
        return self._run("lend-without-vf", "--socket", "s", *words)

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
        status, text = self._run("kawela-lend-relay", "lend.sock", "vf.sock", "large")
        self.assertEqual(status, 2)
        self.assertIn("2097152 octets, the window 1048576", text)

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

    def _child(self):
        child = Path(f"/proc/{self.service.pid}/task/{self.service.pid}/children")
        return int(child.read_text(encoding="ascii").split()[0])

    def test_no_process(self):
        """Where there is no process for a loan, nobody is killed for it, and it isn't lent
        again once it was taken back."""
        self._borrow().close()
        (self.dir / "no-fork").touch()
        os.kill(self._child(), signal.SIGKILL)
        _wait(lambda: "Resource temporarily unavailable" in self._logs(), self._logs)
        self.assertIn("h1: begins again", self._order("status")[1])
        self.assertEqual(self._order("take-back", "h1"), (0, (
            "h1: its process had died, and isn't begun again\n")))
        self.assertIn("h1: not lent", self._order("status")[1])
        self.assertIn("isn't lent", self._order("take-back", "h1")[1])
        status, text = self._order("lend", "h1")
        self.assertEqual(status, 1)
        self.assertIn("no process", text)
        self.assertIn("h1: not lent", self._order("status")[1])
        (self.dir / "no-fork").unlink()
        self.assertEqual(self._order("lend", "h1")[0], 0)
        self._borrow().close()

    def test_paths(self):
        """What isn't a socket isn't replaced by one, and no path is cut."""
        self._end(self.service)
        self._end(self.relay)
        for file, program, *args in (
                ("s", "lend-without-vf", "--socket", "s", "serve", "loans"),
                ("vf.sock", "kawela-lend-relay", "lend.sock", "vf.sock", "memory")):
            (self.dir / file).unlink(missing_ok=True)
            (self.dir / file).write_text("precious")
            other = self._start("other", "lend-without-vf", "--socket", "t", "serve", "loans")
            status, text = self._run(program, *args)
            self._end(other)
            self.assertEqual((status, (self.dir / file).read_text()), (2, "precious"))
            self.assertIn("in use", text)
        for args in (("x" * 108, "vf.sock"), ("lend.sock", "x" * 108),
                     ("--monitor", "x" * 108, "--device", "d", "lend.sock", "vf.sock")):
            status, text = self._run("kawela-lend-relay", *args, "memory")
            self.assertEqual(status, 2)
            self.assertIn("too long", text)

    def test_killed(self):
        """kill -9 of each party, twenty times each, in turn: each time it goes on."""
        for i in range(20):
            borrower = self._borrow()
            os.kill(self._child(), signal.SIGKILL)
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


class Relay(_Programs):
    """A relay alone, between a borrower and a kawela-lend that are this test."""

    def setUp(self):
        super().setUp()
        self._listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self._listener.close)
        self._listener.settimeout(_SOON)
        self._listener.bind(str(self.dir / "lend.sock"))
        self._listener.listen(1)
        self.relay = self._relay()
        self._sock = self._accept()

    def _accept(self):
        """Let the relay knock, and answer."""
        sock, _ = self._listener.accept()
        self.addCleanup(sock.close)
        sock.settimeout(_SOON)
        knock = _exactly(sock, 56)
        self._say(_HELLO, knock[16:40] + struct.pack("<IIQ128s", 1, 0, _SIZE, b""), sock=sock)
        return sock

    def _say(self, command, payload=b"", flags=0, sock=None, error=0):
        (sock or self._sock).sendall(
            _HEADER.pack(7, command, 16 + len(payload), flags, error) + payload)

    def _heard(self, command):
        """Wait for a message of the relay."""
        found = None
        while found != command:
            _, found, size, _, _ = _HEADER.unpack(_exactly(self._sock, 16))
            _exactly(self._sock, size - 16)

    def _events(self, borrower, count, fds):
        borrower.send(_IRQS, struct.pack("<5I", 20, 0x24, 2, 0, count), fds)
        self._heard(_IRQS)

    def test_another_borrowers_answer(self):
        """It's not for the next one."""
        borrower = self._connect()
        borrower.send(_RESET, b"")
        self._heard(_RESET)
        borrower.close()
        self._heard(_GONE)
        borrower = self._connect()
        borrower.send(_VERSION, bytes(5))
        self._heard(_VERSION)
        self._say(_RESET, flags=_REPLY)
        self._say(_VERSION, b"mine", flags=_REPLY)
        self.assertEqual(borrower.reply(), (0, b"mine"))

    def test_descriptors(self):
        """What is more than a message says is closed."""
        borrower = self._connect()
        events = [os.eventfd(0) for _ in range(8)]
        self.addCleanup(lambda: [os.close(fd) for fd in events])
        for _ in range(30):
            self._events(borrower, 1, events)
        self.assertLess(len(list(Path(f"/proc/{self.relay.pid}/fd").iterdir())), 20)

    def test_full_event(self):
        """An eventfd that has no room for an interrupt doesn't hold up the relay."""
        borrower = self._connect()
        event = os.eventfd(0xffffffff)
        self.addCleanup(os.close, event)
        os.write(event, struct.pack("Q", 2 ** 64 - 2 - 0xffffffff))
        self._events(borrower, 1, [event])
        self._say(_IRQ, struct.pack("<II", 2, 0))
        self._say(_IRQS, b"answer", flags=_REPLY)
        self.assertEqual(borrower.reply(), (0, b"answer"))

    def test_deaf(self):
        """A borrower that reads no answers has to go."""
        self._connect()
        for _ in range(100):
            self._say(_READ, bytes(4096), flags=_REPLY)
        self._heard(_GONE)

    def test_full(self):
        """A borrower is gone while kawela-lend reads nothing: both sides begin anew."""
        borrower = self._connect()
        sent = 0

        def send(size, times=1):
            borrower.octets((_HEADER.pack(7, _RESET, size, _NO_REPLY, 0) +
                             bytes(size - 16)) * times)
            return size

        def within():
            """Octets in the relay."""
            _wait(lambda: not borrower.unread(), self._logs)
            return sent - _waiting(self._sock, termios.FIONREAD)

        # All that its buffer has room for, to the octet
        while within() < 4096:
            sent += send(4096)
        while within() < 1 << 16:
            sent += send(min(4096, (1 << 16) - within()))
        self.assertEqual(within(), 1 << 16)
        self.relay.send_signal(signal.SIGSTOP)
        send(4096, 16)
        self.relay.send_signal(signal.SIGCONT)
        _wait(lambda: not borrower.unread(), self._logs)
        borrower.close()
        self._say(_RESET, flags=_REPLY)
        self._sock = self._accept()
        self._connect()


if __name__ == "__main__":
    unittest.main()

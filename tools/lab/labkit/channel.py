# SPDX-License-Identifier: GPL-2.0-only
"""Sockets between the lab and QEMU, and the tie between their lives."""

import json
import select
import socket
import subprocess
import time

# QEMU is killed when the lab goes, however it goes
_TIED = ["setpriv", "--pdeathsig", "KILL"]


class Channel:
    """A stream that QEMU is born with: no path, nothing to clean up."""

    def __init__(self):
        self._ours, self._theirs = socket.socketpair()
        self._buffer = b""
        self.closed = False

    def child_fd(self):
        """The end for QEMU, as a file descriptor number."""
        return self._theirs.fileno()

    def started(self):
        """QEMU has its end now."""
        self._theirs.close()

    def close(self):
        """Close both ends."""
        self._theirs.close()
        self._ours.close()

    def fileno(self):
        """For select."""
        return self._ours.fileno()

    def ready(self):
        """Whether read() finds something."""
        return not self.closed and bool(select.select([self], [], [], 0)[0])

    def read(self):
        """What there is to read; empty at the end."""
        try:
            data = self._ours.recv(65536)
        except ConnectionError:
            data = b""
        self.closed |= not data
        return data

    def lines(self):
        """Complete lines that have arrived."""
        self._buffer += self.read()
        *lines, self._buffer = self._buffer.split(b"\n")
        return lines

    def write(self, data):
        """Send to the VM."""
        try:
            self._ours.sendall(data)
        except OSError:
            self.closed = True


class Wire:
    """One end of a wire between two QEMUs, for one of them."""

    def __init__(self, sock):
        self._sock = sock

    def child_fd(self):
        """For QEMU, as a file descriptor number."""
        return self._sock.fileno()

    def started(self):
        """QEMU has it now."""
        self._sock.close()

    close = started


def wire():
    """Both ends of a new one. What is sent to a QEMU that has ended is lost."""
    return [Wire(sock) for sock in socket.socketpair(type=socket.SOCK_DGRAM)]


def spawn(command, channels, **kwargs):
    """Start QEMU with its ends of the channels; it ends with the lab."""
    proc = subprocess.Popen([*_TIED, *command],
                            pass_fds=[c.child_fd() for c in channels], **kwargs)
    for channel in channels:
        channel.started()
    return proc


class Qmp:
    """QEMU's monitor: one command at a time."""

    def __init__(self, channel):
        self._channel = channel
        self._ready = False

    def _answer(self, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._channel.closed:
            if not select.select([self._channel], [], [], 0.5)[0]:
                continue
            for line in self._channel.lines():
                data = json.loads(line)
                if "return" in data or "error" in data:
                    return data
        raise RuntimeError("QEMU's monitor doesn't answer")

    def _send(self, name, arguments):
        self._channel.write(json.dumps(
            {"execute": name, "arguments": arguments}).encode() + b"\n")
        return self._answer()

    def execute(self, command, arguments=None):
        """Run a command. Return: its result; RuntimeError when refused."""
        if not self._ready:
            self._send("qmp_capabilities", {})
            self._ready = True
        data = self._send(command, arguments or {})
        if "error" in data:
            raise RuntimeError(data["error"]["desc"])
        return data["return"]

# SPDX-License-Identifier: GPL-2.0

"""A small AF_XDP socket, by hand."""

import ctypes
import mmap
import os
import socket
import struct

_AF_XDP, _SOL_XDP = 44, 283
_MMAP_OFFSETS, _RX_RING, _TX_RING, _UMEM_REG, _FILL_RING, _COMPLETION_RING = \
    range(1, 7)
_STATISTICS, _OPTIONS = 7, 8
_PGOFF = {"rx": 0, "tx": 0x80000000, "fill": 0x100000000,
          "completion": 0x180000000}
_LIBC = ctypes.CDLL(None, use_errno=True)

COPY, ZEROCOPY, NEED_WAKEUP, USE_SG = 1 << 1, 1 << 2, 1 << 3, 1 << 4
CONTINUED = 1                           # of a descriptor: XDP_PKT_CONTD


class Ring:
    """One ring that is shared with the kernel."""

    def __init__(self, sock, name, size, offsets, entry):
        self._size = size
        self._entry = entry
        self._producer, self._consumer, self._desc, self._flags = offsets
        self._mem = mmap.mmap(sock.fileno(), self._desc + size * entry.size,
                              flags=mmap.MAP_SHARED | mmap.MAP_POPULATE,
                              offset=_PGOFF[name])
        self._head = 0                  # of our side

    def _word(self, offset):
        return struct.unpack_from("=I", self._mem, offset)[0]

    def _at(self, index):
        return self._desc + (index % self._size) * self._entry.size

    @property
    def wants_wakeup(self):
        """Does the kernel ask to be woken up?"""
        return bool(self._word(self._flags) & 1)

    def put(self, entries):
        """Produce entries."""
        for entry in entries:
            self._entry.pack_into(self._mem, self._at(self._head), *entry)
            self._head += 1
        struct.pack_into("=I", self._mem, self._producer,
                         self._head & 0xffffffff)

    def close(self):
        """Let go; a mapping keeps the socket open."""
        self._mem.close()

    def take(self):
        """Consume all entries."""
        out = []
        while self._head & 0xffffffff != self._word(self._producer):
            out.append(self._entry.unpack_from(self._mem,
                                               self._at(self._head)))
            self._head += 1
        struct.pack_into("=I", self._mem, self._consumer,
                         self._head & 0xffffffff)
        return out


_ADDR = struct.Struct("=Q")
_DESC = struct.Struct("=QII")           # address, length, options


class Xsk:
    """A socket with its memory: the first half for receive."""

    def __init__(self, chunk=4096, chunks=2048, size=1024, headroom=0):
        self._chunk = chunk
        self._sock = socket.socket(_AF_XDP, socket.SOCK_RAW, 0)
        self._umem = mmap.mmap(-1, chunk * chunks)
        addr = ctypes.addressof(ctypes.c_char.from_buffer(self._umem))
        self._set(_UMEM_REG, struct.pack("=QQIIII", addr, chunk * chunks,
                                         chunk, headroom, 0, 0))
        for option in (_FILL_RING, _COMPLETION_RING, _RX_RING, _TX_RING):
            self._set(option, struct.pack("=I", size))
        off = struct.unpack("=16Q", self._sock.getsockopt(_SOL_XDP,
                                                          _MMAP_OFFSETS, 128))
        self.rx = Ring(self._sock, "rx", size, off[0:4], _DESC)
        self.tx = Ring(self._sock, "tx", size, off[4:8], _DESC)
        self.fill = Ring(self._sock, "fill", size, off[8:12], _ADDR)
        self.completion = Ring(self._sock, "completion", size, off[12:16],
                               _ADDR)
        self._free = [i * chunk for i in range(chunks // 2, chunks)]
        self._begun = []                # of a frame in several buffers
        self._later = [i * chunk for i in range(chunks // 2)]
        self.refill(min(size, chunks // 2))

    def _set(self, option, value):
        self._sock.setsockopt(_SOL_XDP, option, value)

    def fileno(self):
        """Descriptor."""
        return self._sock.fileno()

    def bind(self, ifname, queue, flags):
        """Bind; OSError carries the errno."""
        addr = struct.pack("=HHIII", _AF_XDP, flags,
                           socket.if_nametoindex(ifname), queue, 0)
        if _LIBC.bind(self.fileno(), addr, len(addr)):
            err = ctypes.get_errno()
            raise OSError(err, os.strerror(err))

    @property
    def is_zero_copy(self):
        """What bind() made of it."""
        return bool(struct.unpack("=I", self._sock.getsockopt(
            _SOL_XDP, _OPTIONS, 4))[0] & 1)

    def refill(self, n=1 << 30):
        """Let the kernel have n more buffers."""
        give, self._later = self._later[:n], self._later[n:]
        self.fill.put((addr,) for addr in give)

    def received(self):
        """Frames that have come; their buffers are kept until refill()."""
        frames = []
        for addr, length, options in self.rx.take():
            self._begun.append(self._umem[addr:addr + length])
            self._later.append(addr // self._chunk * self._chunk)
            if not options & CONTINUED:
                frames.append(b"".join(self._begun))
                self._begun = []
        return frames

    def paint(self):
        """Fill the half for receive, to see later who wrote where."""
        half = len(self._umem) // 2
        self._umem[:half] = b"\xa5" * half

    def overruns(self):
        """Buffers before which, in their headroom, something was written."""
        return [addr for addr in range(0, len(self._umem) // 2, self._chunk)
                if self._umem[addr:addr + 256] != b"\xa5" * 256]

    def prefer_busy_poll(self, budget):
        """Calls of this socket poll the queue, so many frames at once."""
        for option, value in ((46, 20), (69, 1), (70, budget)):
            # SO_BUSY_POLL in us, SO_PREFER_BUSY_POLL, SO_BUSY_POLL_BUDGET
            self._sock.setsockopt(socket.SOL_SOCKET, option, value)

    def wake_rx(self):
        """Tell the kernel that there are buffers."""
        try:
            # Python makes no system call for 0 octets
            self._sock.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass

    def wake_tx(self):
        """Tell the kernel that there are frames."""
        try:
            self._sock.send(b"", socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass

    def send(self, frame):
        """Queue a frame, in as many buffers as it takes."""
        descs = []
        for pos in range(0, len(frame), self._chunk):
            part = frame[pos:pos + self._chunk]
            addr = self._free.pop(0)
            self._umem[addr:addr + len(part)] = part
            more = pos + self._chunk < len(frame)
            descs.append((addr, len(part), CONTINUED if more else 0))
        self.tx.put(descs)

    def completed(self):
        """How many buffers the kernel has sent since the last call."""
        done = self.completion.take()
        self._free += [addr for (addr,) in done]
        return len(done)

    def close(self):
        """Unbind. The kernel does that a little later."""
        for ring in (self.rx, self.tx, self.fill, self.completion):
            ring.close()
        self._sock.close()

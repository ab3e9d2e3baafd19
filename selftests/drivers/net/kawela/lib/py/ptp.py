# SPDX-License-Identifier: GPL-2.0

"""PTP clocks and hardware timestamps, as the kernel's interfaces have them."""

import ctypes
import fcntl
import os
import socket
import struct
import time

SIOCSHWTSTAMP = 0x89B0
SIOCGHWTSTAMP = 0x89B1
TX_OFF, TX_ON, TX_ONESTEP_SYNC = 0, 1, 2
RX_NONE, RX_ALL, RX_L4_EVENT = 0, 1, 6
RX_L2_SYNC, RX_L2_DELAY_REQ = 10, 11
SYNC, DELAY_REQ = 0, 1

ETH_P_1588 = 0x88F7
GROUP = bytes.fromhex("011b19000000")

_SO_TIMESTAMPING = 37
_TX_HARDWARE, _RX_HARDWARE, _RAW_HARDWARE = 1, 4, 64
_MSG_ERRQUEUE = 0x2000
_ADJ_FREQUENCY, _ADJ_SETOFFSET, _ADJ_NANO = 0x0002, 0x0100, 0x2000


class _Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long),
                ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
                ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("constant", ctypes.c_long), ("precision", ctypes.c_long),
                ("tolerance", ctypes.c_long), ("seconds", ctypes.c_long),
                ("fraction", ctypes.c_long), ("rest", ctypes.c_char * 128)]


class Clock:
    """/dev/ptpN."""

    def __init__(self, index):
        self._fd = os.open(f"/dev/ptp{index}", os.O_RDWR)
        self._id = (~self._fd << 3) | 3
        self._libc = ctypes.CDLL(None, use_errno=True)

    def close(self):
        """Let go of it."""
        os.close(self._fd)

    def now(self):
        """Its time, in ns."""
        return time.clock_gettime_ns(self._id)

    def set(self, ns):
        """Set it."""
        time.clock_settime_ns(self._id, ns)

    def _adjust(self, **fields):
        timex = _Timex(**fields)
        if self._libc.clock_adjtime(self._id, ctypes.byref(timex)) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return timex

    def step(self, ns):
        """Move it by so many ns."""
        self._adjust(modes=_ADJ_SETOFFSET | _ADJ_NANO,
                     seconds=ns // 10**9, fraction=ns % 10**9)

    @property
    def ppm(self):
        """How much faster it was told to run."""
        return self._adjust().freq / 65536

    def tune(self, ppm):
        """Let it run so much faster."""
        self._adjust(modes=_ADJ_FREQUENCY, freq=int(ppm * 65536))

    def _both(self):
        """The kernel's time and its own, read as close together as the machine can."""
        tries = []
        for _ in range(20):
            before, own, after = time.monotonic_ns(), self.now(), time.monotonic_ns()
            tries.append((after - before, before, own))
        return min(tries)[1:]

    def rate(self, seconds):
        """How fast it runs, by the kernel's clock."""
        begin, ours = self._both()
        time.sleep(seconds)
        end, now = self._both()
        return (now - ours) / (end - begin)


def _config(ifname, request, values):
    data = ctypes.create_string_buffer(struct.pack("iii", *values), 12)
    ifreq = struct.pack("16sQ16x", ifname.encode(), ctypes.addressof(data))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, request, ifreq)
    return struct.unpack("iii", data.raw)[1:]


def configure(ifname, tx, rx):
    """Which frames get timestamps. Return: what was made of it."""
    return _config(ifname, SIOCSHWTSTAMP, (0, tx, rx))


def configured(ifname):
    """(tx type, rx filter) in force."""
    return _config(ifname, SIOCGHWTSTAMP, (0, 0, 0))


def raw_socket(ifname):
    """A socket for PTP frames that wants hardware timestamps."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_1588))
    sock.bind((ifname, ETH_P_1588))
    # PACKET_ADD_MEMBERSHIP of the group
    index = socket.if_nametoindex(ifname)
    sock.setsockopt(263, 1, struct.pack("IHH8s", index, 0, 6, GROUP))
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING,
                    _TX_HARDWARE | _RX_HARDWARE | _RAW_HARDWARE)
    sock.settimeout(30)
    return sock


def frame(mac, kind, sequence):
    """A PTP version 2 message over Ethernet."""
    source = bytes.fromhex(mac.replace(":", ""))
    message = struct.pack(">BBHBxHqIQHHBb", kind, 2, 44, 0, 0, 0, 0, 1, 1,
                          sequence, kind, 0) + bytes(10)
    return GROUP + source + struct.pack(">H", ETH_P_1588) + message


def _hardware(ancillary):
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPING:
            sec, nsec = struct.unpack("qq", data[32:48])
            return sec * 10**9 + nsec
    return 0


def receive(sock):
    """Receive a frame. Return: it, and its hardware timestamp or 0."""
    data, ancillary = sock.recvmsg(2048, 512)[:2]
    return data, _hardware(ancillary)


def sent(sock):
    """Hardware timestamp of a frame that was sent, or 0 when there is none yet."""
    patience = sock.gettimeout()
    sock.settimeout(0)
    try:
        return _hardware(sock.recvmsg(2048, 512, _MSG_ERRQUEUE)[1])
    except BlockingIOError:
        return 0
    finally:
        sock.settimeout(patience)

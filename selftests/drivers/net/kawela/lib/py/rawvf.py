# SPDX-License-Identifier: GPL-2.0

"""A VF without driver, as a guest that does what it likes would use it."""

import ctypes
import mmap
import os
import time
from pathlib import Path

from net.lib.py import defer

from .sriov import Vf, write_sysfs
from .wait import SLOW, until

# Seconds; only what fails waits so long
_PATIENCE = 15 * SLOW

VTCTRL, STATUS, VMBMEM, V2PMAILBOX = 0x0, 0x8, 0x800, 0xC40
VTCTRL_RST = 1 << 26
TDBAL, TDBAH, TDLEN, TDH, TDT, TXDCTL = 0x3800, 0x3804, 0x3808, 0x3810, 0x3818, 0x3828
TXDCTL_ENABLE = 1 << 25
REQ, ACK_BIT, VFU, PFU, PFSTS, PFACK, RSTI, RSTD = (1 << i for i in range(8))

ACK, NACK, CTS = 1 << 31, 1 << 30, 1 << 29
RESET, SET_MAC, SET_MC, SET_VLAN, SET_LPE, SET_PROMISC = range(1, 7)
FEATURES, GET_POLICY, GET_STATS, BYE, SET_QUEUES, GET_RSS = 0x12, *range(0x40, 0x45)
HELLO, WELCOME = 0x6B776C76, 0x6B776C70
PF_CONTROL = 0x100


def mac_words(mac):
    """The two words of a message that hold an address."""
    o = bytes.fromhex(mac.replace(":", "")) + b"\0\0"
    return [int.from_bytes(o[:4], "little"), int.from_bytes(o[4:], "little")]


def master(fd, offset=0):
    """Switch on memory and bus mastering in a configuration space."""
    command = int.from_bytes(os.pread(fd, 2, offset + 4), "little")
    os.pwrite(fd, (command | 6).to_bytes(2, "little"), offset + 4)


def physical(address):
    """What the device calls an address of this process, where no IOMMU translates."""
    with open("/proc/self/pagemap", "rb") as f:
        f.seek(address // mmap.PAGESIZE * 8)
        entry = int.from_bytes(f.read(8), "little")
    return (entry & (1 << 55) - 1) * mmap.PAGESIZE + address % mmap.PAGESIZE


class RawVf:
    """Registers of a VF that no driver is bound to."""

    _seen = 0

    def __init__(self, vf):
        self.pci = vf.pci
        dev = Path("/sys/bus/pci/devices") / vf.pci
        write_sysfs(dev / "enable", 1)
        # The PF takes one without bus mastering for one that nobody drives
        with open(dev / "config", "r+b", buffering=0) as f:
            master(f.fileno())
        with open(dev / "resource0", "r+b", buffering=0) as f:
            self._open(f.fileno())

    def _open(self, fd, offset=0):
        self._map = mmap.mmap(fd, 0x4000, offset=offset)
        self._words = (ctypes.c_uint32 * 0x1000).from_buffer(self._map)

    def close(self):
        """Give the BAR back."""
        if not self._map.closed:
            del self._words
            self._map.close()

    def rd(self, reg):
        """Read a register."""
        return self._words[reg // 4]

    def wr(self, reg, val):
        """Write a register."""
        self._words[reg // 4] = val

    def status(self):
        """The mailbox's control register, with what reading it cleared."""
        val = self.rd(V2PMAILBOX)
        self._seen |= val & (PFSTS | PFACK | RSTD)
        return val | self._seen

    def reset(self):
        """Reset the VF and wait until the PF is ready for it."""
        self.wr(VTCTRL, VTCTRL_RST)
        self._seen = 0
        end = time.monotonic() + _PATIENCE
        while self.status() & RSTI:
            if time.monotonic() > end:
                raise TimeoutError("RSTI stays set")
        self._seen = 0

    def claim(self):
        """Get hold of the words, which the PF may be about to write or wipe."""
        end = time.monotonic() + _PATIENCE
        while True:
            self.wr(V2PMAILBOX, VFU)
            if self.status() & VFU:
                return
            if time.monotonic() > end:
                raise TimeoutError("the PF doesn't let go of the words")

    def post(self, words, signal=REQ):
        """Write a message, all 16 words of it, and signal."""
        self.claim()
        for i, word in enumerate((list(words) + [0] * 16)[:16]):
            self.wr(VMBMEM + 4 * i, word)
        self.wr(V2PMAILBOX, signal)

    def answer(self, seconds=_PATIENCE):
        """Wait for a message. Return: its 16 words, or None."""
        end = time.monotonic() + seconds
        while not self.status() & PFSTS:
            if time.monotonic() > end:
                return None
            time.sleep(0.001)
        self._seen &= ~(PFSTS | PFACK)
        words = [self.rd(VMBMEM + 4 * i) for i in range(16)]
        self.wr(V2PMAILBOX, ACK_BIT)
        return words

    def ask(self, *words):
        """Send a request and wait for its answer; notices are passed over."""
        self.post(words)
        others = []
        while True:
            got = self.answer()
            if got is None:
                raise TimeoutError(f"no answer to {words[0]:#x}, but "
                                   f"{[hex(w) for w in others]}")
            if got[0] & 0xFFFF == words[0] & 0xFFFF:
                return got
            others.append(got[0])

    def connect(self):
        """The reset handshake. Return: the answer."""
        self.reset()
        return self.ask(RESET)

    def begin_frame(self):
        """Send a descriptor of no octets that ends no frame, and give the queue back."""
        with mmap.mmap(-1, mmap.PAGESIZE) as ring:
            ring[0] = 0     # the page is there now
            where = physical(ctypes.addressof(ctypes.c_char.from_buffer(ring)))
            for reg, val in ((TDBAL, where & 0xFFFFFFFF), (TDBAH, where >> 32),
                             (TDLEN, 128), (TDH, 0), (TXDCTL, TXDCTL_ENABLE), (TDT, 1)):
                self.wr(reg, val)
            try:
                until(lambda: self.rd(TDH) == 1, what="what the device was given")
            finally:
                self.wr(TXDCTL, 0)

    def connect2(self):
        """The same, and version 2. Return: the answer to FEATURES."""
        self.reset()
        got = self.ask(RESET, HELLO, 2 << 16 | 2)
        if got[3] != WELCOME:
            raise ValueError("the PF doesn't speak version 2")
        return self.ask(FEATURES, 2, got[5])


def raw_vfs(cfg, count):
    """So many VFs without driver, until the case ends."""
    return [_raw(cfg, i) for i in without_drivers(cfg, count)]


def raw_vf(cfg):
    """VF 0 without driver, beside VF 1 without one, until the case ends."""
    without_drivers(cfg, 2)
    return _raw(cfg, 0)


def without_drivers(cfg, count):
    """VFs without drivers, until the case ends. Return: their numbers."""
    cfg.sriov.fresh(0)
    auto = cfg.sriov.dev / "sriov_drivers_autoprobe"
    auto.write_text("0")
    defer(auto.write_text, "1")
    cfg.sriov.write(count)
    defer(cfg.sriov.set, 0)
    return range(count)


def _raw(cfg, i):
    raw = RawVf(Vf(cfg.sriov, i))
    defer(raw.close)
    return raw

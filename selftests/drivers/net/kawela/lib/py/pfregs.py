# SPDX-License-Identifier: GPL-2.0

"""Registers and debugfs of a PF, to see what a driver made of a policy, and to do it harm."""

import contextlib
import ctypes
import mmap
import os
import re
import signal

from net.lib.py import KsftSkipEx, cmd

DTXSWC = 0x3500
VFRE, VFTE = 0xC8C, 0xC90
CTRL, MDIC, ICS, SW_FW_SYNC = 0x0, 0x20, 0xC8, 0x5B5C
CTRL_FRCSPD, CTRL_FRCDPX, CTRL_SPEED = 1 << 11, 1 << 12, 3 << 8
LSC = 1 << 2
# The PF's end of VF 0's mailbox
VMBMEM, P2VMAILBOX = 0x800, 0xC00
# What firmware sets in SW_FW_SYNC while it uses NVM, or a PHY
FW_EEP = 1 << 16


def vmvir(pool):
    """VLAN that a pool's frames are put into"""
    return 0x3700 + 4 * pool


def vf_state(index):
    """What debugfs says of a VF's state: {word: number}."""
    out = cmd("cat /sys/kernel/debug/kawela/*/vfs", shell=True).stdout
    run = re.findall(r"^ run (.*)$", out, re.M)[index].split()
    return dict(zip(run[::2], map(int, run[1::2])))


class PfRegs:
    """Read only. Kernels allow it beside a driver with iomem=relaxed."""

    _PROT, _MODE = mmap.PROT_READ, os.O_RDONLY

    def __init__(self, dev):
        fd = os.open(dev / "resource0", self._MODE | os.O_SYNC)
        try:
            self._map = mmap.mmap(fd, 0x10000, prot=self._PROT)
        except OSError:
            raise KsftSkipEx("registers can't be read here: the kernel was "
                             "booted without iomem=relaxed") from None
        finally:
            os.close(fd)
        self._words = memoryview(self._map).cast("I")

    def rd(self, reg):
        """Read a register."""
        return self._words[reg // 4]

    def close(self):
        """Give the BAR back."""
        self._words.release()
        self._map.close()


class PfPokes(PfRegs):
    """To be written, too."""

    _PROT, _MODE = mmap.PROT_READ | mmap.PROT_WRITE, os.O_RDWR

    def __init__(self, dev):
        super().__init__(dev)
        self._out = (ctypes.c_uint32 * 0x4000).from_buffer(self._map)

    def wr(self, reg, val):
        """Write a register."""
        self._out[reg // 4] = val

    def close(self):
        """Give the BAR back."""
        del self._out
        super().close()

    @contextlib.contextmanager
    def firmware_holds(self, what):
        """Firmware that doesn't let go of a resource, whatever resets the device."""
        pid = os.fork()
        if not pid:
            try:
                while True:
                    self.wr(SW_FW_SYNC, what)
            finally:
                os._exit(0)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self.wr(SW_FW_SYNC, 0)

# SPDX-License-Identifier: GPL-2.0

"""Registers of a PF, to see what a driver made of a policy."""

import mmap
import os

from net.lib.py import KsftSkipEx

DTXSWC = 0x3500
VFRE, VFTE = 0xC8C, 0xC90


def vmvir(pool):
    """VLAN that a pool's frames are put into"""
    return 0x3700 + 4 * pool


class PfRegs:
    """Read only. Kernels allow it beside a driver with iomem=relaxed."""

    def __init__(self, dev):
        fd = os.open(dev / "resource0", os.O_RDONLY | os.O_SYNC)
        try:
            self._map = mmap.mmap(fd, 0x10000, prot=mmap.PROT_READ)
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

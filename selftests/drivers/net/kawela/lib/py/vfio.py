# SPDX-License-Identifier: GPL-2.0

"""A program that has a VF open through vfio, as a guest's VMM does."""

import fcntl
import os
import struct

from net.lib.py import KsftSkipEx, cmd

from .rawvf import RawVf, master
from .sriov import write_sysfs

_BASE = 0x3B64
_SET_IOMMU, _SET_CONTAINER, _GET_DEVICE_FD = _BASE + 2, _BASE + 4, _BASE + 6
_TYPE1V2 = 3
# Where configuration space is in a device's file; BAR 0 is at its beginning
_CONFIG = 7 << 40


def to_vfio(vf):
    """Bind a VF to vfio-pci, as driverctl does. Return: its IOMMU group."""
    group = vf.dev / "iommu_group"
    if not group.exists():
        raise KsftSkipEx("no IOMMU")
    cmd("modprobe -a vfio-pci vfio_iommu_type1")
    write_sysfs(vf.dev / "driver_override", "vfio-pci")
    if vf.driver:
        vf.unbind()
    write_sysfs("/sys/bus/pci/drivers_probe", vf.pci)
    return os.path.basename(os.readlink(group))


def from_vfio(vf):
    """Give a VF back to whatever driver matches. Return: it, as it is now."""
    if vf.driver:
        vf.unbind()
    write_sysfs(vf.dev / "driver_override", "\n")
    write_sysfs("/sys/bus/pci/drivers_probe", vf.pci)
    return type(vf)(vf.sriov, vf.index)


class Holder:
    """Has a VF open, from here until close()."""

    def __init__(self, vf):
        group = to_vfio(vf)
        self._fds = []
        container = self._open("/dev/vfio/vfio")
        fd = self._open(f"/dev/vfio/{group}")
        fcntl.ioctl(fd, _SET_CONTAINER, struct.pack("i", container))
        fcntl.ioctl(container, _SET_IOMMU, _TYPE1V2)
        name = bytearray(vf.pci.encode() + b"\0")
        self.device = fcntl.ioctl(fd, _GET_DEVICE_FD, name)
        self._fds.append(self.device)

    def _open(self, path):
        self._fds.append(os.open(path, os.O_RDWR | os.O_CLOEXEC))
        return self._fds[-1]

    def close(self):
        """Let go."""
        while self._fds:
            os.close(self._fds.pop())


class HeldVf(RawVf):
    """A VF without driver, as a guest's VMM has it open."""

    # pylint: disable-next=super-init-not-called # opened in another way
    def __init__(self, vf):
        self.pci = vf.pci
        self._holder = Holder(vf)
        master(self._holder.device, _CONFIG)
        self._open(self._holder.device)

    def close(self):
        """Let go, which resets the VF."""
        super().close()
        self._holder.close()

# SPDX-License-Identifier: GPL-2.0-only
"""Options that a kernel needs for the lab, y or m, and what for."""

import re

from .ui import LabError

_BOOT = ("to boot in the lab", """
    64BIT PCI PCI_MSI ACPI BLK_DEV_INITRD BINFMT_ELF BINFMT_SCRIPT MODULES DEVTMPFS TMPFS
    PROC_FS SYSFS PRINTK TTY SERIAL_8250_CONSOLE MAGIC_SYSRQ VIRTIO_PCI VIRTIO_BLK
    VIRTIO_CONSOLE EXT4_FS OVERLAY_FS NET_9P NET_9P_VIRTIO 9P_FS NET INET IPV6 PACKET UNIX
    NET_NS E1000E""".split())
_DRIVERS = ("to load these drivers", """
    PCI_IOV NET_DEVLINK PAGE_POOL PTP_1588_CLOCK XDP_SOCKETS BPF_SYSCALL
    TRACEPOINTS""".split())
_GUESTS = ("to run guest VMs", """
    INTEL_IOMMU IRQ_REMAP KVM VFIO VFIO_IOMMU_TYPE1 VFIO_PCI VSOCKETS VIRTIO_VSOCKETS
    VHOST_VSOCK""".split())
# One of these, for KVM
_PROCESSORS = ("KVM_AMD", "KVM_INTEL")


def names():
    """All of them."""
    return [*_BOOT[1], *_DRIVERS[1], *_GUESTS[1], *_PROCESSORS]


def _missing(have, wanted):
    lost = [name for name in wanted if name not in have]
    if wanted is _GUESTS[1] and not have.intersection(_PROCESSORS):
        lost.append(" or ".join(_PROCESSORS))
    return lost


def check(tree, guests=False):
    """Refuse a kernel tree whose .config lacks what the lab needs. A tree without a
    .config is believed."""
    path = tree / ".config"
    if not path.exists():
        return
    have = set(re.findall(r"^CONFIG_(\w+)=[ym]$", path.read_text(), re.M))
    lines = []
    for why, wanted in (_BOOT, _DRIVERS, *([_GUESTS] if guests else [])):
        lost = _missing(have, wanted)
        if lost:
            lines.append(f"  {why}: {', '.join(lost)}")
    if lines:
        raise LabError("\n".join([
            f"{path} lacks options (CONFIG_...):", *lines,
            f"  Enable them (in {tree}: scripts/config -m NAME, make olddefconfig) and "
            "build that kernel again. A module will do where there is one."]))

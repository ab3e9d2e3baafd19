# SPDX-License-Identifier: GPL-2.0

"""What drivers may leave behind."""

import os
import re
import time
from pathlib import Path

from net.lib.py import KsftFailEx, ksft_pr

_KMEMLEAK = Path("/sys/kernel/debug/kmemleak")
_DMA = Path("/sys/kernel/debug/dma-api")
# Younger objects aren't looked at; one scan compares with the scan before
_AGE = 6
_OURS = re.compile(r"kwl_|kawela")


def interrupts(dev):
    """Actions of a PCI device's interrupts, by /proc/interrupts."""
    irqs = dev / "msi_irqs"
    numbers = {path.name for path in irqs.iterdir()} if irqs.exists() else set()
    lines = Path("/proc/interrupts").read_text(encoding="ascii").splitlines()
    return [line.split()[-1] for line in lines
            if line.split(":")[0].strip() in numbers]


def dma_left(dev):
    """Mappings of a device, where the kernel keeps a list of them."""
    if not _DMA.exists():
        return []
    if (_DMA / "disabled").read_text(encoding="ascii").strip() != "N":
        # Its list has entries of devices that are gone
        raise KsftFailEx("the kernel has given up its list of DMA mappings")
    with open(_DMA / "dump", encoding="ascii") as f:
        return [line.strip() for line in f if f" {dev.name} " in line]


def pools_left(netdev_family):
    """Page pools that were given up and still wait for pages."""
    return [pool for pool in netdev_family.page_pool_get({}, dump=True)
            if "detach-time" in pool]


def kmemleak():
    """Lost objects that drivers allocated, where the kernel looks for such.

    With KAWELA_LEAKS=later whoever runs this looks for them once, after all tests.
    """
    if not _KMEMLEAK.exists():
        return []
    if os.environ.get("KAWELA_LEAKS") == "later":
        ksft_pr("lost memory is looked for after all tests")
        return []
    for _ in range(2):
        begin = time.monotonic()
        _KMEMLEAK.write_text("scan", encoding="ascii")
        time.sleep(max(0, _AGE - (time.monotonic() - begin)))
    objects = re.split(r"(?m)^(?=unreferenced object)",
                       _KMEMLEAK.read_text(encoding="ascii"))
    return [one for one in objects if _OURS.search(one)]

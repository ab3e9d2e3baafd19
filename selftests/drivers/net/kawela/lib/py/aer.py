# SPDX-License-Identifier: GPL-2.0

"""Errors on the bus, by the kernel's own means."""

import re
import struct

from net.lib.py import KsftSkipEx, cmd

# Uncorrectable errors: one that isn't fatal, and one that is
COMPLETER_ABORT = 1 << 15
MALFORMED_TLP = 1 << 18


def inject(dev, status):
    """Report an uncorrectable error of a function."""
    if cmd("modprobe aer_inject", fail=False).ret:
        raise KsftSkipEx("no aer_inject in this kernel")
    bus, slot, function = (int(n, 16) for n in
                           re.split("[:.]", dev.name.split(":", 1)[1]))
    # Bus, device and function; errors; a header to log; domain
    with open("/dev/aer_inject", "wb", buffering=0) as f:
        f.write(struct.pack("=BBBxIIIIIII", bus, slot, function, status,
                            0, 0, 0, 0, 0, 0))


def recoveries():
    """How the kernel's recoveries from errors ended, so far."""
    return re.findall("AER: device recovery (.*)", cmd("dmesg").stdout)

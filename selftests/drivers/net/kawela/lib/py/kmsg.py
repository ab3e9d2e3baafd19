# SPDX-License-Identifier: GPL-2.0

"""The kernel's log as it is written, and what in it is a report of an error."""

import os
import re

# What kernels say when they find an error of their own or of a driver
_REPORT = re.compile(
    r"^(BUG: |WARNING: |UBSAN: |ODEBUG: |DMA-API: |INFO: task .* blocked|Oops|"
    r"watchdog: BUG|general protection|list_(add|del) corruption|refcount_t: )|"
    r"detected stalls|self-detected stall|kmemleak: \d+ new|NETDEV WATCHDOG|"
    r"unregister_netdevice: waiting|stalled pool shutdown")
# The kernel core's own; tools/lab/reports.toml says why, and the lab judges all of it
_KNOWN = re.compile(r"^WARNING: drivers/pci/remove\.c")


class Kmsg:
    """Reads what comes after it was made."""

    def __init__(self):
        self._fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        self.skip()

    def __del__(self):
        os.close(self._fd)

    def skip(self):
        """Forget what came so far."""
        os.lseek(self._fd, 0, os.SEEK_END)

    def read(self):
        """What came since. Return: pairs of level and text."""
        out = []
        while True:
            try:
                record = os.read(self._fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return out
            except BrokenPipeError:
                continue        # older ones were overwritten
            head, _, text = record.partition(";")
            level = int(head.split(",")[0]) & 7
            out.append((level, text.split("\n", 1)[0]))

    def reports(self):
        """Reports of errors that came since."""
        return [text for _, text in self.read()
                if _REPORT.search(text) and not _KNOWN.search(text)]

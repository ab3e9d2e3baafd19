# SPDX-License-Identifier: GPL-2.0

"""A kernel function that is watched while a case runs."""

from pathlib import Path

from net.lib.py import defer

from .sriov import write_sysfs

_TOP = Path("/sys/kernel/tracing")


class Probe:
    """Counts the calls of a function, and records its arguments."""

    def __init__(self, function, args=""):
        self._event = f"kawela_{function}"
        enable = _TOP / f"events/kprobes/{self._event}/enable"
        write_sysfs(_TOP / "kprobe_events", f"p:{self._event} {function} {args}")
        defer(write_sysfs, _TOP / "kprobe_events", f"-:{self._event}")
        (_TOP / "trace").write_text("")
        write_sysfs(enable, 1)
        defer(write_sysfs, enable, 0)

    def count(self):
        """Calls so far."""
        for line in (_TOP / "kprobe_profile").read_text().splitlines():
            name, calls = line.split()[:2]
            if name == self._event:
                return int(calls)
        return 0

    def lines(self):
        """What was recorded."""
        return [line for line in (_TOP / "trace").read_text().splitlines()
                if f"{self._event}:" in line]

# SPDX-License-Identifier: GPL-2.0

"""A kernel function that is watched while a case runs."""

import errno
import re
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
        return self.counts(self)[0]

    @staticmethod
    def counts(*probes):
        """Calls of several functions so far, at one moment."""
        calls = dict(line.split()[:2] for line in
                     (_TOP / "kprobe_profile").read_text().splitlines())
        # pylint: disable-next=protected-access
        return [int(calls.get(probe._event, 0)) for probe in probes]

    def lines(self):
        """What was recorded."""
        return [line for line in (_TOP / "trace").read_text().splitlines()
                if f"{self._event}:" in line]


class CarrierEvents:
    """Changes of carrier that the stack is told of, with the state of the interface.

    Without BTF, as in a debug kernel, they aren't recorded; such a kernel warns of
    those that come too late (CONFIG_DEBUG_NET).
    """

    def __init__(self):
        self._probe = None
        try:
            self._probe = Probe("linkwatch_fire_event", "state=dev->reg_state:u8")
        except OSError as err:
            if err.errno != errno.EOPNOTSUPP:
                raise

    @property
    def recorded(self):
        """Whether this kernel can record them."""
        return self._probe is not None

    def states(self):
        """Of enum netdev_reg_state, in the order of the events."""
        lines = self._probe.lines() if self._probe else []
        return [int(state) for state in re.findall(r"state=(\d+)", " ".join(lines))]

    def late(self):
        """Those of interfaces that are not yet registered, 0, nor registered, 1."""
        return [state for state in self.states() if state > 1]

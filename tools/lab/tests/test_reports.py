# SPDX-License-Identifier: GPL-2.0-only
"""What kernels report fails the run: a module makes them report it."""

import os
import re

from support import LabCase

# Loading the module fails when it has done its work
_CAUSE = """
sysctl -qw kernel.panic_on_warn=0 kernel.hung_task_timeout_secs=2 kernel.watchdog_thresh=1
echo 3 > /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
cause() { modprobe kawela_report "kind=$1" 2>&1 | grep -v 'Operation canceled'; }
wait_for() { while ! dmesg | grep -q "$1"; do sleep 0.2; done; }
"""


class Reports(LabCase):
    """Each boots a host VM."""

    def _reported(self, script, *options, seconds=900):
        """Run it; that must fail. Return: the kinds that the lab names."""
        proc = self.lab("run", "bare", *options, "--", "bash", "-c",
                        _CAUSE + script, seconds=seconds)
        self.assertEqual(proc.returncode, 125, proc.stderr)
        self.assertEqual(proc.stdout, "")
        return re.findall(r"^    host: ([^:]+): ", proc.stderr, re.M)

    def test_debian(self):
        """What Debian's kernel can tell, some of it without a taint."""
        kinds = self._reported("for k in pages hung stall warning refcount; do "
                               "cause $k; done; wait_for 'stalled pool'")
        self.assertGreaterEqual(set(kinds), {
            "page_pool leak", "hung task", "RCU stall", "lockup", "warning",
            "refcount"})

    def test_debug(self):
        """What takes a debug kernel."""
        kernel = os.environ.get("LAB_DEBUG_KERNEL")
        if not kernel:
            self.skipTest("make check-debug does it")
        kinds = self._reported(
            "for k in leak lockdep sleep dma object ubsan kasan; do cause $k; done",
            "--kernel", kernel, seconds=2400)
        self.assertGreaterEqual(set(kinds), {
            "kmemleak", "lockdep", "sleep in atomic context", "DMA API",
            "debugobjects", "UBSAN", "KASAN"})

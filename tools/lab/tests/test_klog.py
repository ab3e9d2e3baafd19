# SPDX-License-Identifier: GPL-2.0-only
"""What counts as a report in a kernel's log. The samples are what kernels print."""

import time
import unittest
from unittest import mock

from support import LabCase

from labkit import klog, vm

# The first lines, as /dev/kmsg has them, of one report of each kind
_SAMPLES = {
    "KASAN": ["=" * 66,
              "BUG: KASAN: slab-use-after-free in kwl_xmit+0x1b0/0x8a0 [libkawela]",
              "Read of size 8 at addr ffff888104b2c010 by task kpktgend_0/412"],
    "lockdep": ["", "=" * 54,
                "WARNING: possible circular locking dependency detected",
                "6.12.118 #1 Tainted: G           O",
                "kworker/0:2/51 is trying to acquire lock:"],
    "sleep in atomic context": [
        "BUG: sleeping function called from invalid context at mm/slab.h:321",
        "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 300, name: ip"],
    "hung task": ["INFO: task ip:312 blocked for more than 120 seconds.",
                  "      Tainted: G           OE      6.12.118"],
    "RCU stall": ["rcu: INFO: rcu_preempt self-detected stall on CPU",
                  "rcu: \t0-....: (2099 ticks this GP) idle=2f04/1/0x4"],
    "lockup": ["watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [ip:312]"],
    "UBSAN": ["------------[ cut here ]------------",
              "UBSAN: shift-out-of-bounds in drivers/net/x.c:19:2",
              "shift exponent 70 is too large for 32-bit type 'int'"],
    "kmemleak": ["kmemleak: 3 new suspected memory leaks "
                 "(see /sys/kernel/debug/kmemleak)"],
    "DMA API": ["------------[ cut here ]------------",
                "DMA-API: kawela 0000:01:00.0: device driver frees DMA memory "
                "with different size [device address=0x00000000fff00000]",
                "WARNING: CPU: 0 PID: 300 at kernel/dma/debug.c:1012 "
                "check_unmap+0x2f4/0x900"],
    "page_pool leak": ["page_pool_release_retry() stalled pool shutdown: id 9, 1 "
                       "inflight 60 sec"],
    "refcount": ["------------[ cut here ]------------",
                 "refcount_t: underflow; use-after-free.",
                 "WARNING: CPU: 1 PID: 300 at lib/refcount.c:28 "
                 "refcount_warn_saturate+0xbe/0x110"],
    "debugobjects": ["ODEBUG: free active (active state 0) object: 0 object type: "
                     "timer_list hint: kawela_watch+0x0/0x40"],
    "list corruption": ["list_del corruption. prev->next should be "
                        "ffff8881, but was dead000000000122"],
    "reference leak": ["unregister_netdevice: waiting for eth1 to become free. "
                       "Usage count = 2"],
    "leaked interrupt": ["------------[ cut here ]------------",
                         "remove_proc_entry: removing non-empty directory 'irq/28', "
                         "leaking at least 'eth1'",
                         "WARNING: CPU: 0 PID: 300 at fs/proc/generic.c:717 "
                         "remove_proc_entry+0x19e/0x1c0", " unregister_irq_proc+0x99/0x250"],
    "lost interrupt": ["irq 28: nobody cared (try booting with the \"irqpoll\")"],
    "IOMMU fault": ["DMAR: [DMA Write NO_PASID] Request device [01:10.0] fault "
                    "addr 0xfffff000 [fault reason 0x05] PTE Write access"],
    "out of memory": ["python3 invoked oom-killer: gfp_mask=0x140cca, order=0"],
    "oops": ["Oops: general protection fault, probably for non-canonical address "
             "0xdead000000000100: 0000 [#1] PREEMPT SMP KASAN NOPTI"],
    "warning": ["------------[ cut here ]------------",
                "WARNING: CPU: 0 PID: 300 at net/core/dev.c:6600 "
                "__napi_poll+0x1f/0x1f0"],
    "bug": ["BUG: Bad page state in process ip  pfn:104b2c"],
}
# More wordings of these
_MORE = {
    "lockdep": ["WARNING: possible recursive locking detected",
                "WARNING: inconsistent lock state",
                "WARNING: suspicious RCU usage",
                "WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected",
                "WARNING: bad unlock balance detected!",
                "WARNING: held lock freed!",
                "WARNING: lock held when returning to user space!",
                "[ BUG: Invalid wait context ]",
                "BUG: MAX_LOCKDEP_ENTRIES too low!",
                "INFO: trying to register non-static key."],
    "KASAN": ["BUG: KFENCE: use-after-free read in kwl_xmit+0x1b0/0x8a0"],
    "RCU stall": ["rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
                  "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: "
                  "{ 1-.... } 25 jiffies s: 601 root: 0x2/.",
                  "INFO: rcu_tasks detected stalls on tasks:"],
    "lockup": ["BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck "
               "for 33s!", "watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1"],
    "sleep in atomic context": ["BUG: scheduling while atomic: ip/300/0x00000002"],
    "kmemleak": ["kmemleak: Kernel memory leak detector disabled"],
    "DMA API": ["DMA-API: exceeded 7 overlapping mappings of cacheline 0x4d7a",
                "DMA-API: debugging out of memory - disabling"],
    "warning": ["WARNING: net/core/dev.c:6600 at __napi_poll+0x1f/0x1f0, CPU#1: ip"],
    "bug": ["BUG kmalloc-64 (Tainted: G    OE    ): Poison overwritten"],
    "oops": ["Oops: 0000 [#1] SMP NOPTI", "kernel BUG at mm/slub.c:4030!",
             "BUG: kernel NULL pointer dereference, address: 0000000000000010",
             "Kernel panic - not syncing: Fatal exception in interrupt"],
}
# What looks like a report, and isn't one
_FINE = ["DMA-API: preallocated 65536 debug entries",
         "DMA-API: debugging enabled by kernel config",
         "DMA-API: dma_debug_entry pool grown to 67584 (3276%)",
         "kmemleak: Kernel memory leak detector initialized (mem pool available: "
         "39372)",
         "ODEBUG: 23 of 23 active objects replaced", "ODEBUG: selftest passed",
         "Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar",
         "rcu: \tRCU lockdep checking is enabled.",
         "NMI watchdog: Perf NMI watchdog permanently disabled",
         "kawela 0000:01:00.0 eth0: link up, 1000 Mb/s, full duplex",
         "workqueue: flush_to_ldisc hogged CPU for >10000us 4 times, consider "
         "switching to WQ_UNBOUND", "x86/mm: Checked W+X mappings: passed"]
_PAGE_POOL = ["BUG: sleeping function called from invalid context at lib/xarray.c:9",
              "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: a",
              " page_pool_register_dma_index+0x100/0x180"]


def _records(lines, start=0, priority=4):
    """As /dev/kmsg has them."""
    return [f"{priority},{start + n},{1000 * n},-;{line}"
            for n, line in enumerate(lines)]


def _judged(records, **options):
    judge = klog.Judge(**{"known": [], **options})
    found = [report for line in records for report in judge.feed(line)]
    return found + judge.end()


class Kinds(unittest.TestCase):
    """From lines to reports."""

    def test_each(self):
        """One report for each sample, of its kind."""
        for kind, lines in _SAMPLES.items():
            with self.subTest(kind):
                found = _judged(_records(["up", *lines, "down"]))
                self.assertEqual([report.kind for report in found], [kind])
                self.assertIn(str(found[0]).split(": ", 1)[1], lines)

    def test_wordings(self):
        """Other first lines of these kinds, also as dmesg and the console have
        them."""
        for kind, lines in _MORE.items():
            for line in lines:
                with self.subTest(line):
                    self.assertEqual(klog.kind_of(line), kind)
                    self.assertEqual(klog.kind_of(f"[   12.345678] {line}"), kind)
                    self.assertEqual(
                        klog.kind_of(f"[   12.345678][  T312] {line}"), kind)

    def test_fine(self):
        """What isn't a report."""
        self.assertEqual(_judged(_records(_FINE)), [])

    def test_user_space(self):
        """What programs write into the log isn't the kernel's."""
        self.assertEqual(_judged(_records(["WARNING: of a program"], 0, 12)), [])
        self.assertEqual(len(_judged(_records(["WARNING: of the kernel"]))), 1)

    def test_all_of_them(self):
        """Reports that follow each other are all seen."""
        lines = [line for lines in _SAMPLES.values() for line in lines]
        self.assertEqual([report.kind for report in _judged(_records(lines))],
                         list(_SAMPLES))


    def test_none_without(self):
        """No kind is without a sample."""
        # pylint: disable-next=protected-access
        self.assertEqual(set(_SAMPLES), {kind for kind, _ in klog._KINDS})


class Logs(LabCase):
    """How a log is read."""

    def test_reader_began_anew(self):
        """Records that were read already don't count once more."""
        records = _records(["up", *_SAMPLES["lockdep"]])
        self.assertEqual(len(_judged(records + records)), 1)

    def test_lost(self):
        """Records are missing: nobody knows what stood there."""
        for records in (_records(["a"]) + _records(["b"], 7),
                        _records(["a"], 3)):
            self.assertEqual([report.kind for report in _judged(records)],
                             ["lost log"])

    def test_known(self):
        """A known report is one by its first line and by what follows."""
        known = klog.known_reports()
        (report,) = _judged(_records(_PAGE_POOL), kernel="debug-6.12", known=known)
        self.assertIn("xa_alloc_bh", report.why)
        for lines, kernel in ((_PAGE_POOL, "6.12"),
                              (_SAMPLES["sleep in atomic context"], "debug-6.12"),
                              (_SAMPLES["lockdep"], "debug-6.12")):
            (report,) = _judged(_records(lines), kernel=kernel, known=known)
            self.assertEqual(report.why, "")

    def test_known_meanwhile(self):
        """Some are known only while a test says that it causes them."""
        fault = _SAMPLES["IOMMU fault"]
        records = _records(fault)
        for n, said in enumerate(["a guest aims anywhere", "something else", ""], 1):
            records += _records([f"kawela selftest: {said}".strip()], 2 * n - 1, 12)
            records += _records(fault, 2 * n)
        found = _judged(records, known=klog.known_reports())
        self.assertEqual([bool(report.why) for report in found],
                         [False, True, False, False])

    def test_known_of_a_failure(self):
        """What the IRQ core says of a file that it didn't get is known; of an interrupt
        that somebody still has it isn't."""
        for lines, whys in ((["name 'smp_affinity'", "WARNING: CPU: 0 PID: 9 at "
                              "fs/proc/generic.c:733 remove_proc_entry+0x21a/0x3f0",
                              " unregister_irq_proc+0x99/0x250"], [True]),
                            (_SAMPLES["leaked interrupt"], [False])):
            records = _records(["kawela selftest: an allocation fails"], 0, 12)
            found = _judged(records + _records(lines, 1), kernel="debug-6.12",
                            known=klog.known_reports())
            self.assertEqual([bool(report.why) for report in found], whys)

    def test_watch(self):
        """Logs of a host and of guests that come and go, in pieces."""
        told = []
        watch = klog.Watch(self.temp, "6.12", told.append)
        watch.look()
        with open(self.temp / "host.kmsg", "w", encoding="utf-8") as file:
            text = "\n".join(_records(["up", *_SAMPLES["hung task"], "down"])) + "\n"
            for part in (text[:40], text[40:90], text[90:]):
                file.write(part)
                file.flush()
                watch.look()
        self.assertEqual(told, [])
        watch.look(settle=True)
        (self.temp / "guest0-1.kmsg").write_text(
            "\n".join(_records(_SAMPLES["warning"])) + "\n")
        watch.look(settle=True)
        self.assertEqual(told, [
            f"host: hung task: {_SAMPLES['hung task'][0]}",
            f"guest0-1: warning: {_SAMPLES['warning'][1]}"])
        self.assertEqual(told, watch.bad)


class Boots(LabCase):
    """A kernel that won't come to its first process."""

    def _goes_on(self, console, stage="boot"):
        machine = vm.Vm.__new__(vm.Vm)
        machine.artefacts, machine.trouble = self.temp, None
        machine.__dict__.update({
            "_stage": stage, "_since": time.monotonic(), "_patient": False,
            "_slow": 1, "_name": "the host VM", "_watch": mock.Mock(), "_timeout": 9})
        (self.temp / "console.log").write_text("".join(
            f"[  109.3{i}2920] {line}\n" for i, line in enumerate(console)))
        # pylint: disable-next=protected-access
        return machine._look({}, mock.Mock(poll=lambda: None)), machine.trouble

    def test_stuck(self):
        """It isn't waited for."""
        self.assertEqual(self._goes_on(_SAMPLES["RCU stall"]),
                         (False, "the host VM's kernel is stuck"))

    def test_another_report(self):
        """That may be known, and is judged later."""
        for kind, stage in (("warning", "boot"), ("RCU stall", "command")):
            self.assertEqual(self._goes_on(_SAMPLES[kind], stage), (True, None))

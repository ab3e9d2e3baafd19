# SPDX-License-Identifier: GPL-2.0-only
"""A host VM at work: its channels, its deadlines, and how it ended."""

import json
import math
import select
import shlex
import subprocess
import sys
import time

from . import channel, klog, qemu, statuses, ui
from .ui import LabError

# Seconds until init reports, under emulation; a busy machine takes a multiple
_BOOT = 240.0
# From there until the topology is set up
_READY = 1500.0
# From the command's end until the VM is off
_OFF = 180.0
_TAIL = 30
# How many reports of the kernel an error shows
_SHOWN = 12

# What a kernel reports that won't come to its first process: emulation of several
# processors loses a timer sometimes
_STUCK = ("RCU stall", "lockup")

# Bits of /proc/sys/kernel/tainted that say that something went wrong
_BAD_TAINT = {5: "bad page", 7: "oops", 9: "warning", 14: "soft lockup"}


class RunError(LabError):
    """A virtual machine went wrong. ARTEFACTS is what it left, REPORTS what kernels
    said; BOOTED is false when it didn't come to its first process."""

    def __init__(self, text, artefacts, reports, booted=True):
        super().__init__(text, status=statuses.DIED)
        self.artefacts = artefacts
        self.reports = reports
        self.booted = booted


class Vm:
    """One run of a host VM. After run(): STATUS, EVENTS and TROUBLE.

    ARTEFACTS is where it leaves what it leaves. KEEP is called when the command has
    ended; the VM then stays until Ctrl-C. With PATIENT nothing has a deadline, because
    a debugger stops the VM. TOGETHER is how many machines there are; beside others it
    calls ON_READY and waits for go() when it is ready. A COMPANION of the machine with
    the command powers off then. WIRES lead to others: pairs (name, end).
    """

    def __init__(self, machine, kernel, accel, run, *, timeout, output,
                 terminal=False, told=lambda text: None, keep=None, patient=False,
                 together=1, companion=False, wires=(), **options):
        self._ports = {name: channel.Channel() for name in
                       ("status", "stdout", "stderr", "control", "qmp",
                        *(["keep"] if keep else []), *(["together"] if together > 1 else []))}
        self._wires = [end for _, end in wires]
        self._companion = companion
        self._together = together > 1
        self.on_ready = lambda: None
        self._name = f"host VM {machine.name}" if together > 1 else "the host VM"
        self._qmp = channel.Qmp(self._ports["qmp"])
        self._run = run
        self._timeout = timeout
        self._keep = keep
        self._patient = patient
        # Machines share this one's cores
        self._slow = together * (4 if kernel.name.startswith("debug-") else 1)
        self.artefacts = (run / "artefacts").resolve()
        self._terminal = terminal
        self._output = output
        self._command = qemu.host_vm(machine, kernel, accel, run, self._ports,
                                     terminal=terminal, wires=wires, **options)
        self._stage, self._since = "boot", time.monotonic()
        self._watch = klog.Watch(self.artefacts, kernel.name, told)
        self.status = None
        self.trouble = None
        self.events = []
        self._log = None
        self._stopped = False
        # How far the console was when only the power was left to go off
        self._off_from = None
        (self.artefacts / "qemu.cmd").write_text(shlex.join(self._command) + "\n")

    def _limit(self):
        if self._patient or self._stage in ("kept", "beside"):
            return math.inf
        if self._stage == "command":
            return self._timeout
        return self._slow * {"boot": _BOOT, "ready": _READY,
                             "off": _OFF}[self._stage]

    def _enter(self, stage):
        self._stage, self._since = stage, time.monotonic()

    def _on_event(self, event):
        self.events.append(event)
        name = event.get("event")
        if name == "boot":
            self._enter("ready")
        elif name == "ready":
            self._enter("beside" if self._together else "command")
            self.on_ready()
        elif name == "say":
            ui.say(event["text"])
        elif name == "failed":
            self.trouble = f"setting up the topology failed: {event['text']}"
        elif name == "trouble":
            self.trouble = event["text"]
        elif name == "exit":
            self._read_output()
            self.status = event["status"]
            self._enter("kept" if self._keep else "off")
            if self._keep:
                self._keep()
        elif name == "done":
            self._off_from = (self.artefacts / "console.log").stat().st_size
        elif name == "taint":
            bad = [text for bit, text in _BAD_TAINT.items()
                   if event["value"] >> bit & 1]
            # A report that is known taints, too
            if bad and not (bad == [_BAD_TAINT[9]] and self._watch.known):
                self.trouble = f"the kernel reported: {', '.join(bad)}"

    def _on_status(self):
        for line in self._ports["status"].lines():
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "garbage", "text": line.decode("latin1")}
            self._log.write(json.dumps({"time": round(time.time(), 3), **event})
                            + "\n")
            self._log.flush()
            self._on_event(event)

    def _on_control(self):
        """The VM asks for something that only the machine outside can do."""
        for line in self._ports["control"].lines():
            try:
                name, *args = line.decode().split()
                answer = self._control(name, args)
            except (RuntimeError, ValueError, UnicodeDecodeError) as err:
                answer = f"error {err}"
            self._ports["control"].write(answer.encode() + b"\n")

    def _control(self, name, args):
        if name == "link" and len(args) == 2 and args[1] in ("up", "down"):
            self._qmp.execute("set_link", {"name": args[0],
                                           "up": args[1] == "up"})
            return "ok"
        raise ValueError(f"unknown request {name} {args}")

    def _on_output(self, name):
        stream = self._output if name == "stdout" else sys.stderr
        data = self._ports[name].read()
        # What the kernel said came before, and belongs to the same case
        self._watch.look(settle=b"ok " in data)
        with open(self.artefacts / f"{name}.txt", "ab") as file:
            file.write(data)
        stream.buffer.write(data)
        stream.flush()

    def _handlers(self):
        return {
            self._ports["status"]: self._on_status,
            self._ports["control"]: self._on_control,
            **{self._ports[name]: lambda name=name: self._on_output(name)
               for name in ("stdout", "stderr")},
        }

    def _read_output(self):
        """All that has come."""
        for name in ("stdout", "stderr"):
            while self._ports[name].ready():
                self._on_output(name)

    def _serve(self, proc):
        handlers = self._handlers()
        while not self._stopped:
            try:
                if not self._look(handlers, proc):
                    return
            except KeyboardInterrupt:
                if self._stage != "kept":
                    raise
                ui.say("powering off; press Ctrl-C again not to wait for that")
                self._ports["keep"].write(b"off\n")
                self._enter("off")

    def _look(self, handlers, proc):
        """What there is to do now. Return: whether it goes on."""
        live = [c for c in handlers if not c.closed]
        ready = select.select(live, [], [], 0.5)[0] if live else []
        self._watch.look()
        for port in ready:
            handlers[port]()
        if not ready and proc.poll() is not None:
            return False
        if self._stage == "boot" and not ready and self._console_report(of=_STUCK):
            self.trouble = f"{self._name}'s kernel is stuck"
            return False
        if time.monotonic() - self._since > self._limit():
            self._hang()
            return False
        return True

    def stop(self):
        """From another thread: end it now."""
        self._stopped = True

    def go(self):
        """From another thread: begin with the command, or power off without one."""
        self._enter("off" if self._companion else "command")
        self._ports["together"].write(b"go\n")

    def _hang(self):
        what = {"boot": f"{self._name} doesn't boot",
                "ready": "the topology doesn't come up" if not self._together else
                f"{self._name} doesn't get ready",
                "command": "the command doesn't end",
                "off": f"{self._name} doesn't power off"}[self._stage]
        self.trouble = f"{what} within {self._limit():.0f} s"
        # Let the kernel say where it hangs, on the console
        for key in ("w", "l"):
            self._sysrq(key)
        self._drain_console()

    def _sysrq(self, key):
        try:
            self._qmp.execute("send-key", {"keys": [
                {"type": "qcode", "data": k} for k in ("alt", "sysrq", key)]})
        except RuntimeError:
            pass

    def _drain_console(self):
        """Wait until the console falls silent."""
        path = self.artefacts / "console.log"
        size, end = -1, time.monotonic() + 5
        while path.stat().st_size != size and time.monotonic() < end:
            size = path.stat().st_size
            time.sleep(0.5)

    def _judge(self, proc):
        self._watch.look(settle=True)
        if self.trouble or self._stopped:
            return
        if self._off_from is None:
            self.trouble = (f"{self._name} was lost" if proc.returncode == 0 else
                            f"QEMU ended with status {proc.returncode}")
        elif self._watch.bad:
            self.trouble = "the kernel reported what no run may leave"
        elif self._console_report(self._off_from):
            # Drivers shut their devices down; nobody looks at taint after that
            self.trouble = "the kernel went down in trouble"

    def run(self):
        """Start the VM, stay with it, and see it end."""
        with open(self.artefacts / "status.jsonl", "w", encoding="utf-8") as log, \
             open(self.artefacts / "qemu.log", "w", encoding="utf-8") as errors:
            self._log = log
            own = subprocess.DEVNULL if not self._terminal else None
            proc = channel.spawn(self._command, [*self._ports.values(), *self._wires],
                                 stdin=own, stderr=errors,
                                 env=qemu.environment(),
                                 stdout=errors if own else None,
                                 # Ctrl-C is for the lab, or for a terminal
                                 process_group=0 if own else None)
            try:
                self._serve(proc)
            finally:
                if proc.poll() is None:
                    proc.kill()
                proc.wait()
                for port in self._ports.values():
                    port.close()
        self._judge(proc)

    def _console_report(self, since=0, of=None):
        """The first report on the console, from octet SINCE on, or None. OF: kinds."""
        path = self.artefacts / "console.log"
        lines = path.read_bytes()[since:].decode(errors="replace").splitlines() \
            if path.exists() else []
        return next((line for line in lines if (kind := klog.kind_of(line)) and
                     (not of or kind in of)), None)

    def reports(self):
        """What the kernels said that they found wrong, the first of it first."""
        if self._watch.bad:
            return _first_of_each(self._watch.bad)
        found = self._console_report(self._off_from or 0)
        return [found] if found else []

    def known(self):
        """Reports that aren't held against the run."""
        return self._watch.known

    def console_tail(self):
        """The console's last lines, or QEMU's own when there are none."""
        for name in ("console.log", "qemu.log"):
            path = self.artefacts / name
            lines = path.read_text(errors="replace").splitlines() \
                if path.exists() else []
            if lines:
                return lines[-_TAIL:]
        return []


def _first_of_each(reports):
    """Of reports of one machine and kind the first, and how many there are."""
    kinds = {}
    for text in reports:
        kinds.setdefault(tuple(text.split(": ")[:2]), []).append(text)
    return [found[0] + (f" ({len(found)} such)" if len(found) > 1 else "")
            for found in kinds.values()]


def report(vm):
    """Raise LabError when the run went wrong."""
    if not vm.trouble:
        return
    tail = "\n".join(f"    {line}" for line in vm.console_tail())
    reports = [f"    {line}" for line in vm.reports()]
    if len(reports) > _SHOWN:
        reports[_SHOWN:] = [f"    and {len(reports) - _SHOWN} more"]
    said = "\n".join(["  the kernel said first:", *reports, ""]) \
        if reports else ""
    raise RunError(f"{vm.trouble}\n{said}"
                   f"  last lines of the console:\n{tail}\n"
                   f"  artefacts: {vm.artefacts}", vm.artefacts, vm.reports(),
                   bool(vm.events))

# SPDX-License-Identifier: GPL-2.0-only
"""KVM or emulation? /dev/kvm proves nothing; only booting something does."""

import glob
import json
import os
import select
import subprocess
import time
from pathlib import Path

from . import cache, channel, payload, qemu, ui
from .ui import LabError

_DEADLINE = 20.0
# Seconds after which KVM is asked once more when it failed: the machine may have
# been too busy, or somebody may have mended it
_FORGET = 6 * 3600
_DEVICE = "/dev/kvm"


def _cpu_model():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((l for l in file if l.startswith("model name")), "")
    except OSError:
        return ""


def _boots(kernel):
    """Does a VM under KVM get as far as our init?"""
    port = channel.Channel()
    end = time.monotonic() + _DEADLINE
    with cache.scratch("probe") as work:
        payload.initrd(kernel, work, {"LAB_ROLE": "probe"}, [])
        proc = channel.spawn(qemu.probe_vm(kernel, "kvm", work / "initrd", port),
                             [port], stdin=subprocess.DEVNULL,
                             env=qemu.environment(),
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        try:
            while time.monotonic() < end and not port.closed:
                if select.select([port], [], [], 1)[0] and \
                        any(b'"boot"' in line for line in port.lines()):
                    return True
            return False
        finally:
            proc.kill()
            proc.wait()
            port.close()


def _state():
    """What KVM's answer depends on, and what changes it without a new kernel."""
    parts = []
    for path in ["/proc/sys/kernel/random/boot_id",
                 *sorted(glob.glob("/sys/module/kvm*/parameters/*"))]:
        try:
            parts.append(Path(path).read_text(encoding="ascii"))
        except OSError:
            continue
    return cache.digest(os.uname().release, _cpu_model(), qemu.version(), *parts)


def _memo(kernel):
    return cache.place() / "kvm" / f"{kernel.release}.json"


def _recall(kernel):
    """Does KVM work? None: it wasn't asked, or that no longer holds."""
    try:
        memo = json.loads(_memo(kernel).read_text())
        if memo["state"] != _state() or \
                (not memo["works"] and time.time() - memo["at"] > _FORGET):
            return None
        return memo["works"]
    except (OSError, ValueError, KeyError):
        return None


def _ask(kernel):
    with ui.step("asking KVM to boot a kernel"):
        works = _boots(kernel)
    path = _memo(kernel)
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(f".{cache.unique()}")
    part.write_text(json.dumps({"works": works, "state": _state(),
                                "at": time.time()}))
    part.replace(path)
    return works


def remembered(kernel, ask=lambda kernel: None):
    """(accelerator, why) for this machine, as far as that is known; else ("", why),
    or what ASK(kernel) finds out."""
    if not os.path.exists(_DEVICE):
        return "tcg", "there is no /dev/kvm"
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return "tcg", "/dev/kvm isn't accessible to this user"
    works = _recall(kernel)
    if works is None:
        works = ask(kernel)
    if works is None:
        return "", "/dev/kvm exists, and wasn't asked yet to boot a kernel"
    if works:
        return "kvm", "KVM has booted a kernel here"
    return "tcg", ("/dev/kvm exists, but KVM doesn't boot a kernel here (it is "
                   f"asked again after {_FORGET // 3600} hours or a restart, or "
                   f"without {_memo(kernel)})")


def verdict(kernel):
    """(accelerator, why) for this machine; asks KVM and remembers for a while."""
    return remembered(kernel, _ask)


def forced():
    """LAB_ACCEL, or None; refused when it names nothing that there is."""
    name = os.environ.get("LAB_ACCEL")
    if name and name not in ("kvm", "tcg"):
        raise LabError(f"LAB_ACCEL is kvm or tcg, not {name}; without it the lab finds out "
                       "what works here")
    if name == "kvm" and not os.access(_DEVICE, os.R_OK | os.W_OK):
        raise LabError(f"LAB_ACCEL=kvm, but this user can't use {_DEVICE}: without LAB_ACCEL "
                       "the lab finds out what works here")
    return name or None


def choose(kernel, count=False):
    """The accelerator to use: LAB_ACCEL, or what works. Only emulation counts."""
    if count:
        return "tcg"
    return forced() or verdict(kernel)[0]

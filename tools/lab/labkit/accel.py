# SPDX-License-Identifier: GPL-2.0-only
"""KVM or emulation? /dev/kvm proves nothing; only booting something does."""

import json
import os
import select
import subprocess
import time

from . import cache, channel, payload, qemu, ui

_DEADLINE = 20.0
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


def _remembered(kernel):
    key = cache.digest(os.uname().release, _cpu_model(), qemu.version(),
                       kernel.release)
    return cache.root() / "kvm" / f"{key}.json"


def verdict(kernel):
    """(accelerator, why) for this machine; asks KVM once and remembers."""
    if not os.path.exists(_DEVICE):
        return "tcg", "there is no /dev/kvm"
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return "tcg", "/dev/kvm isn't accessible to this user"
    memo = _remembered(kernel)
    if memo.exists():
        works = json.loads(memo.read_text())["works"]
    else:
        with ui.step("asking KVM to boot a kernel"):
            works = _boots(kernel)
        memo.parent.mkdir(exist_ok=True)
        memo.write_text(json.dumps({"works": works}))
    if works:
        return "kvm", "KVM has booted a kernel here"
    return "tcg", "/dev/kvm exists, but KVM doesn't boot a kernel here"


def choose(kernel, count=False):
    """The accelerator to use: LAB_ACCEL, or what works. Only emulation counts."""
    if count:
        return "tcg"
    forced = os.environ.get("LAB_ACCEL")
    if forced in ("kvm", "tcg"):
        return forced
    return verdict(kernel)[0]

# SPDX-License-Identifier: GPL-2.0-only
"""What this machine can do for the lab, what it can't, and what then."""

import os
import platform
import shutil
import sys

from . import accel, cache, images, jail, kernels, newer_qemu, qemu
from .ui import LabError

_DISK = 10
_MEMORY = 5


class Findings:
    """Lines of the report."""

    def __init__(self):
        self.bad = 0

    def ok(self, what, text):
        """Fine."""
        print(f"ok      {what:12} {text}")

    def note(self, what, text):
        """Not as it could be; the lab copes."""
        print(f"note    {what:12} {text}")

    def missing(self, what, text, way_out):
        """The lab can't work like this."""
        self.bad += 1
        print(f"MISSING {what:12} {text}")
        print(f"{'':20} -> {way_out}")


def memory_gib():
    """What is available."""
    with open("/proc/meminfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("MemAvailable"):
                return int(line.split()[1]) / 2**20
    return 0.0


def _machine(out):
    if platform.machine() != "x86_64":
        out.missing("machine", platform.machine(), "the lab needs x86_64")
    out.ok("python", sys.version.split()[0])
    if shutil.which("mmdebstrap"):
        out.ok("mmdebstrap", "there")
    else:
        out.missing("mmdebstrap", "not installed", "make setup")
    try:
        how = "user namespaces" if "--user" in jail.unshare() else "root"
        out.ok("isolation", f"by {how}")
    except LabError as err:
        out.missing("isolation", "none", str(err))
    if os.geteuid() and not shutil.which("newuidmap"):
        out.missing("uidmap", "not installed", "make setup")


def _standing(path):
    """A directory, or the next above it that is there."""
    while not path.is_dir():
        path = path.parent
    return path


def _room(out):
    place = cache.place()
    stat = os.statvfs(_standing(place))
    free = stat.f_bavail * stat.f_frsize / 2**30
    if free < _DISK and not images.have_lab():
        out.missing("disk", f"{free:.1f} GiB free in {place}",
                    f"{_DISK} GiB are needed: free some, or set KAWELA_CACHE")
    else:
        out.ok("disk", f"{free:.0f} GiB free in {place}")
    memory = memory_gib()
    if memory < _MEMORY:
        out.missing("memory", f"{memory:.1f} GiB available",
                    f"{_MEMORY} GiB are needed: end something large")
    else:
        out.ok("memory", f"{memory:.0f} GiB available")


def _qemu(out):
    text = ".".join(map(str, qemu.version()))
    if not qemu.has_igb():
        out.missing("QEMU", f"{text} has no igb device",
                    "unset LAB_QEMU; the lab then uses its own")
    elif qemu.has_bar_bug():
        out.note("QEMU", f"{text} maps VF BARs above 4 GiB wrongly; the lab "
                 "keeps them below with phys-bits=39")
    elif qemu.version()[:2] < qemu.SOUND:
        out.note("QEMU", f"{text} loses accesses to devices now and then, without KVM; "
                 "unset LAB_QEMU to use one that does not")
    else:
        out.ok("QEMU", f"{text}, has igb")


def _image(out):
    """What is there already; nothing is built, or asked of KVM, here."""
    if not images.have_lab():
        out.note("image", "not built yet; the first run builds it (some minutes and "
                 "4 GiB), the first `make check` more, also a debug kernel (half an hour)")
        return
    out.ok("image", str(images.lab()))
    if not (os.environ.get("LAB_QEMU") or newer_qemu.have()):
        out.note("QEMU", "not downloaded yet; the first run does that")
        return
    _qemu(out)
    built = cache.peek(f"kernel-{kernels.DEFAULT}")
    if not built:
        out.note("kernel", "not downloaded yet; the first run does that")
        return
    how, why = accel.remembered(kernels.Kernel(kernels.DEFAULT, built))
    line = f"{why}; " + {"kvm": "it is used", "": "the first run does"}.get(
        how, "software emulation is used, about ten times slower")
    (out.ok if how == "kvm" else out.note)("KVM", line)


def report():
    """Print everything. Return: exit status."""
    out = Findings()
    _machine(out)
    _room(out)
    if not out.bad:
        _image(out)
    print(f"\n{'the lab can work here' if not out.bad else 'not like this: see MISSING above'}")
    return 1 if out.bad else 0

# SPDX-License-Identifier: GPL-2.0-only
"""What a run brings into its virtual machines: scripts, modules, the command."""

import shlex
import shutil
from pathlib import Path

from . import images, kernels, roots

GUEST = Path(__file__).resolve().parents[1] / "guest"


def _settings(settings):
    return "".join(f"{name}={shlex.quote(value)}\n"
                   for name, value in sorted(settings.items()))


def init_files(machine, files):
    """Add to FILES what the first process of a machine finds."""
    if machine.init != "systemd":
        return
    shutil.copytree(GUEST / "systemd", files, symlinks=True, dirs_exist_ok=True)
    conf = files / "usr/lib/modprobe.d/lab.conf"
    conf.parent.mkdir(parents=True, exist_ok=True)
    conf.write_text(roots.modprobe_conf(machine))


def initrd(kernel, work, settings, argv, files=None):
    """Make WORK/initrd: the kernel's initramfs, and on top what this run adds.

    FILES is a directory that is laid over the VM's root file system.
    """
    root = images.lab() / "tree"
    top = work / "payload"
    (top / "lab").mkdir(parents=True)
    shutil.copy(GUEST / "init", top / "init")
    (top / "lab/settings").write_text(_settings(settings))
    (top / "lab/argv").write_bytes(b"".join(a.encode() + b"\0" for a in argv))
    over = top / "lab/root"
    if files:
        shutil.copytree(files, over, symlinks=True)
    over.mkdir(exist_ok=True)
    shutil.copytree(GUEST / "root", over, dirs_exist_ok=True)
    kernels.make_cpio(root, top, work / "payload.cpio")
    with open(work / "initrd", "wb") as out:
        for part in (kernel.initramfs, work / "payload.cpio"):
            out.write(part.read_bytes())
    shutil.rmtree(top)
    (work / "payload.cpio").unlink()

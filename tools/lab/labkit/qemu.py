# SPDX-License-Identifier: GPL-2.0-only
"""QEMU: which one, what it can do, and its command line."""

import functools
import os
import re
import subprocess
from pathlib import Path

from . import images, jail
from .ui import LabError

# Early 10.0 and 10.1 map VF BARs above 4 GiB at the wrong place
_BAR_BUG = [((10, 0, 0), (10, 0, 5)), ((10, 1, 0), (10, 1, 1))]
_PCAP_BYTES = 160
# Where Debian's QEMU looks for its modules
_MODULES = [Path("/usr/lib/x86_64-linux-gnu/qemu")]
# An emulated CPU that doesn't run for a while is no lockup of the kernel; and the
# kernel's log is kept until it was read
_PATIENT = ("watchdog_thresh=40 rcupdate.rcu_cpu_stall_timeout=90 "
            "log_buf_len=4M")


@functools.cache
def command():
    """How to start QEMU: LAB_QEMU, or the one in the lab's image.

    The image's QEMU runs through the image's own loader, so that it doesn't
    matter which distribution this machine has. It looks for its modules where
    this machine's QEMU has its own, which are of another build and abort it: so
    the image's lie over them.
    """
    if os.environ.get("LAB_QEMU"):
        return [os.environ["LAB_QEMU"]]
    tree = images.lab() / "tree"
    share = tree / "usr/share"
    covers = [(tree / place.relative_to("/"), place) for place in _MODULES
              if place.is_dir()]
    return [*(jail.covered(covers) if covers else ()),
            str(tree / "usr/lib64/ld-linux-x86-64.so.2"),
            "--library-path", str(tree / "usr/lib/x86_64-linux-gnu"),
            str(tree / "usr/bin/qemu-system-x86_64"),
            "-L", str(share / "qemu"), "-L", str(share / "seabios"),
            "-L", str(tree / "usr/lib/ipxe/qemu")]


def environment():
    """What it finds in its environment: nothing that points elsewhere."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("QEMU_", "LD_"))}


def _ask(*args):
    try:
        proc = subprocess.run([*command(), *args], capture_output=True,
                              text=True, check=False, env=environment())
    except OSError as err:
        raise LabError(f"can't run {command()[0]}: {err.strerror}") from err
    return proc.stdout + proc.stderr


@functools.cache
def version():
    """(major, minor, micro)."""
    match = re.search(r"version (\d+)\.(\d+)\.(\d+)", _ask("--version"))
    if not match:
        raise LabError(f"{command()[0]} doesn't say its version; "
                       "is LAB_QEMU a qemu-system-x86_64?")
    return tuple(map(int, match.groups()))


@functools.cache
def has_igb():
    """Does it emulate the 82576? (8.0 and later do.)"""
    return 'name "igb"' in _ask("-device", "help")


def has_bar_bug():
    """Does it need VF BARs below 4 GiB?"""
    return any(low <= version() <= high for low, high in _BAR_BUG)


def check():
    """Refuse a QEMU that can't do what the lab is for."""
    if not has_igb():
        raise LabError(f"QEMU {'.'.join(map(str, version()))} has no igb device "
                       "(8.0 and later have): unset LAB_QEMU to use the lab's")


def cpu(accel):
    """The CPU model."""
    model = "host" if accel == "kvm" else "max"
    return model + (",phys-bits=39" if has_bar_bug() else "")


def _accel(accel):
    return ["-accel", "kvm" if accel == "kvm" else "tcg,thread=multi",
            "-cpu", cpu(accel)]


def escaped(path):
    """A path in an option of QEMU, where commas separate."""
    return str(path).replace(",", ",,")


def _disk(name, path):
    return ["-drive", f"file={escaped(path)},format=raw,if=none,id={name},readonly=on",
            "-device", f"virtio-blk-pci,drive={name},serial={name}"]


def _port(name, channel):
    return ["-chardev", f"socket,id={name},fd={channel.child_fd()}",
            "-device", f"virtserialport,chardev={name},name=lab.{name}"]


def _share(tag, path):
    return ["-virtfs", f"local,path={escaped(path)},mount_tag={tag},security_model=none,"
            "multidevs=remap"]


def _wire(pcap):
    """The 82576, a link partner, and a recording of what goes between them.

    The partner is an e1000e: a virtio-net that the hub has held up, because the
    82576 had no buffers, may never send again.
    """
    return ["-netdev", "hubport,hubid=1,id=wire0",
            "-netdev", "hubport,hubid=1,id=wire1",
            "-device", "pcie-root-port,id=rp0,chassis=1",
            "-device", "igb,bus=rp0,netdev=wire0,id=pf,mac=52:54:00:82:57:60",
            "-device", "pcie-root-port,id=rp1,chassis=2",
            "-device", "e1000e,bus=rp1,netdev=wire1,id=peer,"
            "mac=52:54:00:00:00:02",
            "-object", f"filter-dump,id=pcap,netdev=wire1,file={escaped(pcap)},"
            f"maxlen={_PCAP_BYTES}"]


def host_vm(topo, kernel, accel, run, ports, *, cmdline="", share=None,
            disks=(), terminal=False, count=None, extra=()):
    """Command line of a host VM.

    RUN is the run's directory with initrd, artefacts and what it shares. PORTS
    are the channels by name; `qmp` is the monitor, the others are serial ports.
    COUNT is the plugin that counts, if it shall. EXTRA are more arguments, the last.
    """
    append = ("console=ttyS0 quiet no_timer_check panic=-1 oops=panic panic_on_warn=1 "
              f"mitigations=off {_PATIENT} {topo.cmdline} {cmdline}")
    args = [*command(), "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-machine", "q35,kernel-irqchip=split",
            *_accel(accel), "-smp", str(topo.cpus), "-m", str(topo.memory),
            "-kernel", str(kernel.image), "-initrd", str(run / "initrd"),
            "-append", append, "-device", topo.iommu,
            "-chardev", f"file,id=console,path={escaped(run / 'artefacts/console.log')}",
            "-serial", "chardev:console",
            "-chardev", f"socket,id=qmp,fd={ports['qmp'].child_fd()}",
            "-mon", "chardev=qmp,mode=control",
            "-device", "virtio-serial-pci,max_ports=16",
            "-chardev", f"file,id=kmsg,path={escaped(run / 'artefacts/host.kmsg')}",
            "-device", "virtserialport,chardev=kmsg,name=lab.kmsg"]
    for name, port in ports.items():
        if name != "qmp":
            args += _port(name, port)
    for name, path in [("root", images.lab() / "root.ext4"),
                       ("modules", kernel.modules), *disks]:
        args += _disk(name, path)
    args += _share("artefacts", (run / "artefacts").resolve())
    args += _share("boot", run / "boot")
    if share:
        args += _share("share", Path(share).resolve())
    if count:
        args += ["-plugin", f"file={escaped(count)},"
                 f"out={escaped(run / 'artefacts/count.txt')}"]
    if terminal:
        args += ["-chardev", "stdio,id=terminal,signal=off",
                 "-device", "virtconsole,chardev=terminal"]
    return [*args, *_wire(run / "artefacts/wire.pcap"), *extra]


def probe_vm(kernel, accel, initrd, status):
    """Command line of the smallest VM that proves that an accelerator works."""
    return [*command(), "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-machine", "q35", *_accel(accel), "-m", "512",
            "-kernel", str(kernel.image), "-initrd", str(initrd),
            "-append", "console=ttyS0 quiet no_timer_check panic=-1 lab.role=probe",
            "-device", "virtio-serial-pci", *_port("status", status)]

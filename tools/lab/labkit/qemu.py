# SPDX-License-Identifier: GPL-2.0-only
"""QEMU: which one, what it can do, and its command line."""

import functools
import os
import re
import subprocess
from pathlib import Path

from . import images, jail, newer_qemu, topology
from .ui import LabError

# Early 10.0 and 10.1 map VF BARs above 4 GiB at the wrong place
_BAR_BUG = [((10, 0, 0), (10, 0, 5)), ((10, 1, 0), (10, 1, 1))]
_PCAP_BYTES = 160
# While one CPU moves a BAR, 10.0's emulation loses what another CPU writes to a device:
# a doorbell, or the timer's next time. 11.1 did not in the same test.
SOUND = (11, 1)
# Where Debian's QEMU looks for its modules
_MODULES = [Path("/usr/lib/x86_64-linux-gnu/qemu")]
# An emulated CPU that doesn't run for a while is no lockup of the kernel; and the
# kernel's log is kept until it was read
_PATIENT = ("watchdog_thresh=40 rcupdate.rcu_cpu_stall_timeout=90 "
            "log_buf_len=4M")


def _tree(least):
    """The root with the QEMU that is sound and at least that version: (major, minor)."""
    own = images.lab() / "tree"
    if _version_in(own)[:2] >= max(SOUND, least):
        return own
    return newer_qemu.get() / "tree"


def _in_tree(tree):
    """How to start a root's QEMU: through the root's own loader, so that it doesn't
    matter which distribution this machine has. It looks for its modules where this
    machine's QEMU has its own, which are of another build and abort it: so the
    root's lie over them."""
    share = tree / "usr/share"
    libraries = tree / "usr/lib/x86_64-linux-gnu"
    covers = [(tree / place.relative_to("/"), place) for place in _MODULES
              if place.is_dir()]
    return [*(jail.covered(covers) if covers else ()),
            str(tree / "usr/lib64/ld-linux-x86-64.so.2"),
            "--library-path", f"{libraries}:{libraries}/pulseaudio",
            str(tree / "usr/bin/qemu-system-x86_64"),
            "-L", str(share / "qemu"), "-L", str(share / "seabios"),
            "-L", str(tree / "usr/lib/ipxe/qemu")]


@functools.cache
def command(least=(0, 0)):
    """How to start QEMU: LAB_QEMU, or the one in the lab's image, or where that is
    not sound or older than LEAST, the one of Debian's backports."""
    if os.environ.get("LAB_QEMU"):
        return [os.environ["LAB_QEMU"]]
    return _in_tree(_tree(least))


def environment():
    """What it finds in its environment: nothing that points elsewhere."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("QEMU_", "LD_"))}


def _ask(start, *args):
    try:
        proc = subprocess.run([*start, *args], capture_output=True,
                              text=True, check=False, env=environment())
    except OSError as err:
        raise LabError(f"can't run {start[0]}: {err.strerror}") from err
    return proc.stdout + proc.stderr


def _version_of(start):
    match = re.search(r"version (\d+)\.(\d+)\.(\d+)", _ask(start, "--version"))
    if not match:
        raise LabError(f"{start[0]} doesn't say its version; "
                       "is LAB_QEMU a qemu-system-x86_64?")
    return tuple(map(int, match.groups()))


@functools.cache
def _version_in(tree):
    return _version_of(_in_tree(tree))


@functools.cache
def version(least=(0, 0)):
    """(major, minor, micro) of what command() starts."""
    return _version_of(command(least))


@functools.cache
def devices(least=(0, 0)):
    """Names of all that it emulates."""
    return frozenset(re.findall(r'name "([^"]+)"', _ask(command(least), "-device", "help")))


def has_igb():
    """Does it emulate the 82576? (8.0 and later do.)"""
    return "igb" in devices()


def has_bar_bug(least=(0, 0)):
    """Does it need VF BARs below 4 GiB?"""
    return any(low <= version(least) <= high for low, high in _BAR_BUG)


def check(least=(0, 0)):
    """Refuse a QEMU that can't do what the lab is for, or is older than LEAST."""
    if not has_igb():
        raise LabError(f"QEMU {'.'.join(map(str, version()))} has no igb device "
                       "(8.0 and later have): unset LAB_QEMU to use the lab's")
    if version(least)[:2] < least:
        raise LabError(f"QEMU {'.'.join(map(str, version(least)))} is older than "
                       f"{'.'.join(map(str, least))}, which the topology needs" +
                       (": unset LAB_QEMU to use the lab's" if os.environ.get("LAB_QEMU")
                        else ", and Debian's backports have no newer one now"))


def check_devices(topo):
    """Refuse devices of a topology that its QEMU doesn't have."""
    for machine in topo.machines:
        least = machine.least_qemu()
        wanted = [("iommu", machine.iommu.partition(",")[0], ()),
                  *(("device", nic.device, ("nic", n)) for n, nic in enumerate(machine.nic))]
        for key, name, place in wanted:
            if name and name not in devices(least):
                topo.refuse(machine, key, f"QEMU {'.'.join(map(str, version(least)))} has "
                            f"no device {name}: `-device help` lists those that it has",
                            place)


def cpu(accel, least=(0, 0)):
    """The CPU model."""
    model = "host" if accel == "kvm" else "max"
    return model + (",phys-bits=39" if has_bar_bug(least) else "")


def _accel(accel, least=(0, 0)):
    return ["-accel", "kvm" if accel == "kvm" else "tcg,thread=multi",
            "-cpu", cpu(accel, least)]


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


def _mac(machine, number, vf=0):
    """Of a NIC, or of a VF (from 1) that QEMU makes for it."""
    usual = {"pf": "52:54:00:82:57:60", "peer": "52:54:00:00:00:02"}
    role = machine.nic[number].purpose()
    if not (vf or machine.index) and role in usual:
        return usual[role]
    return f"52:54:00:01:{machine.index:x}{number:x}:{vf:02x}"


def _nic(machine, number, hub):
    """A NIC behind a root port of its own, and the VFs that QEMU makes for it."""
    nic = machine.nic[number]
    name = nic.purpose() if nic.purpose() != "none" else f"nic{number}"
    args = ["-device", f"pcie-root-port,id=rp{number},chassis={number + 1},"
            f"addr={topology.slot(number):#x}"]
    more = f",{nic.options}" if nic.options else ""
    for vf in (*range(1, nic.vfs + 1), 0):
        port = f"wire{number}" + (f"v{vf}" if vf else "")
        place = f",addr=0x0.{vf:#x}" if nic.vfs else ""
        args += ["-netdev", f"hubport,hubid={hub},id={port}",
                 "-device", f"{nic.device},bus=rp{number}{place},netdev={port},"
                 f"mac={_mac(machine, number, vf)}{more}," +
                 (f"sriov-pf={name}" if vf else f"id={name}")]
    return args


def _recording(machine, number, artefacts):
    """Of all that is on the wire of a NIC, which is the first there."""
    wire = machine.nic[number].wire
    if wire in [nic.wire for nic in machine.nic[:number]] or wire.startswith("_"):
        return []
    name = "wire" if number == 0 else wire
    return ["-object", f"filter-dump,id=pcap{number},netdev=wire{number},"
            f"file={escaped(artefacts / name)}.pcap,maxlen={_PCAP_BYTES}"]


def _nics(machine, artefacts, wires):
    """All NICs, on hubs for their wires. WIRES are pairs (name, end of a wire that
    leads to another machine)."""
    hubs, args = {name: n for n, name in enumerate(machine.wires(), 1)}, []
    for number, nic in enumerate(machine.nic):
        args += _nic(machine, number, hubs[nic.wire])
        args += _recording(machine, number, artefacts)
    for number, (name, end) in enumerate(wires):
        args += ["-netdev", f"dgram,id=away{number},local.type=fd,local.str={end.child_fd()}",
                 "-netdev", f"hubport,hubid={hubs[name]},id=out{number},"
                 f"netdev=away{number}"]
    return args


def host_vm(machine, kernel, accel, run, ports, *, cmdline="", share=None,
            disks=(), terminal=False, count=None, wires=(), extra=()):
    """Command line of a host VM.

    RUN is the run's directory with initrd, artefacts and what it shares. PORTS
    are the channels by name; `qmp` is the monitor, the others are serial ports.
    COUNT is the plugin that counts, if it shall. WIRES lead to other machines: pairs
    (name, end). EXTRA are more arguments, the last.
    """
    append = ("console=ttyS0 quiet no_timer_check panic=-1 oops=panic panic_on_warn=1 "
              f"mitigations=off {_PATIENT} {machine.cmdline} {cmdline}")
    least = machine.least_qemu()
    args = [*command(least), "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-machine", "q35,kernel-irqchip=split",
            *_accel(accel, least), "-smp", str(machine.cpus), "-m", str(machine.memory),
            "-kernel", str(kernel.image), "-initrd", str(run / "initrd"),
            "-append", append,
            *(["-device", machine.iommu] if machine.iommu else []),
            "-chardev", f"file,id=console,path={escaped(run / 'artefacts/console.log')}",
            "-serial", "chardev:console",
            "-chardev", f"socket,id=qmp,fd={ports['qmp'].child_fd()}",
            "-mon", "chardev=qmp,mode=control",
            # Each write rings the doorbell: the next one makes good for one that was lost
            "-device", "virtio-serial-pci,max_ports=16,event_idx=off",
            "-chardev", f"file,id=kmsg,path={escaped(run / 'artefacts' / machine.name)}.kmsg",
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
    return [*args, *_nics(machine, run / "artefacts", wires), *extra]


def probe_vm(kernel, accel, initrd, status):
    """Command line of the smallest VM that proves that an accelerator works."""
    return [*command(), "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-machine", "q35", *_accel(accel), "-m", "512",
            "-kernel", str(kernel.image), "-initrd", str(initrd),
            "-append", "console=ttyS0 quiet no_timer_check panic=-1 lab.role=probe",
            "-device", "virtio-serial-pci", *_port("status", status)]

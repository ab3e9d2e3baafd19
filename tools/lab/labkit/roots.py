# SPDX-License-Identifier: GPL-2.0-only
"""What a host VM's root has beside the lab's: packages, systemd, a network outside."""

from . import cache, layers, ui

# What systemd needs as the first process, and udev's rules and programs ask for
_SYSTEMD = ("dbus", "systemd", "systemd-sysv")
# The lab has the console and the terminals; the journal has what units say
_SYSTEMD_CMDLINE = "systemd.getty_auto=0 systemd.show_status=0 " \
    "systemd.condition_needs_update=0"
# Each of these has a user
_DRIVERS = ("kawela", "kawelavf", "igb", "igbvf")


def packages(machine):
    """Packages of a machine, checked: LabError names those that Debian doesn't have."""
    return layers.check([*machine.packages, *(_SYSTEMD if machine.init == "systemd" else ())])


def disks(machine):
    """What lies over the lab's root: pairs (name, path)."""
    wanted = packages(machine)
    return [("packages", layers.get(wanted) / "layer.ext4")] if wanted else []


def cmdline(machine):
    """For the kernel."""
    return _SYSTEMD_CMDLINE if machine.init == "systemd" else ""


def modprobe_conf(machine):
    """For udev, which loads whatever claims a device: the machine's drivers come first,
    as where they are installed, or are the only ones."""
    if (machine.pf_driver, machine.vf_driver) == _DRIVERS[:2]:
        return (cache.TREE / "tools/install/kawela.conf").read_text()
    return "".join(f"blacklist {name}\n" for name in _DRIVERS
                   if name not in (machine.pf_driver, machine.vf_driver))


def network(machine):
    """Arguments of QEMU for the network outside, the last of all devices, so that none
    of the others moves."""
    if machine.net != "user":
        return []
    ui.tell("net = user: the VM can reach what this machine can, and this machine itself "
            "as 10.0.2.2")
    return ["-netdev", "user,id=outside",
            "-device", "virtio-net-pci,netdev=outside,mac=52:54:00:00:00:0f"]

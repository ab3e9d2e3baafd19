# SPDX-License-Identifier: GPL-2.0

"""A PF's SR-IOV files, and VFs as tests use them."""

import errno
import os
import time
from pathlib import Path

from net.lib.py import cmd, defer, ip

from .wait import until


def in_ns(comm, ns, **kwargs):
    """Run a command in a network namespace, or here for None."""
    return cmd(comm, ns=ns, **kwargs)


def write_sysfs(path, value):
    """Write a value; OSError carries the errno."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, str(value).encode())
    finally:
        os.close(fd)


def errno_name(number):
    """The kernel's name of an errno; Python prefers ENOTSUP for EOPNOTSUPP."""
    special = {0: "", errno.EOPNOTSUPP: "EOPNOTSUPP", 524: "ENOTSUPP"}
    return special.get(number, errno.errorcode.get(number, str(number)))


def errno_of(func, *args):
    """Call it. Return: "" or the name of the errno of its OSError."""
    try:
        func(*args)
    except OSError as e:
        return errno_name(e.errno)
    return ""


def interfaces(dev):
    """Names of a PCI device's interfaces; a virtio device is between the two."""
    return sorted(path.name for path in
                  (*dev.glob("net/*"), *dev.glob("virtio*/net/*")))


class Vf:
    """One VF. Methods that change something leave its way back to the caller."""

    def __init__(self, sriov, index):
        self.index = index
        self.sriov = sriov
        self.pci = os.path.basename(os.readlink(sriov.dev / f"virtfn{index}"))
        self.dev = Path("/sys/bus/pci/devices") / self.pci
        self.ns = None
        self.ifname = next(iter(interfaces(self.dev)), None)

    @property
    def driver(self):
        """Name of the driver that it is bound to, or None."""
        link = self.dev / "driver"
        return os.path.basename(os.readlink(link)) if link.exists() else None

    def bind(self, driver):
        """Bind it to this driver, also where autoprobe is off."""
        write_sysfs(self.dev / "driver_override", driver)
        write_sysfs("/sys/bus/pci/drivers_probe", self.pci)
        write_sysfs(self.dev / "driver_override", "\n")
        return Vf(self.sriov, self.index)

    def rebind(self):
        """Unbind it, and bind it to the same driver again."""
        driver = self.driver
        self.unbind()
        return self.bind(driver)

    def unbind(self):
        """Take its driver away."""
        write_sysfs(self.dev / "driver/unbind", self.pci)

    @property
    def mac(self):
        """Address of its interface."""
        return self.link()["address"]

    def link(self):
        """ip -d link show of its interface."""
        return ip(f"-d link show dev {self.ifname}", json=True, ns=self.ns)[0]

    def stats(self):
        """64-bit counters of its interface."""
        return ip(f"-s link show dev {self.ifname}", json=True,
                  ns=self.ns)[0]["stats64"]

    def cmd(self, comm, **kwargs):
        """Run a command where its interface is."""
        return cmd(comm, ns=self.ns, **kwargs)

    def up(self, v4=None, v6=None):
        """Bring the interface up and wait for carrier."""
        for addr in filter(None, (v4, v6)):
            nodad = " nodad" if ":" in addr else ""
            self.cmd(f"ip addr add {addr} dev {self.ifname}{nodad}")
        self.cmd(f"ip link set dev {self.ifname} up")
        until(self.has_carrier, what=f"carrier of VF {self.index}")

    def has_carrier(self):
        """carrier"""
        return "LOWER_UP" in self.link()["flags"]

    def answers(self, addr):
        """Whether ADDR answers it at once."""
        return self.cmd(f"ping -q -c 1 -W 0.1 {addr}", fail=False).ret == 0

    def allowed(self, seconds, addr):
        """What an outage may take: SECONDS, more on a machine that is busy now.

        Its measure is the time until ADDR answers after the interface was closed
        and opened.
        """
        begin = time.monotonic()
        self.cmd(f"ip link set dev {self.ifname} down")
        self.cmd(f"ip link set dev {self.ifname} up")
        until(lambda: self.answers(addr), 10, f"{addr} after opening")
        return max(seconds, 4 * (time.monotonic() - begin))

    def enter(self, ns):
        """Move to a new network namespace; it goes when the case ends."""
        ip(f"netns add {ns}")
        defer(ip, f"netns del {ns}")
        ip(f"link set dev {self.ifname} netns {ns}")
        self.ns = ns
        return self


class Sriov:
    """sriov_* of a PF."""

    def __init__(self, ifname):
        self.dev = Path(os.path.realpath(f"/sys/class/net/{ifname}/device"))
        if self.dev.name.startswith("virtio"):
            self.dev = self.dev.parent
        self.ifname = ifname

    def _read(self, name):
        return int((self.dev / name).read_text())

    @property
    def emulated(self):
        """Whether QEMU is behind it."""
        return (self.dev / "subsystem_vendor").read_text().strip() == "0x1af4"

    @property
    def total(self):
        """Most VFs that can be asked for."""
        return self._read("sriov_totalvfs")

    @property
    def vf_driver(self):
        """What VFs are driven by here; known once one was."""
        return os.environ.get("LAB_VF_DRIVER") or Vf(self, 0).driver

    @property
    def num(self):
        """VFs that exist."""
        return self._read("sriov_numvfs")

    def write(self, n):
        """Write to sriov_numvfs as it is; OSError carries the errno."""
        write_sysfs(self.dev / "sriov_numvfs", n)

    def netdevs(self):
        """Names of the VFs' interfaces in this namespace."""
        return [name for i in range(self.num)
                for name in interfaces(self.dev / f"virtfn{i}")]

    def set(self, n):
        """Make it exactly n VFs, each with an interface. Return: the VFs."""
        if self.num != n:
            if self.num:
                self.write(0)
            if n:
                self.write(n)
        until(lambda: len(self.netdevs()) == n, what=f"{n} VF interfaces")
        return [Vf(self, i) for i in range(n)]

    def fresh(self, n):
        """n new VFs, that go when the case ends."""
        if self.num:
            self.write(0)
        vfs = self.set(n)
        defer(self.set, 0)
        return vfs

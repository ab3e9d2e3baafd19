# SPDX-License-Identifier: GPL-2.0-only
"""Topologies: TOML files that say what virtual machines are made of."""

import dataclasses
import re
from pathlib import Path

from .tomlsource import Source, is_a
from .ui import LabError

_DIR = Path(__file__).resolve().parents[1] / "topologies"
_VFS = 7
INITS = ("lab", "systemd")
NETS = ("none", "user")
# Functions of one device without ARI, of which the PF is the first
_VIRTIO_VFS = 7
# With more, the emulated IOMMU wants an option
_CPUS = 255
# MiB that a host VM cannot do without, and that each guest VM in it gets
_MEMORY = 256
GUEST_MEMORY = 320
# Root ports on the first PCI bus, one of which may be needed for what is not a wire
_NIC_COUNT = 8
_ROLES = ("pf", "peer", "none")
# What a device is there for, unless its role says otherwise
_USUAL = {"igb": "pf", "e1000e": "peer"}
_WORD = re.compile(r"[A-Za-z][\w-]*")
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclasses.dataclass(frozen=True)
class Nic:
    """A network interface card, behind a PCIe root port of its own."""

    device: str = "igb"           # QEMU's name
    wire: str = "lan"
    role: str = ""                # "pf", "peer" or "none"
    vfs: int = 0                  # that QEMU makes for a virtio-net-pci
    options: str = ""             # QEMU's, for the device and such VFs

    def purpose(self):
        """Its role, or the usual one of such a device."""
        return self.role or _USUAL.get(self.device, "none")


# How machines talk beside the wires, see `ssh` in the host script
_CONTROL = "control"
# Each has twenty addresses of its own in a /24
_MACHINES = 8


# The PF, and a link partner: a virtio-net that the hub has held up, because the
# 82576 had no buffers, may never send again, so it is an e1000e.
_NICS = (Nic("igb"), Nic("e1000e"))


@dataclasses.dataclass(frozen=True)
class Machine:
    """A host VM."""

    name: str = "host"
    memory: int = 2048            # MiB
    cpus: int = 2
    pf_driver: str = "kawela"     # "" leaves the PF without driver
    vf_driver: str = "kawelavf"
    vfs: int = 0                  # created before COMMAND starts
    guests: tuple = ()            # VFs that go into a nested guest VM each
    iommu: str = "intel-iommu,intremap=on,caching-mode=on"
    cmdline: str = "intel_iommu=on iommu=pt"
    qemu: str = ""                # least version
    packages: tuple = ()          # Debian's, on top of the lab's root
    init: str = "lab"             # first process
    net: str = "none"             # network outside
    nic: tuple = _NICS
    index: int = 0                # among the machines

    def settings(self):
        """For the scripts inside: names and values."""
        return {
            "LAB_MACHINE": self.name,
            "LAB_INDEX": str(self.index),
            "LAB_PF_DRIVER": self.pf_driver,
            "LAB_VF_DRIVER": self.vf_driver,
            "LAB_VFS": str(self.vfs),
            "LAB_GUESTS": " ".join(map(str, self.guests)),
            "LAB_GUEST_MEMORY": str(GUEST_MEMORY),
            "LAB_IOMMU": self.iommu.partition(",")[0],
            "LAB_INIT": self.init,
            "LAB_NET": self.net,
            **{f"LAB_{role.upper()}_SLOT": f"{slot_of(self, role):02x}"
               for role in ("pf", "peer", _CONTROL) if self.has(role)},
        }

    def wires(self):
        """Names of the wires that it is on, the first NIC's first."""
        return list(dict.fromkeys(nic.wire for nic in self.nic))

    def has(self, role):
        """Is there a NIC of that role?"""
        return any(nic.purpose() == role for nic in self.nic)

    def least_qemu(self):
        """(major, minor) that it needs."""
        match = _VERSION.fullmatch(self.qemu)
        return (int(match[1]), int(match[2])) if match else (0, 0)


@dataclasses.dataclass(frozen=True)
class _Alone(Machine):
    """The file of a topology with one machine."""

    description: str = ""


@dataclasses.dataclass(frozen=True)
class _Several:
    """The file of a topology with several."""

    description: str = ""
    machine: tuple = ()


@dataclasses.dataclass(frozen=True)
class Topology:
    """What stands in a topology's file."""

    name: str
    description: str
    machines: tuple
    source: Source
    places: dict                  # of machines, by their names

    def refuse(self, machine, key, text, place=()):
        """Raise LabError about a key of a machine, or at a PLACE in its table."""
        self.source.refuse(key, text, (*self.places[machine.name], *place))

    @property
    def memory(self):
        """MiB of all machines."""
        return sum(machine.memory for machine in self.machines)

    def settings(self, machine):
        """For the scripts inside a machine: names and values."""
        return {"LAB_TOPOLOGY": self.name,
                "LAB_MACHINES": " ".join(m.name for m in self.machines),
                **machine.settings()}

    def wires(self):
        """{wire: machines on it}, of the wires that leave a machine."""
        found = {}
        for machine in self.machines:
            for wire in machine.wires():
                found.setdefault(wire, []).append(machine)
        return {wire: on for wire, on in found.items() if len(on) > 1}

    def machine(self, name=None):
        """The machine of that name, or the first."""
        return next(m for m in self.machines if name in (None, m.name))


def slot_of(machine, role):
    """Where the root port of the NIC of that role is on the first PCI bus."""
    return next(slot(n) for n, nic in enumerate(machine.nic) if nic.purpose() == role)


def slot(number):
    """Of the root port of NIC NUMBER; below are the lab's own devices."""
    return 0x10 + number


def names():
    """All topologies."""
    return sorted(p.stem for p in _DIR.glob("*.toml"))


def _check_vfs(source, place, machine):
    most = _most_vfs(machine)
    if not 0 <= machine.vfs <= most:
        why = ": the PF keeps the eighth pool of the 82576" if most == _VFS else \
            ", as many as its PF has"
        source.refuse("vfs", f"vfs is 0 to {most}, not {machine.vfs}{why}", place)
    if machine.vfs and not machine.pf_driver:
        source.refuse("vfs", f"{machine.vfs} VFs, but machine {machine.name} gives the "
                      'PF no driver (pf_driver = ""), which would create them', place)


def _check_guests(source, place, machine):
    for guest in machine.guests:
        if not is_a(int, guest) or guest < 0:
            source.refuse("guests", f"guests are numbers of VFs, from 0, not {guest!r}",
                          place)
        if machine.guests.count(guest) > 1:
            source.refuse("guests", f"VF {guest} is there twice; both guest VMs would be "
                          f"guest{guest}", place)
        if guest < machine.vfs:
            continue
        text = f"guest{guest} needs VF {guest}, but vfs is {machine.vfs}"
        if source.overridden("vfs", place):
            source.refuse("vfs", f"{text}: {source.where('guests', place)} has guests = "
                          f"{machine.guests}; say --vfs {max(machine.guests) + 1} or more",
                          place)
        source.refuse("guests", f"{text}: VFs count from 0", place)


def _check_size(source, place, machine):
    if not 1 <= machine.cpus <= _CPUS:
        source.refuse("cpus", f"cpus is at least 1, at most {_CPUS}, not {machine.cpus}",
                      place)
    least = _MEMORY + GUEST_MEMORY * len(machine.guests)
    if machine.memory < least:
        source.refuse("memory", f"memory is at least {least} (MiB)" + (
            f", of which each guest VM takes {GUEST_MEMORY}" if machine.guests else "") +
            f", not {machine.memory}", place)
    if machine.qemu and not _VERSION.fullmatch(machine.qemu):
        source.refuse("qemu", "qemu is the least version, such as \"11.1\", not "
                      f"{machine.qemu!r}", place)


def _check_nic(source, place, nic):
    for key, value in (("device", nic.device), ("wire", nic.wire)):
        if not _WORD.fullmatch(value):
            source.refuse(key, f"{key} is a name, not {value!r}", place)
    if nic.role and nic.role not in _ROLES:
        source.refuse("role", f"role is one of {', '.join(_ROLES)}, not {nic.role!r}", place)
    if nic.vfs and nic.device != "virtio-net-pci":
        source.refuse("vfs", "QEMU makes VFs for virtio-net-pci; others' drivers create "
                      "theirs (the machine's vfs)", place)
    if not 0 <= nic.vfs <= _VIRTIO_VFS:
        source.refuse("vfs", f"vfs of a NIC is 0 to {_VIRTIO_VFS}, not {nic.vfs}", place)


def _check_nics(source, place, machine):
    if len(machine.nic) > _NIC_COUNT:
        source.refuse("nic", f"{len(machine.nic)} NICs; {_NIC_COUNT} have a slot each", place)
    for number, nic in enumerate(machine.nic):
        here = (*place, "nic", number)
        _check_nic(source, here, nic)
        role = nic.purpose()
        if role != "none" and any(n.purpose() == role for n in machine.nic[:number]):
            source.refuse("role", f"a second NIC with role {role}: say role = \"none\" "
                          "for one that the command looks after", here)
    if not machine.has("pf") and (machine.vfs or machine.pf_driver):
        source.refuse("vfs" if machine.vfs else "pf_driver",
                      f"machine {machine.name} has no NIC with role pf: say "
                      "device = \"igb\", or pf_driver = \"\" for a machine without a PF", place)


def _most_vfs(machine):
    """VFs that its PF can have."""
    pf = next((nic for nic in machine.nic if nic.purpose() == "pf"), None)
    return pf.vfs if pf and pf.device == "virtio-net-pci" else _VFS


def _nics(source, place, data):
    """The NICs of a machine's table."""
    if "nic" not in data:
        return _NICS
    for number, nic in enumerate(data["nic"]):
        if not isinstance(nic, dict):
            source.refuse("nic", f"nic is a table ([[nic]]), not {nic!r}", place)
        source.check(Nic, nic, (*place, "nic", number))
    return tuple(Nic(**nic) for nic in data["nic"])


def _machine(source, place, data):
    """A machine from its table."""
    machine = Machine(**{**data, "nic": _nics(source, place, data)})
    for check in _check_nics, _check_vfs, _check_guests, _check_size, \
            _check_root:
        check(source, place, machine)
    return machine


def _tables(source):
    """(place, table) of each machine."""
    if "machine" not in source.data:
        source.check(_Alone, source.data, without=("name", "index"))
        return [((), {key: value for key, value in source.data.items()
                      if key != "description"})]
    source.check(_Several, source.data)
    tables = [(("machine", n), table) for n, table in enumerate(source.data["machine"])]
    if not 0 < len(tables) <= _MACHINES:
        source.refuse("machine", f"a topology has 1 to {_MACHINES} machines, not "
                      f"{len(tables)}")
    for place, table in tables:
        if not isinstance(table, dict):
            source.refuse("machine", f"machine is a table ([[machine]]), not {table!r}")
        source.check(Machine, table, place, without=("index",))
        name = table.get("name")
        if not name or not _WORD.fullmatch(name):
            source.refuse("name", "a machine needs a name: name = \"host0\"" if name is None
                          else f"a machine has a name, not {name!r}", place)
        if name.startswith("guest"):
            source.refuse("name", f"{name}: guest VMs are called so", place)
        if [t.get("name") for _, t in tables[:place[1]]].count(name):
            source.refuse("name", f"a second machine with the name {name}", place)
    return tables


def _check_root(source, place, machine):
    for key, known in (("init", INITS), ("net", NETS)):
        value = getattr(machine, key)
        if value not in known:
            source.refuse(key, f"{key} is {' or '.join(known)}, not {value!r}", place)


def _read(name):
    path = Path(name) if name.endswith(".toml") else _DIR / f"{name}.toml"
    try:
        return path, path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LabError(f"no topology {name}: there are {', '.join(names())}; "
                       "or give the path of a .toml file") from None
    except (OSError, UnicodeDecodeError) as err:
        raise LabError(f"{path}: {err}") from None


def load(name, overrides=None, within=None):
    """The topology of that name, or the TOML file at that path. OVERRIDES are values of
    options with the names of keys, for the machine WITHIN, or the first; None counts as
    not given."""
    path, text = _read(name)
    source = Source(path, text)
    tables = _tables(source)
    if "description" not in source.data:
        raise LabError(f"{path}: `description` is missing: "
                       "description = \"what it is for\"")
    names_here = [table.get("name", Machine.name) for _, table in tables]
    if within not in (None, *names_here):
        raise LabError(f"--in {within}: topology {path.stem} has no such machine; it has "
                       f"{', '.join(names_here)}")
    chosen = names_here.index(within or names_here[0])
    source.override({key: value for key, value in (overrides or {}).items()
                     if value is not None}, tables[chosen][0])
    machines = []
    for index, (place, table) in enumerate(tables):
        more = source.overrides if index == chosen else {}
        machine = _machine(source, place, {**table, **more, "index": index})
        if len(tables) > 1:
            control = Nic("virtio-net-pci", f"_{_CONTROL}", _CONTROL)
            machine = dataclasses.replace(machine, nic=(*machine.nic, control))
        machines.append(machine)
    return Topology(path.stem, source.data["description"], tuple(machines), source,
                    dict(zip(names_here, (place for place, _ in tables))))


def check_fits(topo):
    """Refuse more memory than the kernel would give to a process here."""
    with open("/proc/meminfo", encoding="ascii") as file:
        here = sum(int(line.split()[1]) for line in file
                   if line.startswith(("MemTotal:", "SwapTotal:"))) // 1024
    if topo.memory > here:
        raise LabError(f"{topo.memory} MiB for {len(topo.machines)} host VM(s) are more than "
                       f"the memory and swap of this machine ({here} MiB): say --memory with "
                       "less")

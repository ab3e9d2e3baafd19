# SPDX-License-Identifier: GPL-2.0-only
"""Topologies: TOML files that say what a virtual machine is made of."""

import dataclasses
import re
import tomllib
from pathlib import Path

from .ui import LabError

_DIR = Path(__file__).resolve().parents[1] / "topologies"
_KINDS = {str: "a string", int: "a number", list: "a list"}
_VFS = 7
INITS = ("lab", "systemd")
NETS = ("none", "user")
# With more, the emulated IOMMU wants an option
_CPUS = 255
# MiB that a host VM cannot do without, and that each guest VM in it gets
_MEMORY = 256
GUEST_MEMORY = 320


@dataclasses.dataclass(frozen=True)
class Topology:
    """What stands in a topology's file."""

    name: str
    description: str
    memory: int = 2048            # MiB of the host VM
    cpus: int = 2
    pf_driver: str = "kawela"     # "" leaves the PF without driver
    vf_driver: str = "kawelavf"
    vfs: int = 0                  # created before COMMAND starts
    guests: tuple = ()            # VFs that go into a nested guest VM each
    iommu: str = "intel-iommu,intremap=on,caching-mode=on"
    cmdline: str = "intel_iommu=on iommu=pt"
    packages: tuple = ()          # Debian's, on top of the lab's root
    init: str = "lab"             # first process
    net: str = "none"             # network outside

    def settings(self):
        """For the scripts inside: names and values."""
        return {
            "LAB_TOPOLOGY": self.name,
            "LAB_PF_DRIVER": self.pf_driver,
            "LAB_VF_DRIVER": self.vf_driver,
            "LAB_VFS": str(self.vfs),
            "LAB_GUESTS": " ".join(map(str, self.guests)),
            "LAB_GUEST_MEMORY": str(GUEST_MEMORY),
            "LAB_INIT": self.init,
            "LAB_NET": self.net,
        }


def names():
    """All topologies."""
    return sorted(p.stem for p in _DIR.glob("*.toml"))


class _Source:
    """Where a setting comes from: a line of the file, or an option."""

    def __init__(self, path, text, overrides):
        self.path = path
        self._lines = text.splitlines()
        self.overrides = overrides

    def where(self, key):
        """As an error begins."""
        if key in self.overrides:
            return f"--{key}"
        for number, line in enumerate(self._lines, 1):
            if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return f"{self.path}:{number}"
        return str(self.path)

    def refuse(self, key, text):
        """Raise LabError about a key."""
        raise LabError(f"{self.where(key)}: {text}")


def _is_a(want, value):
    # To Python, true is a number
    return isinstance(value, want) and not isinstance(value, bool)


def _check_vfs(source, topo):
    if not 0 <= topo.vfs <= _VFS:
        source.refuse("vfs", f"vfs is 0 to {_VFS}, not {topo.vfs}: the PF keeps the eighth "
                      "pool of the 82576")
    if topo.vfs and not topo.pf_driver:
        source.refuse("vfs", f"{topo.vfs} VFs, but topology {topo.name} gives the PF no "
                      'driver (pf_driver = ""), which would create them')


def _check_guests(source, topo):
    for guest in topo.guests:
        if not _is_a(int, guest) or guest < 0:
            source.refuse("guests", f"guests are numbers of VFs, from 0, not {guest!r}")
        if topo.guests.count(guest) > 1:
            source.refuse("guests", f"VF {guest} is there twice; both guest VMs would be "
                          f"guest{guest}")
        if guest < topo.vfs:
            continue
        text = f"guest{guest} needs VF {guest}, but vfs is {topo.vfs}"
        if "vfs" in source.overrides:
            source.refuse("vfs", f"{text}: {source.where('guests')} has guests = "
                          f"{topo.guests}; say --vfs {max(topo.guests) + 1} or more")
        source.refuse("guests", f"{text}: VFs count from 0")


def _check_machine(source, topo):
    if not 1 <= topo.cpus <= _CPUS:
        source.refuse("cpus", f"cpus is at least 1, at most {_CPUS}, not {topo.cpus}")
    least = _MEMORY + GUEST_MEMORY * len(topo.guests)
    if topo.memory < least:
        source.refuse("memory", f"memory is at least {least} (MiB)" + (
            f", of which each guest VM takes {GUEST_MEMORY}" if topo.guests else "") +
            f", not {topo.memory}")


def _check_root(source, topo):
    for key, known in (("init", INITS), ("net", NETS)):
        if getattr(topo, key) not in known:
            source.refuse(key, f"{key} is {' or '.join(known)}, not {getattr(topo, key)!r}")


def _read(name):
    path = Path(name) if name.endswith(".toml") else _DIR / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        return path, text, tomllib.loads(text)
    except FileNotFoundError:
        raise LabError(f"no topology {name}: there are {', '.join(names())}; "
                       "or give the path of a .toml file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise LabError(f"{path}: {err}") from None


def _check_keys(source, data):
    known = {f.name for f in dataclasses.fields(Topology)} - {"name"}
    for key in data:
        if key not in known:
            source.refuse(key, f"unknown: {key}; known: {', '.join(sorted(known))}")
    if "description" not in data:
        raise LabError(f"{source.path}: `description` is missing")
    for field in dataclasses.fields(Topology):
        want = list if field.type is tuple else field.type
        if not _is_a(want, data.get(field.name, want())):
            source.refuse(field.name, f"{field.name} is {_KINDS[want]}, not "
                          f"{data[field.name]!r}")


def load(name, overrides=None):
    """The topology of that name, or the TOML file at that path. OVERRIDES are values of
    options with the names of keys; None counts as not given."""
    path, text, data = _read(name)
    overrides = {key: value for key, value in (overrides or {}).items()
                 if value is not None}
    source = _Source(path, text, overrides)
    _check_keys(source, data)
    topo = Topology(name=path.stem, **{**data, **overrides})
    _check_vfs(source, topo)
    _check_guests(source, topo)
    _check_machine(source, topo)
    _check_root(source, topo)
    return topo


def check_fits(topo):
    """Refuse more memory than the kernel would give to a process here."""
    with open("/proc/meminfo", encoding="ascii") as file:
        here = sum(int(line.split()[1]) for line in file
                   if line.startswith(("MemTotal:", "SwapTotal:"))) // 1024
    if topo.memory > here:
        raise LabError(f"{topo.memory} MiB for the host VM are more than the memory and swap "
                       f"of this machine ({here} MiB): say --memory with less")

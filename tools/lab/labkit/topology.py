# SPDX-License-Identifier: GPL-2.0-only
"""Topologies: TOML files that say what a virtual machine is made of."""

import dataclasses
import tomllib
from pathlib import Path

from .ui import LabError

_DIR = Path(__file__).resolve().parents[1] / "topologies"
_KINDS = {str: "a string", int: "a number", list: "a list"}


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

    def settings(self):
        """For the scripts inside: names and values."""
        return {
            "LAB_TOPOLOGY": self.name,
            "LAB_PF_DRIVER": self.pf_driver,
            "LAB_VF_DRIVER": self.vf_driver,
            "LAB_VFS": str(self.vfs),
            "LAB_GUESTS": " ".join(map(str, self.guests)),
        }


def names():
    """All topologies."""
    return sorted(p.stem for p in _DIR.glob("*.toml"))


def _is_a(want, value):
    # To Python, true is a number
    return isinstance(value, want) and not isinstance(value, bool)


def _check(path, topo):
    guests = topo.guests
    if not 0 <= topo.vfs <= 7:
        raise LabError(f"{path}: vfs is 0 to 7, not {topo.vfs}")
    if any(not _is_a(int, g) or not 0 <= g < topo.vfs for g in guests) or \
            len(set(guests)) != len(guests):
        raise LabError(f"{path}: guests are different numbers of VFs, each below "
                       f"vfs ({topo.vfs}), not {guests}")
    if topo.cpus < 1 or topo.memory < 256:
        raise LabError(f"{path}: cpus is at least 1, and memory 256 (MiB)")


def load(name):
    """The topology of that name, or the TOML file at that path."""
    path = Path(name) if name.endswith(".toml") else _DIR / f"{name}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LabError(f"no topology {name}: there are {', '.join(names())}; "
                       "or give the path of a .toml file") from None
    except tomllib.TOMLDecodeError as err:
        raise LabError(f"{path}: {err}") from None
    except (OSError, UnicodeDecodeError) as err:
        raise LabError(f"{path}: {err}") from None
    known = {f.name for f in dataclasses.fields(Topology)} - {"name"}
    if data.keys() - known:
        raise LabError(f"{path}: unknown: {', '.join(data.keys() - known)}; "
                       f"known: {', '.join(sorted(known))}")
    if "description" not in data:
        raise LabError(f"{path}: `description` is missing")
    for field in dataclasses.fields(Topology):
        want = list if field.type is tuple else field.type
        if not _is_a(want, data.get(field.name, want())):
            raise LabError(f"{path}: {field.name} is {_KINDS[want]}, not "
                           f"{data[field.name]!r}")
    topo = Topology(name=path.stem, **data)
    _check(path, topo)
    return topo

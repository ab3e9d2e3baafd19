# SPDX-License-Identifier: GPL-2.0-only
"""Counting work instead of time: the plugin, and what it has written."""

import bisect
import collections
import dataclasses
import shutil

from . import cache, images, jail, qemu

HERE = images.HERE / "count"
# Versions of QEMU's plugin interface
_OLD, _NEW = 4, 7
# Registers of a device are told by their offset in its BAR
_BAR_SIZES = {"igb-mmio": 0x20000, "igbvf-mmio": 0x4000}


def _build(part):
    for path in HERE.iterdir():
        shutil.copy(path, part)
    flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
    for what in (*(["gcc", *flags, "-shared", "-fPIC", "-fvisibility=hidden",
                    f"-DQEMU_PLUGIN_VERSION={n}", "-pthread", "-o", f"count-{n}.so",
                    "count.c"] for n in (_OLD, _NEW)),
                 ["gcc", *flags, "-static", "-nostdlib", "-o", "count-mark",
                  "mark.c"],
                 ["clang", *flags, "-g", "--target=bpf", "-c",
                  "xdp_drop.bpf.c"]):
        jail.run(images.tools() / "tree", what, cwd="/mnt/count",
                 binds=[(part, "mnt/count")])


def _artefact():
    key = cache.digest(images.tools().name, *sorted(HERE.iterdir()))
    return cache.artefact("count", key, _build)


def plugin():
    """The plugin for our QEMU."""
    return _artefact() / f"count-{_NEW if qemu.version() >= (11,) else _OLD}.so"


def install(files):
    """Put what a VM that is counted needs into a payload directory."""
    shutil.copy(_artefact() / "count-mark", files / "usr/local/bin")
    (files / "usr/local/lib/lab").mkdir(parents=True)
    shutil.copy(_artefact() / "xdp_drop.bpf.o", files / "usr/local/lib/lab")


@dataclasses.dataclass
class Section:
    """What happened between two marks."""

    code: dict = dataclasses.field(default_factory=dict)  # address: [of vCPU]
    regs: collections.Counter = dataclasses.field(
        default_factory=collections.Counter)  # (device, offset, r or w)


def _register(device, address, kind):
    return device, int(address, 16) % _BAR_SIZES.get(device, 1 << 64), kind


def sections(path):
    """What the plugin wrote: a Section for each mark, the first from the start."""
    found = []
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, *words = line.split()
            if kind == "mark":
                found.append(Section())
            elif kind == "t":
                found[-1].code[int(words[0], 16)] = [int(w) for w in words[1:]]
            else:
                found[-1].regs[_register(*words[:3])] += int(words[3])
    return found


class Symbols:
    """/proc/kallsyms of the VM: whose code stands at an address."""

    def __init__(self, path):
        rows = []
        with open(path, encoding="ascii") as file:
            for line in file:
                address, kind, name, *module = line.split()
                if kind in "tTwW":
                    rows.append((int(address, 16), name,
                                 module[0].strip("[]") if module else "kernel"))
        rows.sort()
        self._at = [row[0] for row in rows]
        self._rows = rows

    def find(self, address):
        """(module, function); user space is a module, too."""
        if address < 1 << 47:
            return "user", "user"
        i = bisect.bisect_right(self._at, address) - 1
        return self._rows[i][2:0:-1] if i >= 0 else ("kernel", "?")


def fold(section, symbols):
    """Instructions of a section: {(module, function): [of each vCPU]}."""
    total = {}
    for address, counts in section.code.items():
        key = symbols.find(address)
        total[key] = [a + b for a, b in
                      zip(total.get(key, [0] * len(counts)), counts)]
    return total

# SPDX-License-Identifier: GPL-2.0-only
"""Topologies: what may stand in their files, and what QEMU is told."""

import dataclasses
import threading
import unittest
from pathlib import Path

from support import LabCase

from labkit import cache, qemu, together, topology
from labkit.ui import LabError

_TWO = """description = "two"

[[machine]]
name = "one"
vfs = 2

[[machine.nic]]
device = "igb"

[[machine]]
name = "two"
memory = 4096

[[machine.nic]]
device = "igb"

[[machine.nic]]
device = "virtio-net-pci"
wire = "other"
"""


class Files(LabCase):
    """What is refused, with the line, and what is made of the rest."""

    def _load(self, text, *args):
        path = self.temp / "some.toml"
        path.write_text(text)
        return topology.load(str(path), *args)

    def _says(self, text, line, says, *args):
        with self.assertRaises(LabError) as caught:
            self._load(text, *args)
        where = f"{self.temp / 'some.toml'}:{line}: " if line else ""
        self.assertTrue(str(caught.exception).startswith(where), caught.exception)
        self.assertIn(says, str(caught.exception))

    def test_several_machines(self):
        """What one machine may not have, the second may not have, in its own line."""
        for old, new, line, says in (
                ('name = "two"', 'name = "one"', 11, "a second machine with the name one"),
                ('name = "two"', 'rams = 3', 11, "unknown: rams; known: cmdline, cpus"),
                ('name = "two"\n', '', 10, "a machine needs a name"),
                ('name = "two"', 'name = "guest2"', 11, "guest VMs are called so"),
                ('name = "two"', 'name = "a b"', 11, "not 'a b'"),
                ("memory = 4096", "vfs = 8", 12, "vfs is 0 to 7, not 8"),
                ("memory = 4096", "guests = [0]", 12, "guest0 needs VF 0, but vfs is 0"),
                ("memory = 4096", "memory = 9", 12, "memory is at least 256"),
                ("memory = 4096", 'qemu = "new"', 12, "the least version"),
                ('wire = "other"', 'wires = 1', 19, "unknown: wires; known: device"),
                ('wire = "other"', 'wire = 1', 19, "wire is a string, not 1"),
                ('wire = "other"', 'wire = "_x"', 19, "wire is a name, not '_x'"),
                ('wire = "other"', 'vfs = 8', 19, "vfs of a NIC is 0 to 7"),
                ('wire = "other"', 'role = "pf"', 19, "a second NIC with role pf"),
                ('wire = "other"', 'role = "vf"', 19, "role is one of pf, peer, none"),
                ('description = "two"', 'description = 2', 1, "is a string"),
                ('description = "two"', 'memory = 2', 1, "unknown: memory; known: desc")):
            with self.subTest(says):
                self._says(_TWO.replace(old, new), line, says)

    def test_one_machine(self):
        """The same at the top."""
        one = 'description = "one"\nname = "host"\n'
        self._says(one, 2, "unknown: name")
        nic = 'description = "one"\n\n[[nic]]\ndevice = "igb"\nvfs = 2\n'
        self._says(nic, 5, "QEMU makes VFs for virtio-net-pci")
        self._says('description = "one"\nnic = 3\n', 2, "nic is a list, not 3")
        self._says('description = "one"\nnic = [3]\n', 2, "nic is a table")
        self._says('description = "one"\nvfs = 1\n[[nic]]\ndevice = "e1000e"\n', 2,
                   "host has no NIC with role pf")
        virtio = 'description = "one"\nvfs = 2\npf_driver = "virtio_net"\n[[nic]]\n' \
                 'device = "virtio-net-pci"\nrole = "pf"\nvfs = 1\n'
        self._says(virtio, 2, "vfs is 0 to 1, not 2, as many as its PF has")
        self._says('description = "none"\nmachine = []\n', 2, "has 1 to 8 machines, not 0")

    def test_options(self):
        """They are for the machine that is meant."""
        topo = self._load(_TWO, {"vfs": 3}, "two")
        self.assertEqual([m.vfs for m in topo.machines], [2, 3])
        topo = self._load(_TWO, {"vfs": 3, "cpus": None})
        self.assertEqual([m.vfs for m in topo.machines], [3, 0])
        self._says(_TWO, None, "--in three: topology some has no such machine; it has "
                   "one, two", {}, "three")
        with self.assertRaisesRegex(LabError, "^--vfs: vfs is 0 to 7"):
            self._load(_TWO, {"vfs": 8}, "two")

    def test_all_there(self):
        """Each topology of the lab is one, and each key stands in the documentation."""
        for name in topology.names():
            self.assertGreaterEqual(topology.load(name).memory, 2048)
        text = (cache.TREE / "Documentation/networking/device_drivers/ethernet/kawela/"
                "lab.rst").read_text()
        for cls in topology.Machine, topology.Nic:
            for field in dataclasses.fields(cls):
                if field.name != "index":
                    self.assertIn(f"``{field.name}``", text)

    def _nics(self, machine, wires=()):
        # pylint: disable-next=protected-access
        return qemu._nics(machine, Path("/a"), wires)

    def test_qemu(self):
        """Each NIC behind a port of its own, on the hub of its wire; no address twice."""
        topo = self._load(_TWO)
        ends = together.wires(topo)
        one, two = (self._nics(m, ends[m.name]) for m in topo.machines)
        self.assertEqual([name for name, _ in ends["two"]], ["lan", "_control"])
        for args, hubs in ((one, [1, 2]), (two, [1, 2, 3])):
            ports = [a for a in args if a.startswith("hubport")]
            self.assertEqual(sorted({p.split(",")[1] for p in ports}),
                             [f"hubid={hub}" for hub in hubs])
            self.assertEqual(sum("netdev=away" in p for p in ports), 2)
        addresses = [part for a in one + two for part in a.split(",")
                     if part.startswith("mac=")]
        self.assertEqual(len(addresses), 5)
        self.assertEqual(len(set(addresses)), 5)
        self.assertEqual([a.split("file=")[1].split(",")[0] for a in two
                          if a.startswith("filter-dump")], ["/a/wire.pcap", "/a/other.pcap"])
        for pairs in ends.values():
            for _, end in pairs:
                end.started()

    def test_virtio(self):
        """The VFs that QEMU makes come before their PF, and have its options."""
        machine = topology.load("virtio-sriov").machines[0]
        nics = [a for a in self._nics(machine) if a.startswith("virtio-net-pci")]
        self.assertEqual([("sriov-pf=pf" in a, "id=pf" in a, "ats=on" in a) for a in nics],
                         [(True, False, True)] * 2 + [(False, True, True)])


class _Machine:
    """Like a VM, but it boots in no time."""

    def __init__(self, lead, lost=False):
        self._lead = lead
        self._lost = lost
        self._ended = threading.Event()
        self.status = self.trouble = None
        self.on_ready = lambda: None
        self.told = []

    def run(self):
        """Ready, then until told."""
        if self._lost:
            self.trouble = "lost"
            return
        self.on_ready()
        self._ended.wait(10)
        if self._lead and self.told == ["go"]:
            self.status = 0

    def go(self):
        """As vm.Vm's."""
        self.told.append("go")
        self._ended.set()

    def stop(self):
        """As vm.Vm's."""
        self.told.append("stop")
        self._ended.set()


class Together(unittest.TestCase):
    """Machines that depend on each other."""

    def test_all_well(self):
        """The command begins when all are ready; then the others may go."""
        lead, others = _Machine(True), [_Machine(False), _Machine(False)]
        together.run(lead, others)
        self.assertEqual((lead.status, lead.told), (0, ["go"]))
        self.assertEqual([m.told for m in others], [["go"], ["go"]])

    def test_one_is_lost(self):
        """No command where a machine is missing, and nobody waits for it."""
        lead, others = _Machine(True), [_Machine(False), _Machine(False, lost=True)]
        together.run(lead, others)
        self.assertEqual((lead.status, lead.told), (None, ["stop"]))
        self.assertEqual(others[0].told, ["stop"])

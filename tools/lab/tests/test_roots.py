# SPDX-License-Identifier: GPL-2.0-only
"""Packages, first processes and networks that a host VM may have."""

import os
import subprocess
import unittest
from pathlib import Path
from unittest import mock

from support import LabCase

from labkit import cache, images, jail, layers, roots, topology

_KNOWN = {"network-manager", "network-manager-ssh", "chrony", "keepalived"}


class Names(LabCase):
    """Names of packages, before anything is downloaded."""

    def _check(self, *names):
        with mock.patch.object(layers, "names", return_value=_KNOWN), \
             mock.patch.object(cache, "peek", return_value=None):
            return layers.check(names)

    def test_known(self):
        """Each once, in an order of its own."""
        self.assertEqual(self._check("keepalived", "chrony", "keepalived"),
                         ["chrony", "keepalived"])

    def test_unknown(self):
        """What Debian doesn't have: all of it, with the nearest names."""
        with self.assertRaises(layers.LabError) as caught:
            self._check("network-manger", "chrony", "zzzz")
        self.assertIn("no package network-manger (nearest: network-manager, ",
                      str(caught.exception))
        self.assertIn("zzzz (none is like it)", str(caught.exception))
        self.assertNotIn("chrony", str(caught.exception))

    def test_impossible(self):
        """What can't be a name isn't looked up, nor handed to any program."""
        for name in ("a b", "--variant=x", "Chrony", "x$(id)", "/etc/passwd", 7):
            with self.assertRaisesRegex(layers.LabError, "can't be the name"), \
                 mock.patch.object(layers, "names", side_effect=AssertionError):
                layers.check([name])

    def test_made_before(self):
        """A set that is there needs no index, and so no network."""
        with mock.patch.object(cache, "peek", return_value="there"), \
             mock.patch.object(layers, "names", side_effect=AssertionError):
            self.assertEqual(layers.check(["chrony"]), ["chrony"])

    def test_options(self):
        """Values that are none."""
        for option, value, says in (("--packages", "chrony,,dbus", "an empty name"),
                                    ("--init", "runit", "invalid choice"),
                                    ("--net", "tap", "invalid choice")):
            proc = self.lab("run", "host", option, value, "--", "true")
            self.assertEqual((proc.returncode, proc.stdout), (2, ""))
            self.assertIn(f"argument {option}: ", proc.stderr)
            self.assertIn(says, proc.stderr)

    def test_keys(self):
        """The same in a topology: with its line."""
        path = self.temp / "odd.toml"
        for text, says in (('init = "runit"', "init is lab or systemd, not 'runit'"),
                           ('net = "tap"', "net is none or user, not 'tap'"),
                           ('packages = "chrony"', "packages is a list, not 'chrony'")):
            path.write_text(f'description = "odd"\n{text}\n')
            self.refused("run", str(path), "--", "true", says=[f"{path}:2: ", says])


class Sets(LabCase):
    """What is kept."""

    def test_oldest_go(self):
        """Of more sets than are kept, those go that were used longest ago."""
        with mock.patch.dict("os.environ", KAWELA_CACHE=str(self.temp / "cache")):
            paths = [cache.root() / f"packages-{n:016x}-{n:016x}" for n in range(9)]
            for path in paths:
                path.mkdir()
            for age, path in enumerate(paths):
                os.utime(path, (age, age))
            with cache.lock(paths[0].name, shared=True):
                layers._prune(paths[8])  # pylint: disable=protected-access
            self.assertEqual([path for path in paths if path.exists()],
                             [paths[0], *paths[3:]])


class Roots(unittest.TestCase):
    """What a topology's root has."""

    @staticmethod
    def _machine(**keys):
        return topology.load("bare", keys).machines[0]

    def test_drivers(self):
        """udev loads the topology's drivers only, or ours before the kernel's."""
        conf = roots.modprobe_conf(self._machine(pf_driver="igb", vf_driver="kawelavf"))
        self.assertEqual(conf, "blacklist kawela\nblacklist igbvf\n")
        conf = roots.modprobe_conf(self._machine(pf_driver="kawela"))
        self.assertIn("softdep igb pre: kawela\n", conf)

    def test_none(self):
        """Nothing is added that nobody asked for."""
        machine = self._machine()
        self.assertEqual((roots.disks(machine), roots.cmdline(machine), roots.network(machine)),
                         ([], "", []))


class Layer(LabCase):
    """The hook that makes the disk."""

    def test_hook(self):
        """What was made or changed since the beginning, and the way there; not what
        belongs to apt, or to a boot."""
        root = self.temp / "root"
        for name in ("etc/old/new", "var/cache/apt/x", "usr/sbin", "run"):
            (root / name).mkdir(parents=True)
        (root / "etc/kept").write_text("kept")
        (root / "etc/old").chmod(0o700)
        hook = images.HERE / "image/layer"
        self._run(root, hook)
        for name in ("etc/old/new/file", "usr/sbin/policy-rc.d", "run/pid",
                     "var/cache/apt/x/y", "etc/resolv.conf", "usr/sbin/daemon"):
            (root / name).write_text(name)
        self._run(root, hook)
        made = {str(path.relative_to(root / "lab/tree")): path.stat().st_mode & 0o777
                for path in sorted((root / "lab/tree").rglob("*"))}
        self.assertEqual(list(made), ["etc", "etc/old", "etc/old/new", "etc/old/new/file",
                                      "usr", "usr/sbin", "usr/sbin/daemon"])
        self.assertEqual(made["etc/old"], 0o700)

    def _run(self, root, hook):
        # Its last step is mke2fs of the root
        tools = self.temp / "bin"
        tools.mkdir(exist_ok=True)
        (tools / "chroot").write_text("#!/bin/sh\n")
        (tools / "chroot").chmod(0o755)
        subprocess.run([*jail.unshare(), "env", f"PATH={tools}:/usr/bin:/bin",
                        str(Path(hook)), str(root)], check=True)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-2.0-only
"""Bad input: one clear message with the way out, before anything is built."""

from support import LabCase

from labkit import jail


class Refusals(LabCase):
    """Nothing here gets as far as a virtual machine."""

    def _in_namespace(self, setup, *flags):
        """A prefix that runs a command after SETUP, in namespaces of its own."""
        user = ["--user", "--map-root-user"] if "--user" in jail.unshare() else []
        return ["unshare", *user, *flags, "sh", "-ec",
                f'{setup}\nexec "$@"', "sh"]

    def _script(self, text):
        path = self.temp / "qemu"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def test_unknown_topology(self):
        """A topology that isn't there: those that are."""
        self.refused("run", "ring", "--", "true",
                     says=["no topology ring", "bare, guest, host"])

    def test_bad_topology_file(self):
        """A topology file with a setting that there isn't."""
        path = self.temp / "odd.toml"
        path.write_text('description = "odd"\nrams = 3\n')
        self.refused("run", str(path), "--", "true",
                     says=["unknown: rams", "known: cmdline, cpus"])

    def test_topology_with_eight_vfs(self):
        """The 82576 has eight VFs, but QEMU's and Linux's PF keep one pool."""
        path = self.temp / "many.toml"
        path.write_text('description = "many"\nvfs = 8\n')
        self.refused("run", str(path), "--", "true", says=["vfs is 0 to 7"])

    def test_topology_of_other_kinds(self):
        """A setting of another kind, or VFs that there aren't: which, and why."""
        path = self.temp / "odd.toml"
        for text, says in (('vfs = "two"', "vfs is a number, not 'two'"),
                           ("cpus = true", "cpus is a number, not True"),
                           ("guests = 1", "guests is a list, not 1"),
                           ("vfs = 2\nguests = [-1]", "not [-1]"),
                           ("vfs = 2\nguests = [0, 0]", "not [0, 0]"),
                           ('vfs = 2\nguests = ["0"]', "each below vfs (2)"),
                           ("cpus = 0", "cpus is at least 1")):
            path.write_text(f'description = "odd"\n{text}\n')
            self.refused("run", str(path), "--", "true", says=[says])

    def test_reader_has_enough(self):
        """`lab list | head`: no traceback."""
        for _ in range(5):
            proc = self.lab("list", prefix=["sh", "-c", '"$@" | :', "sh"])
            self.assertEqual(proc.stderr, "")

    def test_unknown_kernel(self):
        """A kernel that is neither a version nor a directory."""
        self.refused("run", "host", "--kernel", "5.10", "--", "true",
                     says=["no kernel 5.10", "6.12, 7.3"])

    def test_directory_without_kernel(self):
        """A directory, but no kernel was built in it."""
        self.refused("run", "host", "--kernel", str(self.temp), "--", "true",
                     says=["holds no built x86 kernel", "build it first"])

    def test_no_command(self):
        """Nothing to run."""
        self.refused("run", "host", says=["no command", "-- COMMAND"])

    def test_missing_share(self):
        """A directory to share that isn't there."""
        self.refused("run", "host", "--share", "/nowhere", "--", "true",
                     says=["--share /nowhere: no such directory"])

    def test_missing_qemu(self):
        """LAB_QEMU names nothing."""
        self.refused("run", "host", "--", "true", LAB_QEMU="/nowhere/qemu",
                     says=["can't run /nowhere/qemu", "No such file"])

    def test_qemu_without_igb(self):
        """LAB_QEMU is older than the emulated 82576."""
        old = self._script('[ "$1" != --version ] || echo QEMU emulator version '
                           '7.2.11; [ "$1" = --version ] || echo \'name "e1000"\'')
        self.refused("run", "host", "--", "true", LAB_QEMU=old,
                     says=["QEMU 7.2.11 has no igb", "unset LAB_QEMU"])

    def test_not_a_qemu(self):
        """LAB_QEMU is something else."""
        self.refused("run", "host", "--", "true", LAB_QEMU=self._script("echo hi"),
                     says=["doesn't say its version", "qemu-system-x86_64"])

    def test_cache_not_writable(self):
        """The cache can't be made."""
        self.refused("run", "host", "--", "true", KAWELA_CACHE="/proc/nowhere",
                     says=["can't create the cache /proc/nowhere",
                           "set KAWELA_CACHE"])

    def test_no_disk(self):
        """A disk that can't hold the images."""
        self.refused("run", "host", "--", "true", KAWELA_CACHE=str(self.temp),
                     prefix=self._in_namespace(
                         f"mount -t tmpfs -o size=64m none {self.temp}", "--mount"),
                     says=["GiB are needed", "set KAWELA_CACHE"])

    def test_no_network(self):
        """No network, and the image isn't there yet."""
        self.refused("run", "host", "--", "true", KAWELA_CACHE=str(self.temp),
                     prefix=self._in_namespace("", "--net"), seconds=120,
                     says=["no packages could be downloaded", "mirrors"])
        self.assertEqual(list(self.temp.glob("lab-*[!.part]")), [])

    def test_shell_without_terminal(self):
        """A prompt, but nobody to type."""
        self.refused("shell", "host", says=["needs a terminal", "lab run"])

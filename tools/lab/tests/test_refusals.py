# SPDX-License-Identifier: GPL-2.0-only
"""Bad input: one clear message with the way out, before anything is built."""

import json
import socket

from support import LAB, LabCase

from labkit import jail, kconfig


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
                     says=[f"{path}:2: unknown: rams", "known: cmdline, cpus"])

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
                           ("guests = [0]", "guest0 needs VF 0, but vfs is 0"),
                           ("guests = [-1]", "from 0, not -1"),
                           ("guests = [0, 0]", "both guest VMs would be guest0"),
                           ('guests = ["0"]', "from 0, not '0'"),
                           ("cpus = 0", "cpus is at least 1"),
                           ("memory = 100", "memory is at least 256"),
                           ('vfs = 1\npf_driver = ""', "PF no driver")):
            path.write_text(f'description = "odd"\n{text}\n')
            self.refused("run", str(path), "--", "true", says=[f"{path}:2: ", says])

    def test_topology_is_no_toml(self):
        """A topology file that can't be read as TOML: where."""
        path = self.temp / "odd.toml"
        path.write_text("cpus = 1\nvfs = two\n")
        self.refused("run", str(path), "--", "true", says=[str(path), "line 2"])

    def test_impossible_options(self):
        """Options that the topology, or this machine, doesn't allow."""
        for name, option, value, says in (
                ("host", "--vfs", "8", "vfs is 0 to 7"),
                ("guest", "--vfs", "0", "guest.toml:3 has guests = [0]; say --vfs 1"),
                ("bare", "--vfs", "1", "machine host gives the PF"),
                ("host", "--cpus", "0", "cpus is at least 1"),
                ("guest", "--memory", "500", "at least 576 (MiB), of which each guest"),
                ("host", "--memory", "99999999", "of this machine")):
            self.refused("run", name, option, value, "--", "true", says=[says])

    def test_options_of_other_kinds(self):
        """Values that are none: refused with the option's name."""
        for option, value, says in (
                ("--vfs", "two", "'two' is no number"), ("--vfs", "-1", "less than 0"),
                ("--timeout", "nan", "no number of seconds"),
                ("--timeout", "0", "no number of seconds"),
                ("--gdb", "70000", "a port is 1 to 65535")):
            proc = self.lab("run", "host", f"{option}={value}", "--", "true")
            self.assertEqual((proc.returncode, proc.stdout), (2, ""))
            self.assertIn(f"argument {option}: ", proc.stderr)
            self.assertIn(says, proc.stderr)

    def test_port_in_use(self):
        """Something else listens where gdb shall connect."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.refused("run", "host", "--gdb", str(port), "--", "true",
                         says=[f"--gdb {port}: Address already in use", "another port"])

    def test_json(self):
        """A refusal is an object, too."""
        proc = self.lab("run", "ring", "--json", "--", "true")
        self.assertEqual(proc.returncode, 2)
        told = json.loads(proc.stdout)
        self.assertEqual((told["status"], told["artefacts"], told["reports"]),
                         (2, None, []))
        self.assertIn("no topology ring", told["error"])
        self.assertIn("no topology ring", proc.stderr)

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

    def _tree(self, lost):
        """A tree as if a kernel had been built in it, without some options."""
        for name, text in (("include/config/kernel.release", "6.12.0\n"),
                           ("arch/x86/boot/bzImage", ""), ("modules.order", ""),
                           (".config", "".join(f"CONFIG_{name}=m\n" for name in
                                               kconfig.names() if name not in lost))):
            path = self.temp / "linux" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.temp / "linux"

    def test_kernel_without_options(self):
        """A kernel that could not boot, load the drivers or run a guest: what it lacks,
        and for what."""
        tree = self._tree(["VIRTIO_BLK", "9P_FS", "NET_DEVLINK", "KVM_AMD", "KVM_INTEL"])
        for topology, guest in (("host", False), ("guest", True)):
            proc = self.lab("run", topology, "--kernel", str(tree), "--", "true")
            self.assertEqual((proc.returncode, proc.stdout), (2, ""))
            self.assertEqual("to run guest VMs: KVM_AMD or KVM_INTEL" in proc.stderr, guest)
            for part in (f"lab: {tree}/.config lacks", "to boot in the lab: VIRTIO_BLK, 9P_FS",
                         "to load these drivers: NET_DEVLINK", "make olddefconfig"):
                self.assertIn(part, proc.stderr)

    def test_kernel_with_options(self):
        """A kernel that has all is not refused, and neither is the lab's own config."""
        kconfig.check(self._tree([]), guests=True)
        text = (LAB.parent / "image/debug.config").read_text()
        lost = [name for name in kconfig.names() if f"CONFIG_{name}=" not in text]
        # What others of its options select
        self.assertEqual(lost, ["PAGE_POOL", "TRACEPOINTS"])

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

    def test_qemu_older_than_needed(self):
        """LAB_QEMU is older than what the topology asks for."""
        old = self._script('[ "$1" != --version ] || echo QEMU emulator version '
                           '10.0.2; [ "$1" = --version ] || echo \'name "igb"\'')
        self.refused("run", "x86-amdvi", "--", "true", LAB_QEMU=old,
                     says=["QEMU 10.0.2 is older than 11.1, which the topology",
                           "unset LAB_QEMU"])

    def test_device_that_qemu_lacks(self):
        """A NIC, or an IOMMU, that QEMU doesn't know: in which line."""
        some = self._script('[ "$1" != --version ] || echo QEMU emulator version 10.0.2; '
                            '[ "$1" = --version ] || printf \'name "%s"\n\' '
                            'igb e1000e intel-iommu')
        path = self.temp / "odd.toml"
        for text, line, name in (('iommu = "smmu,x=on"\n', 2, "smmu"),
                                 ('[[nic]]\n[[nic]]\ndevice = "ne2k"\n', 4, "ne2k")):
            path.write_text(f'description = "odd"\n{text}')
            self.refused("run", str(path), "--", "true", LAB_QEMU=some,
                         says=[f"{path}:{line}: QEMU 10.0.2 has no device {name}"])

    def test_machine_that_is_not_there(self):
        """--in names none."""
        self.refused("run", "hosts", "--in", "host2", "--", "true",
                     says=["--in host2", "has no such machine; it has host0, host1"])
        self.refused("run", "hosts", "--in", "host1", "--vfs", "8", "--", "true",
                     says=["--vfs: vfs is 0 to 7"])

    def test_not_a_qemu(self):
        """LAB_QEMU is something else."""
        self.refused("run", "host", "--", "true", LAB_QEMU=self._script("echo hi"),
                     says=["doesn't say its version", "qemu-system-x86_64"])

    def test_cache_not_writable(self):
        """The cache can't be made."""
        self.refused("run", "host", "--", "true", KAWELA_CACHE="/proc/nowhere",
                     says=["can't create the cache /proc/nowhere",
                           "set KAWELA_CACHE"])

    def test_bad_accelerator(self):
        """LAB_ACCEL names none, or one that isn't here."""
        self.refused("run", "host", "--", "true", LAB_ACCEL="hvf",
                     says=["LAB_ACCEL is kvm or tcg, not hvf", "without it"])
        self.refused("run", "host", "--", "true", LAB_ACCEL="kvm",
                     prefix=self._in_namespace("mount -t tmpfs none /dev", "--mount"),
                     says=["can't use /dev/kvm", "without LAB_ACCEL"])

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
                     says=["Debian trixie (", "no packages could be downloaded", "mirrors"])
        self.assertEqual(list(self.temp.glob("lab-*[!.part]")), [])

    def test_shell_without_terminal(self):
        """A prompt, but nobody to type."""
        self.refused("shell", "host", says=["needs a terminal", "lab run"])

# SPDX-License-Identifier: GPL-2.0-only
"""What a run gives back, and how it ends when things go wrong."""

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from support import LAB, LabCase

from labkit import cache

# Long enough beside other virtual machines
_BOOT = 1200

# What the host does when a command has ended, but for stopping guests
_GUEST = """
ssh guest0 'ethtool -i $(ls /sys/bus/pci/drivers/kawelavf/*/net) | head -1
            ping -q -c 3 192.0.2.2'
. /usr/local/lib/lab/common.sh
vf1=$(netdev_of "$(pci_of 8086:10ca | tail -n 1)")
ip netns add other
ip link set "$vf1" netns other
ip -n other addr add 192.0.2.11/24 dev "$vf1"
ip -n other link set "$vf1" up
wait_for 10 ip netns exec other ping -q -c 1 -W 1 192.0.2.10 > /dev/null
ip netns exec other ping -q -c 3 192.0.2.10
ssh guest0 'ping -f 192.0.2.11' > /dev/null 2>&1 &
ip netns exec other ping -f 192.0.2.2 > /dev/null 2>&1 &
[[ "$(guest list)" == guest0 ]]
LAB_ARTEFACTS=/run/artefacts LAB_STATUS=$(port status)
tell '{"event":"exit","status":0}'
finish
"""


def _qemus(artefacts):
    """Process ids of QEMUs that write to a run's directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(artefacts) in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _wait(seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


class Runs(LabCase):
    """Each boots a host VM."""

    def test_command(self):
        """Output, status, /share and the environment arrive as they are."""
        (self.temp / "question").write_text("six times nine\n")
        script = ('cat /share/question; echo "$NETIF $REMOTE_TYPE $REMOTE_ARGS '
                  '$LOCAL_V4 $REMOTE_V4 $LOCAL_V6 $REMOTE_V6"; '
                  'echo err >&2; id -u > /share/answer; lsmod | grep -c ^kawela; '
                  'exit 42')
        proc = self.lab("run", "host", "--share", str(self.temp), "--",
                        "sh", "-c", script, seconds=_BOOT)
        self.assertEqual(proc.returncode, 42, proc.stderr)
        question, env, modules = proc.stdout.splitlines()
        self.assertEqual(question, "six times nine")
        self.assertRegex(env, r"^\w+ netns peer 192\.0\.2\.1 192\.0\.2\.2 "
                              r"2001:db8::1 2001:db8::2$")
        self.assertGreaterEqual(int(modules), 1)
        self.assertEqual(proc.stderr, "err\n")
        self.assertEqual((self.temp / "answer").read_text(), "0\n")

    def _fails(self, *args, says):
        proc = self.lab("run", *args, seconds=2 * _BOOT)
        self.assertEqual(proc.returncode, 125, proc.stderr)
        for part in (*says, "last lines of the console", "artefacts: "):
            self.assertIn(part, proc.stderr)
        place = Path(proc.stderr.split("artefacts: ")[1].split("\n")[0])
        for name in ("console.log", "status.jsonl", "qemu.cmd", "wire.pcap"):
            self.assertTrue((place / name).exists(), name)
        self.assertFalse(_qemus(str(place)))

    def test_panic(self):
        """A kernel that panics is a failure, and its last words are shown."""
        self._fails("bare", "--", "sh", "-c", "echo c > /proc/sysrq-trigger",
                    says=["the host VM was lost",
                          "the kernel said first:", "sysrq triggered crash"])

    def test_hang(self):
        """A command that doesn't end is a failure; the kernel says where."""
        self._fails("bare", "--timeout", "2", "--", "sleep", "1000",
                    says=["the command doesn't end within 2 s", "sysrq"])

    def test_killed(self):
        """A killed lab leaves no virtual machine and nothing to trip over. What counts
        instructions has written what it counted until then."""
        with subprocess.Popen([sys.executable, str(LAB), "run", "bare", "--count", "--",
                               "sh", "-c", "count-mark; echo up; sleep 1000"],
                              stdout=subprocess.PIPE,
                              env={**os.environ, "LAB_QUIET": "1"}) as proc:
            try:
                self.assertEqual(proc.stdout.readline(), b"up\n")
                (place,) = (cache.root() / "runs").glob(f"*-{proc.pid}")
                self.assertTrue(_qemus(str(place)))
                self.assertIn("mark 0", (place / "count.txt").read_text().splitlines())
            finally:
                proc.send_signal(signal.SIGKILL)
        self.assertTrue(_wait(10, lambda: not _qemus(str(place))))

    def test_wishes(self):
        """Another machine stays after its command, with a terminal and QEMU's gdbstub,
        until Ctrl-C; then it goes in order, and JSON says how it went."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with subprocess.Popen(
                # What a shell starts in the background ignores Ctrl-C
                ["env", "--default-signal=INT", sys.executable, str(LAB), "run", "host",
                 "--keep", "--json", "--quiet", "--vfs", "3", "--cpus", "1",
                 "--memory", "2222", "--gdb", str(port),
                 "--qemu-arg", "-name", "--qemu-arg", "another", "--",
                 "sh", "-c", "ls -d /sys/class/net/*/device/virtfn* | wc -l; nproc; exit 3"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as proc:
            try:
                said = [proc.stderr.readline() for _ in range(4)]
                name = said[3].split()[-1]
                command = (cache.root() / "runs" / name / "qemu.cmd").read_text()
                memory = self._type(name, "grep MemTotal /proc/meminfo", rb"MemTotal: +(\d+) kB")
                with socket.create_connection(("127.0.0.1", port), 20) as gdb:
                    gdb.sendall(b"$qSupported#37")
                    answer = b""
                    while b"#" not in answer and (more := gdb.recv(4096)):
                        answer += more
                    gdb.sendall(b"+$D#44")
            finally:
                proc.send_signal(signal.SIGINT)
            out, err = proc.communicate(timeout=2 * _BOOT)
        self.assertIn(f"target remote :{port}", said[0])
        self.assertEqual(said[1:3], ["3\n", "1\n"])
        self.assertIn("stays until Ctrl-C", said[3])
        self.assertTrue(command.endswith(" -name another\n"), command)
        self.assertTrue(1900 < int(memory) / 1024 < 2222, memory)
        self.assertIn(b"PacketSize", answer)
        self.assertEqual((proc.returncode, err), (3, ""))
        told = json.loads(out)
        self.assertEqual((told["status"], told["reports"], told["error"]), (3, [], None))
        self.assertEqual(Path(told["artefacts"]).name, name)
        events = (Path(told["artefacts"]) / "status.jsonl").read_text()
        self.assertIn('"event": "done"', events)

    def _type(self, name, command, pattern):
        """Type into `lab attach` on a terminal. Return: what the pattern finds."""
        ours, theirs = pty.openpty()
        seen = b""
        with subprocess.Popen([sys.executable, str(LAB), "attach", name], stdin=theirs,
                              stdout=theirs, stderr=subprocess.DEVNULL) as proc:
            end = time.monotonic() + 60
            asked = False
            while not re.search(pattern, seen) and time.monotonic() < end:
                if b"#" in seen and not asked:
                    asked = True
                    os.write(ours, command.encode() + b"\r")
                if select.select([ours], [], [], 1)[0]:
                    seen += os.read(ours, 4096)
            os.write(ours, b"\x1d")
            self.assertEqual(proc.wait(20), 0)
        os.close(ours)
        os.close(theirs)
        self.assertRegex(seen, pattern)
        return re.search(pattern, seen)[1]

    def test_guest(self):
        """The guest topology: commands reach a VF in a nested guest VM. Then the
        power goes off under it, and under the other VF, both at work."""
        proc = self.lab("run", "guest", "--", "bash", "-ec", _GUEST,
                        seconds=2 * _BOOT)
        self.assertEqual(proc.returncode, 0, proc.stderr)
        self.assertIn("driver: kawelavf", proc.stdout)
        self.assertEqual(proc.stdout.count(" 0% packet loss"), 2)

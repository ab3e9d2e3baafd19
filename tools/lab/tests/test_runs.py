# SPDX-License-Identifier: GPL-2.0-only
"""What a run gives back, and how it ends when things go wrong."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support import LAB, LabCase

from labkit import cache

_BOOT = 120

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
        """A killed lab leaves no virtual machine and nothing to trip over."""
        with subprocess.Popen([sys.executable, str(LAB), "run", "bare", "--",
                               "sh", "-c", "echo up; sleep 1000"],
                              stdout=subprocess.PIPE,
                              env={**os.environ, "LAB_QUIET": "1"}) as proc:
            try:
                self.assertEqual(proc.stdout.readline(), b"up\n")
                (place,) = (cache.root() / "runs").glob(f"*-{proc.pid}")
                self.assertTrue(_qemus(str(place)))
            finally:
                proc.send_signal(signal.SIGKILL)
        self.assertTrue(_wait(10, lambda: not _qemus(str(place))))

    def test_guest(self):
        """The guest topology: commands reach a VF in a nested guest VM. Then the
        power goes off under it, and under the other VF, both at work."""
        proc = self.lab("run", "guest", "--", "bash", "-ec", _GUEST,
                        seconds=2 * _BOOT)
        self.assertEqual(proc.returncode, 0, proc.stderr)
        self.assertIn("driver: kawelavf", proc.stdout)
        self.assertEqual(proc.stdout.count(" 0% packet loss"), 2)

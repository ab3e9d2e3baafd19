# SPDX-License-Identifier: GPL-2.0-only
"""What include/kawela/compat.sh says of headers."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from labkit import cache


class Headers(unittest.TestCase):
    """Headers that are made up; real ones are built against in `make lint`."""

    def setUp(self):
        self.include = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, text):
        """A header."""
        path = self.include / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def ask(self, status=0):
        """Return: what it says, and what it complains of."""
        proc = subprocess.run(["sh", cache.TREE / "include/kawela/compat.sh",
                               self.include], check=False, capture_output=True,
                              text=True)
        self.assertEqual(proc.returncode, status, proc.stderr)
        return proc.stdout.split(), proc.stderr

    def test_each_is_answered(self):
        """What isn't there is 0, also where a whole header isn't."""
        self.write("linux/netdevice.h", "struct net_device {\n};\n")
        answers, _ = self.ask()
        self.assertGreater(len(answers), 10)
        self.assertEqual([a for a in answers if not a.endswith("=0")], [])

    def test_found(self):
        """Line breaks don't matter, and what only looks alike doesn't count."""
        self.write("linux/netdevice.h", "void netif_set_affinity_auto_not(int x);\n")
        self.write("net/netdev_queues.h",
                   "int\t(*ndo_queue_mem_alloc)(struct net_device *dev,\n"
                   "\t\t\t\tstruct netdev_queue_config *qcfg,\n")
        answers, _ = self.ask()
        self.assertIn("-DKWL_HAVE_QUEUE_CONFIG=1", answers)
        self.assertIn("-DKWL_HAVE_AFFINITY_AUTO=0", answers)

    def test_no_headers(self):
        """A directory without headers is refused, and answers nothing."""
        answers, complaint = self.ask(status=1)
        self.assertEqual(answers, [])
        self.assertIn("there are no kernel headers", complaint)


if __name__ == "__main__":
    unittest.main()

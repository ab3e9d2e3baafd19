# SPDX-License-Identifier: GPL-2.0-only
"""Which sessions `make check` runs, and on which kernel."""

import unittest

from labkit import suites
from labkit.ui import LabError
from support import LabCase

_SESSIONS = [{"name": "host", "kind": "boot"},
             {"name": "debug", "kind": "boot", "kernel": "debug-6.12"},
             {"name": "soak", "kind": "boot", "on_request": True}]
_BOOT = """
[[session]]
name = "host"
kind = "boot"
topology = "host"
timeout = 60
tests = ["drivers/net/kawela:pf.py"]
"""


class Choice(unittest.TestCase):
    """The pure part."""

    def test_default(self):
        """All but those on request."""
        self.assertEqual([s["name"] for s in suites.choose(_SESSIONS, None)],
                         ["host", "debug"])

    def test_named(self):
        """Those that are named, in the file's order."""
        chosen = suites.choose(_SESSIONS, ["soak", "host"])
        self.assertEqual([s["name"] for s in chosen], ["host", "soak"])

    def test_unknown(self):
        """A name that there isn't is an error that names those that there are."""
        with self.assertRaisesRegex(LabError, "no session nosuch: there are host, "
                                              "debug, soak"):
            suites.choose(_SESSIONS, ["host", "nosuch"])

    def test_kernel(self):
        """--kernel is for sessions without one; a debug kernel is for all."""
        host, debug, _ = _SESSIONS
        self.assertEqual(suites.kernel(host, "7.3"), "7.3")
        self.assertEqual(suites.kernel(debug, "7.3"), "debug-6.12")
        self.assertEqual(suites.kernel(host, "debug-7.3"), "debug-7.3")
        self.assertEqual(suites.kernel(debug, "debug-7.3"), "debug-7.3")


class File(LabCase):
    """What stands in the file."""

    def _load(self, text):
        path = self.temp / "suites.toml"
        path.write_text(text)
        return suites.load(path)

    def test_ours(self):
        """The real one."""
        self.assertTrue(suites.load())

    def test_refused(self):
        """What is wrong is said, with the session's name."""
        self.assertEqual(len(self._load(_BOOT)), 1)
        for text, says in [
                (_BOOT + _BOOT, "session host: the name is there twice"),
                (_BOOT + "kernal = '7.3'\n", "session host: unknown: kernal"),
                (_BOOT.replace('"boot"', '"boat"'), "kind is one of boot"),
                (_BOOT.replace('topology = "host"', 'topology = "ring"'),
                 "no topology ring"),
                (_BOOT.replace("timeout = 60", ""), "without timeout"),
                (_BOOT.replace('["drivers/net/kawela:pf.py"]', "[]"), "no tests"),
                ("[[session]\n", "suites.toml: ")]:
            with self.assertRaisesRegex(LabError, says):
                self._load(text)

    def test_check_refuses(self):
        """The command says it in one line, before it builds anything."""
        self.refused("--session", "nosuch", tool="check",
                     says=["no session nosuch", "host, "])
        self.refused("--kernel", "5.10", tool="check", says=["no kernel 5.10"])

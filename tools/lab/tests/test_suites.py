# SPDX-License-Identifier: GPL-2.0-only
"""Which sessions `make check` runs, on which kernel, and what it leaves to other runs."""

import os
import sys
import types
import unittest
from unittest import mock

from labkit import cache, draw, suites
from labkit.ui import LabError
from support import LabCase

_SESSIONS = [{"name": "host", "kind": "boot"},
             {"name": "debug", "kind": "boot", "kernel": "debug-6.12"},
             {"name": "soak", "kind": "boot", "on_request": True}]
_EITHER = [{"name": name, "one_of": "upstream"} for name in ("pf", "vf")]
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
        self.assertEqual([s["name"] for s in suites.choose(_SESSIONS, None, draw.Draw())],
                         ["host", "debug"])

    def test_named(self):
        """Those that are named, in the file's order."""
        chosen = suites.choose(_SESSIONS, ["soak", "host"], draw.Draw())
        self.assertEqual([s["name"] for s in chosen], ["host", "soak"])

    def test_unknown(self):
        """A name that there isn't is an error that names those that there are."""
        with self.assertRaisesRegex(LabError, "no session nosuch: there are host, "
                                              "debug, soak"):
            suites.choose(_SESSIONS, ["host", "nosuch"], draw.Draw())

    def test_kernel(self):
        """--kernel is for sessions without one; a debug kernel is for all."""
        host, debug, _ = _SESSIONS
        self.assertEqual(suites.kernel(host, "7.3"), "7.3")
        self.assertEqual(suites.kernel(debug, "7.3"), "debug-6.12")
        self.assertEqual(suites.kernel(host, "debug-7.3"), "debug-7.3")
        self.assertEqual(suites.kernel(debug, "debug-7.3"), "debug-7.3")


class Drawn(LabCase):
    """What one run leaves out another has, and it can be had again."""

    def _draw(self, number, everything=False, **environment):
        ours = {"KAWELA_DRAW": number, "KAWELA_VARIANTS": "1", **environment}
        with mock.patch.dict(os.environ, ours):
            return draw.Draw(everything)

    def test_one_of(self):
        """One of those that stand for one another; in twenty runs each."""
        chosen = [suites.choose(_SESSIONS + _EITHER, None, self._draw(str(n)))
                  for n in range(20)]
        for sessions in chosen:
            self.assertEqual([s["name"] for s in sessions[:2]], ["host", "debug"])
            self.assertEqual(len(sessions), 3)
        self.assertEqual({sessions[2]["name"] for sessions in chosen}, {"pf", "vf"})
        self.assertEqual(chosen[7], suites.choose(_SESSIONS + _EITHER, None, self._draw("7")))

    def test_all(self):
        """KAWELA_VARIANTS=0, or who names what he wants, gets all."""
        for one in self._draw("1", KAWELA_VARIANTS="0"), self._draw("1", everything=True):
            self.assertEqual(len(suites.choose(_SESSIONS + _EITHER, None, one)), 4)
            self.assertEqual(one.settings({})["KAWELA_VARIANTS"], "0")
            self.assertEqual(one.said(_EITHER), "")

    def test_said(self):
        """The report says how to repeat it, if there was a choice."""
        one = self._draw("42")
        self.assertEqual(one.settings({}), {"KAWELA_DRAW": "42"})
        self.assertEqual(one.said(_EITHER), "", "nothing was left out")
        one.one_of_each(_EITHER)
        self.assertIn("KAWELA_DRAW=42 repeats", one.said([]))
        self.assertIn("KAWELA_DRAW=42 repeats",
                      self._draw("42").said([{"settings": {"KAWELA_VARIANTS": "1"}}]))
        self.assertEqual(self._draw("42").said(_SESSIONS), "")

    def test_cases(self):
        """A session that names its cases has their variants all."""
        one = self._draw("1")
        self.assertEqual(one.settings({"cases": {"a.py": ["b.vf"]}})["KAWELA_VARIANTS"], "0")

    def _variants(self, number, most):
        """What the tests' own library makes of it. Return: its function."""
        library = types.ModuleType("net.lib.py")
        library.ksft_variants = None
        source = cache.TREE / "selftests/drivers/net/kawela/lib/py/draw.py"
        names = {"__name__": "draw"}
        with mock.patch.dict(sys.modules, {"net": library, "net.lib": library,
                                           "net.lib.py": library}), \
             mock.patch.dict(os.environ, {"KAWELA_DRAW": number, "KAWELA_VARIANTS": most}):
            exec(source.read_text(), names)  # pylint: disable=exec-used # no package here
        return names["drawn"]

    def test_variants(self):
        """So many of each case, in their order; each has its turn."""
        some = list(range(7))
        self.assertEqual(self._variants("1", "0")(some, "a"), some)
        self.assertEqual(self._variants("1", "7")(some, "a"), some)
        seen = [self._variants(str(n), "2")(some, "a") for n in range(40)]
        self.assertTrue(all(len(v) == 2 and v == sorted(v) for v in seen))
        self.assertEqual({v for pair in seen for v in pair}, set(some))
        self.assertEqual(self._variants("9", "2")(some, "a"), seen[9])


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

# SPDX-License-Identifier: GPL-2.0-only
"""How `make check` counts: nothing that ran less than was asked for is green."""

import argparse
import concurrent.futures
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import unittest
from unittest import mock
from xml.etree import ElementTree

from support import LAB, LabCase

from labkit import draw, ending, holders, ktap, results, runs, sessions, suites, summary, ui
from labkit.commands import check as commands

_SESSION = {"name": "host", "kind": "boot", "topology": "host", "timeout": 9,
            "tests": ["drivers/net/kawela:a.py", "drivers/net/kawela:b.py"]}
_SESSIONS = (_SESSION, {**_SESSION, "name": "other", "kernel": "debug-6.12"})
_A = """# selftests: drivers/net/kawela: a.py
# TAP version 13
# 1..2
# ok 1 a.one
# ok 2 a.two
ok 1 selftests: drivers/net/kawela: a.py
"""
_B = """# selftests: drivers/net/kawela: b.py
# TAP version 13
# 1..1
# ok 1 b.one
ok 2 selftests: drivers/net/kawela: b.py
"""
_EMPTY = """# selftests: drivers/net/kawela: b.py
# TAP version 13
# 1..0
ok 2 selftests: drivers/net/kawela: b.py
"""
_LEAK = "host: kmemleak: kmemleak: 1 new suspected memory leaks"


def _ended(out, *parts, tests=tuple(_SESSION["tests"]), **options):
    """What counts when a session's VM printed these parts."""
    with contextlib.redirect_stdout(io.StringIO()):
        for part in parts:
            if part.startswith("report "):
                out.report(part.removeprefix("report "))
            else:
                out.write(part.encode())
        out.complete(tests, **options)
    return [(c.title, c.result) for c in out.cases]


class Counting(unittest.TestCase):
    """From what a VM printed to results."""

    def setUp(self):
        self.out = results.Results(io.BytesIO(), "host")

    def test_all(self):
        """All that was asked for ran."""
        self.assertEqual(_ended(self.out, _A, _B), [
            ("a.py a.one", "pass"), ("a.py a.two", "pass"), ("b.py b.one", "pass")])
        self.assertEqual({c.session for c in self.out.cases}, {"host"})

    def test_nothing(self):
        """A session that reports nothing: each of its programs has failed."""
        self.assertEqual(_ended(self.out), [("a.py", "fail"), ("b.py", "fail")])

    def test_fewer_programs(self):
        """A program that the runner left out has failed."""
        self.assertEqual(_ended(self.out, _A)[2:], [("b.py", "fail")])

    def test_fewer_cases(self):
        """A program that ends before its plan does has failed."""
        self.assertEqual(_ended(self.out, _A.replace("# ok 2 a.two\n", ""), _B),
                         [("a.py a.one", "pass"), ("a.py", "fail"),
                          ("b.py b.one", "pass")])

    def test_no_case(self):
        """A program of ours without a case has failed, unless only some cases
        were asked for; one of the kernel's may count as one."""
        self.assertEqual(_ended(self.out, _A, _EMPTY)[2:], [("b.py", "fail")])
        self.setUp()
        self.assertEqual(_ended(self.out, _A, _EMPTY, may_be_empty=True)[2:], [])
        self.setUp()
        self.assertEqual(_ended(self.out, _EMPTY.replace("/kawela", ""),
                                tests=["drivers/net:b.py"]), [("b.py", "pass")])

    def test_report(self):
        """A report of the kernel fails the case during which it came, even if that
        passes or skips."""
        self.assertEqual(_ended(
            self.out, _A[:_A.index("# ok 2")], f"report {_LEAK}",
            _A[_A.index("# ok 2"):], _B),
            [("a.py a.one", "pass"), ("a.py a.two", "fail"), ("b.py b.one", "pass")])
        self.assertEqual(self.out.cases[1].why, f"the kernel reported: {_LEAK}")


class Sessions(unittest.TestCase):
    """Runs of sessions, with something else in place of virtual machines."""

    def setUp(self):
        self.outs = {}

    def _run(self, boots, jobs=1, some=_SESSIONS, **options):
        """BOOTS(output, **options) stands for runs.run()."""
        args = argparse.Namespace(**{"test": None, "case": None, "jobs": jobs,
                                     "kernel": "6.12", "draw": draw.Draw(), **options})

        def open_results(session):
            return self.outs.setdefault(session["name"], results.Results(
                io.BytesIO(), session["name"]))
        with mock.patch.object(runs, "run", boots), \
             mock.patch.object(sessions.selftests, "image"), \
             contextlib.redirect_stdout(io.StringIO()):
            sessions.run(some, args, open_results)
        return {name: [(c.title, c.result) for c in out.cases]
                for name, out in self.outs.items()}

    def test_side_by_side(self):
        """Results of two at a time don't mix; each has its kernel."""
        kernels = []

        def boot(*_args, output, kernel, **_kwargs):
            kernels.append(kernel)
            for line in (_A + _B).splitlines(keepends=True):
                output.write(line.encode())
        found = self._run(boot, jobs=2)
        self.assertEqual(found["host"], found["other"])
        self.assertEqual(len(found["host"]), 3)
        self.assertEqual(sorted(kernels), ["6.12", "debug-6.12"])

    def test_vm_dies(self):
        """The VM dies between two cases: another boot runs the second and the rest."""
        booted = []

        def boot(_topology, command, *, output, settings, **_kwargs):
            booted.append((command[1:], settings.get("KSELFTEST_A_PY_ARGS")))
            if len(booted) == 1:
                output.write(_A[:_A.index("# ok 2")].encode())
                raise ui.LabError("the host VM was lost")
            output.write((_A.replace("# ok 1 a.one\n", "").replace("1..2", "1..1")
                          + _B).encode())
        found = self._run(boot, some=[_SESSION])
        self.assertEqual(booted, [(_SESSION["tests"], None),
                                  (_SESSION["tests"], "-T one")])
        self.assertEqual(found["host"], [
            ("a.py a.one", "pass"), ("host virtual machine", "fail"),
            ("a.py a.two", "pass"), ("b.py b.one", "pass")])

    def test_runner_fails(self):
        """The VM is fine, but its runner did nothing."""
        found = self._run(lambda *args, **kwargs: None)
        self.assertEqual(found["host"], [("a.py", "fail"), ("b.py", "fail")])

    def test_report_after_all(self):
        """A report after the last case fails the session."""
        def boot(*_args, output, **_kwargs):
            output.write((_A + _B).encode())
            raise ui.LabError("the kernel reported what no run may leave")
        found = self._run(boot)
        self.assertEqual(found["host"][3:], [("host virtual machine", "fail")])

    def test_interrupted(self):
        """Ctrl-C: what runs is ended, nothing else begins, results are kept."""
        # Also where whoever runs this test ignores it
        self.addCleanup(signal.signal, signal.SIGINT, signal.signal(
            signal.SIGINT, signal.default_int_handler))
        # pylint: disable-next=protected-access
        self.addCleanup(ending._interrupted.clear)

        def boot(*_args, output, **_kwargs):
            output.write(_A.encode())
            os.kill(os.getpid(), signal.SIGINT)
            self.assertTrue(ending.interrupted(20))
            raise ui.LabError("interrupted")
        with self.assertRaises(KeyboardInterrupt):
            self._run(boot)
        self.assertEqual(len(self.outs["host"].cases), 2)
        self.assertEqual(self.outs["other"].cases, [])

    def test_commands_end(self):
        """A command that a session waits for ends, and none begins after that."""
        # pylint: disable-next=protected-access
        self.addCleanup(ending._interrupted.clear)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waits = pool.submit(ending.run, ["sleep", "60"])
            ending.interrupt()
            with self.assertRaisesRegex(ui.LabError, "interrupted"):
                waits.result(50)
        with self.assertRaisesRegex(ui.LabError, "interrupted"):
            ending.run(["sleep", "60"])

    def test_turn_after_interruption(self):
        """A session whose turn comes before it is cancelled doesn't begin."""
        # pylint: disable-next=protected-access
        self.addCleanup(ending._interrupted.clear)
        ending.interrupt()
        boot = mock.Mock()
        self._run(boot)
        boot.assert_not_called()


class Command(LabCase):
    """tools/lab/check as people call it."""

    def test_no_such_test(self):
        """A pattern that matches nothing is refused."""
        for args, tool in ((["-t", "nosuch.py"], "check"),
                           (["check", "-t", "nosuch.py"], "lab")):
            self.refused(*args, tool=tool, says=["no test nosuch.py"])

    def test_no_such_case(self):
        """A case that no program has is refused before anything boots."""
        for args in (["-c", "nosuch_*"], ["-t", "sriov.py", "-c", "c29_flr"]):
            self.refused(*args, tool="check", says=[f"no case {args[-1]}"])

    def test_holders_of_cases(self):
        """Patterns choose programs by the functions in them."""
        tests = [f"drivers/net/kawela:{name}.py" for name in ("sriov", "guest")] + \
            ["drivers/net:ping.py"]
        for pattern, named, found in (("lives_on", False, tests[1:2]),
                                      ("numvfs.1", False, tests[:1]),
                                      ("numvfs.1", True, [tests[0], tests[2]]),
                                      ("*", False, tests[:2])):
            self.assertEqual(holders.of(tests, [pattern], named), found, pattern)

    def test_no_such_file(self):
        """A file that can't be written in the end is refused in the beginning."""
        for name in ("/nowhere/x.xml", str(self.temp)):
            proc = self.lab("check", "--junit", name)
            self.assertEqual((proc.returncode, proc.stdout), (2, ""))
            self.assertRegex(proc.stderr, "argument --junit: .*(no|a) directory")

    def test_reports_so_far(self):
        """Interrupted in its tests: the report so far, no traceback, status 130,
        and nothing is left running."""
        with subprocess.Popen(
                [sys.executable, str(LAB.parent / "check"), "--session", "lint"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env={**os.environ, "LAB_QUIET": "1"}) as proc:
            first = proc.stdout.readline()
            proc.send_signal(signal.SIGINT)
            out, err = proc.communicate(timeout=60)
        self.assertRegex(first, r"^lint: (not )?ok ")
        self.assertEqual(proc.returncode, 130, err)
        self.assertNotIn("Traceback", err)
        self.assertRegex(out, r"\n\d+ passed, \d+ failed\n$")
        self.assertEqual([line for line in subprocess.run(
            ["ps", "-eo", "ppid,args"], capture_output=True, text=True,
            check=True).stdout.splitlines()
            if "labkit.beside" in line and line.split()[0] == str(proc.pid)], [])

    def test_summaries(self):
        """JSON and JUnit say what every case came to."""
        cases = [ktap.Case("a.py", "a.one", "pass", "", 1.5, "host"),
                 ktap.Case("a.py", "a.two", "fail", "1 != 2\nmore \x1b", 1, "host"),
                 ktap.Case("b.py", "", "xfail", "not emulated", 2, "debug")]
        summary.write_json(self.temp / "j", "6.12", 3.14, cases)
        data = json.loads((self.temp / "j").read_text())
        self.assertEqual([c["result"] for c in data["cases"]],
                         ["pass", "fail", "xfail"])
        summary.write_junit(self.temp / "x", 3.14, cases)
        top = ElementTree.parse(self.temp / "x").getroot()
        self.assertEqual([(s.get("name"), s.get("tests"), s.get("failures"),
                           s.get("skipped")) for s in top],
                         [("host", "2", "1", "0"), ("debug", "1", "0", "1")])
        self.assertEqual(top.find(".//failure").get("message"), "1 != 2")
        self.assertEqual(top.find(".//skipped").get("message"),
                         "xfail: not emulated")

    def test_status(self):
        """Failed, when a case failed, no case passed, or a row isn't shown."""
        for cases, columns, status in (
                ([("pass", "c01_x")], {}, 0), ([], {}, 1),
                ([("skip", "c01_x")], {}, 1),
                ([("pass", "a"), ("fail", "b")], {}, 1),
                ([("pass", "c01_x")], {"kawela": []}, 1)):
            check = commands.Check.__new__(commands.Check)
            out = results.Results(io.BytesIO(), "host")
            out.cases = [ktap.Case("a.py", name, result) for result, name in cases]
            check.args = argparse.Namespace(test=None, case=None, session=None,
                                            json=None, junit=None, draw=draw.Draw())
            check.sessions = []
            check.begin, check.log, check.results = 0, "", {"host": out}
            check.columns = columns
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(check.report(), status, cases)


class Ours(unittest.TestCase):
    """The real list of sessions."""

    def test_programs(self):
        """Each program of ours is in a session."""
        listed = {t.rpartition(":")[2] for s in suites.load()
                  for t in s.get("tests", ()) if t.startswith(results.OWN)}
        here = LAB.parents[2] / "selftests/drivers/net/kawela"
        self.assertEqual({p.name for p in here.glob("*.py")} - listed, set())

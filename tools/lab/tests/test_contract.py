# SPDX-License-Identifier: GPL-2.0-only
"""From what tests print to the contract's rows, and what a dead VM costs."""

import contextlib
import io
import json
from unittest import mock

from support import LabCase

from labkit import contract, sessions, vm
from labkit.ktap import Case
from labkit.results import Results

_BEGIN = """# selftests: drivers/net/kawela: contract_vf.py
# TAP version 13
# 1..3
# # begin c15_mac_live
# ok 1 contract_vf.c15_mac_live
# # begin c27_stats
# # Check failed 1 != 2 octets
# not ok 2 contract_vf.c27_stats # XFAIL not what failed
# # begin c30_pf_changes
"""


class Contract(LabCase):
    """Nothing is booted."""

    def test_rows(self):
        """44 rows, each with a behaviour, in order."""
        rows = contract.rows()
        self.assertEqual(list(rows), [f"C{i:02}" for i in range(1, 45)])
        self.assertTrue(all(rows.values()))

    def test_table(self):
        """Each kind of result shows in its row, in both files."""
        ours = [Case("a", "a.c01_sysfs", "pass"),
                Case("a", "a.c21_spoofchk", "pass"),
                Case("b", "b.c21_spoofchk_effect", "xfail", "not emulated"),
                Case("b", "b.c30_pf_changes.mtu", "fail", "1 != 2"),
                Case("b", "b.c30_pf_changes.flr", "pass"),
                Case("b", "b.something_else", "fail")]
        text = contract.report({"kawela": ours, "igb": []}, self.temp / "c")
        self.assertRegex(text, r"(?m)^C01 +ok +no case +sriov_totalvfs")
        self.assertRegex(text, r"(?m)^C21 +ok\+xfail +no case +anti")
        self.assertIn("kawela: xfail c21_spoofchk_effect: not emulated", text)
        self.assertRegex(text, r"(?m)^C30 +FAIL 1/2 ")
        self.assertIn("kawela: fail c30_pf_changes.mtu: 1 != 2", text)
        self.assertIn("kawela: 2 rows ok, 1 failed, 41 without a case that", text)
        self.assertEqual((self.temp / "c.txt").read_text(), text)
        rows = json.loads((self.temp / "c.json").read_text())
        self.assertEqual(len(rows), 44)
        self.assertEqual(rows[29]["results"]["kawela"]["result"], "FAIL 1/2")
        text = contract.report({"kawela": ours})
        self.assertNotIn("\nC02", text)
        self.assertIn("\nC30", text)

    def test_unproven(self):
        """A row is shown by a case that passes, not by one that doesn't look."""
        cases = [Case("a", f"a.c{n:02}_x", "pass") for n in range(1, 45)]
        self.assertEqual(contract.unproven(cases), [])
        for result in ("skip", "xfail"):
            cases[22] = Case("a", "a.c23_x", result)
            self.assertEqual(contract.unproven(cases), ["C23"])
            self.assertIn("kawela: 43 rows ok, 0 failed, 1 without",
                          contract.report({"kawela": cases}))
        self.assertEqual(contract.unproven([*cases, Case("b", "b.c23_y", "pass")]),
                         [])
        del cases[22]
        self.assertEqual(contract.unproven(cases), ["C23"])

    def test_nothing_ran(self):
        """No case of any row: no report, and the last one stays."""
        self.assertEqual(contract.report({"kawela": []}, self.temp / "c"), "")
        self.assertFalse((self.temp / "c.txt").exists())

    def test_dead_vm(self):
        """The VM dies in a case: it alone is lost, the rest has another turn."""
        tests = [f"drivers/net/kawela:{name}" for name in
                 ("sriov.py", "contract_vf.py", "contract_netdev.py")]
        with contextlib.redirect_stdout(io.StringIO()):
            results = Results(io.BytesIO())
            results.write(b"# selftests: drivers/net/kawela: sriov.py\n"
                          b"ok 1 selftests: drivers/net/kawela: sriov.py\n")
            results.write(_BEGIN.encode())
            left, skip = results.died(tests, "host", "the host VM was lost")
        self.assertEqual(left, tests[1:])
        self.assertEqual(skip, {"contract_vf.py": [
            "c15_mac_live", "c27_stats", "c30_pf_changes*"]})
        self.assertEqual([(c.program, c.result, c.why) for c in results.cases], [
            ("sriov.py", "pass", ""), ("contract_vf.py", "pass", ""),
            ("contract_vf.py", "fail", "1 != 2 octets"),
            ("contract_vf.py", "fail", "the host VM was lost")])

    def test_dead_twice(self):
        """What ended a VM stays out of all later boots, with its variants."""
        tests = ["drivers/net/kawela:contract_vf.py"]
        with contextlib.redirect_stdout(io.StringIO()):
            results = Results(io.BytesIO())
            results.write(_BEGIN.encode())
            results.died(tests, "host", "no")
            results.write(b"# # begin c31_pf_down\n")
            _, skip = results.died(tests, "host", "no")
        self.assertLess({"c30_pf_changes*", "c31_pf_down*"},
                        set(skip["contract_vf.py"]))

    def test_dead_vm_between_cases(self):
        """No case says that it begins: what hadn't ended has another turn, but one."""
        tests = [f"drivers/net/kawela:{name}" for name in
                 ("contract_vf.py", "contract_netdev.py")]
        begin = _BEGIN.replace("# # begin", "# #")
        program = begin.splitlines(keepends=True)[0]
        with contextlib.redirect_stdout(io.StringIO()):
            for said, done in ((program, []),
                               (begin, ["c15_mac_live", "c27_stats"])):
                results = Results(io.BytesIO())
                results.write(said.encode())
                skip = {"contract_vf.py": done}
                self.assertEqual(results.died(tests, "host", "no"), (tests, skip))
                results.write(program.encode())
                self.assertEqual(results.died(tests, "host", "no"),
                                 (tests[1:], skip))
                results.write(program.replace("_vf", "_netdev").encode())
                self.assertEqual(results.died(tests[1:], "host", "no")[0], tests[1:])
                self.assertEqual([c.title for c in results.cases[len(done):]],
                                 3 * ["host virtual machine"])

    def test_dead_vm_behind_cases(self):
        """All cases of a program have ended: it isn't booted for once more."""
        tests = [f"drivers/net/kawela:contract_{name}.py" for name in ("vf", "netdev")]
        with contextlib.redirect_stdout(io.StringIO()):
            results = Results(io.BytesIO())
            results.write(_BEGIN.replace("1..3", "1..2").replace(
                "# # begin c30_pf_changes\n", "").encode())
            self.assertEqual(results.died(tests, "host", "no")[0], tests[1:])
            results.complete(tests[:1])
        self.assertEqual([c.title for c in results.cases][2:], ["host virtual machine"])

    def _boots(self, booted):
        """How often a VM that always dies is started for one test."""
        boot = mock.Mock(side_effect=vm.RunError("no", "where", [], booted))
        args = mock.Mock(case=None)
        with contextlib.redirect_stdout(io.StringIO()), \
             contextlib.redirect_stderr(io.StringIO()), \
             mock.patch("labkit.sessions._boot", boot):
            results = Results(io.BytesIO())
            sessions.boots({"name": "host"}, ["a:b.py"], args, results)
        self.assertEqual([c.result for c in results.cases], ["fail", "fail"])
        return boot.call_count

    def test_boots_again(self):
        """Once more without a first process, when no test can have caused it."""
        self.assertEqual(self._boots(False), 2)
        self.assertEqual(self._boots(True), 1)

    def test_no_boot(self):
        """The VM doesn't boot: that is the one result."""
        with contextlib.redirect_stdout(io.StringIO()):
            results = Results(io.BytesIO())
            self.assertEqual(results.died(["a:b.py"], "host", "no"), ([], {}))
        self.assertEqual(results.cases[0].result, "fail")

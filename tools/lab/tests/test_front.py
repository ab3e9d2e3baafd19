# SPDX-License-Identifier: GPL-2.0-only
"""The front door: the same commands everywhere, and what is made from its options."""

import contextlib
import errno
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import unittest
from unittest import mock

from support import LabCase

from labkit import cache, completion, front, images, jail, manual, options, statuses

_DOC = cache.TREE / "Documentation/networking/device_drivers/ethernet/kawela"
_WORKFLOW = cache.TREE / "tools/lab/ci/workflow.yml"
_COMPLETE = """
source "$SCRIPT"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_kawela_lab
printf '%s\\n' "${COMPREPLY[@]}"
"""


def _options():
    """(command, action) of each option that there is."""
    for name, (_, own) in options.commands(front.parser()).items():
        for action in options.of(own):
            if action.option_strings:
                yield name, action


class Programs(LabCase):
    """Programs beside the front door."""

    def test_same_options(self):
        """`lab check` and tools/lab/check take the same."""
        for name in ("check", "demo", "figures", "lint"):
            texts = []
            for tool, args in (("lab", [name]), (name, [])):
                proc = self.lab(*args, "--help", tool=tool)
                self.assertEqual(proc.returncode, 0, proc.stderr)
                texts.append(proc.stdout.partition("\noptions:\n")[2])
            self.assertIn("--quiet", texts[0])
            self.assertEqual(texts[0], texts[1])

    def test_same_results(self):
        """They do the same, and end with the same status."""
        for args, status, text in ((["size"], 0, "ok     lint: size"),
                                   (["nosuch"], 2, "no check nosuch")):
            for proc in (self.lab("lint", *args), self.lab(*args, tool="lint")):
                self.assertEqual(proc.returncode, status)
                self.assertIn(text, proc.stdout + proc.stderr)

    def test_command_of_others(self):
        """Only `run` takes a command."""
        proc = self.lab("list", "--", "true")
        self.assertEqual(proc.returncode, 2)
        self.assertIn("only `lab run` takes a command", proc.stderr)

    def test_quiet(self):
        """--quiet is what LAB_QUIET=1 is."""
        with mock.patch.dict(os.environ, {"LAB_QUIET": "0"}), \
             mock.patch.object(sys, "argv", ["lint", "size", "--quiet"]), \
             mock.patch.object(front.signal, "signal"), \
             mock.patch.object(sys, "stdout"):
            front.main("lint")
            self.assertEqual(os.environ["LAB_QUIET"], "1")

    def test_full_disk(self):
        """No space left while a command works: what and where, and no traceback."""
        full = OSError(errno.ENOSPC, "No space left on device")
        err = io.StringIO()
        with mock.patch.object(front.cache, "clean", mock.Mock(side_effect=full)), \
             mock.patch.object(sys, "argv", ["lab", "clean"]), \
             mock.patch.object(front.signal, "signal"), \
             contextlib.redirect_stderr(err):
            self.assertEqual(front.main(), statuses.REFUSED)
        self.assertRegex(err.getvalue(), r"^lab: a disk is full; the lab uses .*KAWELA_CACHE")

    def test_value_like_an_option(self):
        """--qemu-arg takes what begins with a dash."""
        # pylint: disable-next=protected-access
        self.assertEqual(front._joined(["a", "--qemu-arg", "-S", "--qemu-arg=b", "-c"]),
                         ["a", "--qemu-arg=-S", "--qemu-arg=b", "-c"])


class Completion(LabCase):
    """In bash."""

    def setUp(self):
        super().setUp()
        self.script = completion.script(front.parser())
        (self.temp / "script").write_text(self.script)

    def _completed(self, *words):
        return subprocess.run(
            ["bash", "-c", _COMPLETE, "bash", "lab", *words], check=True, text=True,
            capture_output=True, cwd=self.temp,
            env={**os.environ, "SCRIPT": str(self.temp / "script")}).stdout.split()

    def test_commands(self):
        """The first word is a command."""
        self.assertEqual(self._completed("ch"), ["check"])
        self.assertEqual(set(self._completed("")), {*front.COMMANDS, "--help"})

    def test_each_option(self):
        """Every option of every command is offered."""
        for name, action in _options():
            for option in action.option_strings:
                self.assertIn(option, self._completed(name, option))

    def test_values(self):
        """Values are what the option takes."""
        (self.temp / "dir").mkdir()
        (self.temp / "data.xml").touch()
        for words, found in ((["run", "ho"], ["host", "hosts"]),
                             (["run", "--kernel", "7"], ["7.3"]),
                             (["run", "--kernel", "=", "debug-7"], ["debug-7.3"]),
                             (["run", "--kernel", "="], None),
                             (["run", "--share", "d"], ["dir"]),
                             (["check", "--junit", "d"], ["data.xml", "dir"]),
                             (["check", "-t", "sriov"], ["sriov.py"]),
                             (["check", "--session", "ra"], ["races"]),
                             (["run", "--vfs", "-"], []),
                             (["run", "host", "--gdb", "--k"], ["--kernel", "--keep"])):
            if found is None:
                self.assertIn("6.12", self._completed(*words))
            else:
                self.assertEqual(sorted(self._completed(*words)), sorted(found), words)


class Manual(unittest.TestCase):
    """The manual page."""

    def setUp(self):
        self.page = manual.page(front.parser())

    def test_each_option(self):
        """Every option of every command is there, with its help."""
        for name, (what, own) in options.commands(front.parser()).items():
            part = self.page.partition(f"\n.SS {name}\n")[2].split("\n.S")[0]
            self.assertTrue(part, name)
            self.assertIn(what[1:].split("'")[0].replace("-", "\\-"), part)
            for action in options.of(own):
                for option in action.option_strings:
                    if option not in ("-h", "--help"):
                        self.assertIn("\\fB" + option.replace("-", "\\-") + "\\fR", part)
                        self.assertTrue(action.help, f"{name} {option}")

    def test_statuses(self):
        """Every exit status."""
        for status, text in statuses.MEANING.items():
            self.assertIn(f"\n.TP\n\\fB{status}\\fR\n{text[:12]}", self.page)

    @unittest.skipUnless(shutil.which("groff"), "groff isn't installed here")
    def test_groff(self):
        """groff has nothing to say against it."""
        proc = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=self.page,
                              text=True, capture_output=True, check=True)
        self.assertEqual(proc.stderr, "")
        self.assertIn("EXIT STATUS", re.sub(r".\x08|\x1b\[[0-9;]*m", "", proc.stdout))


class Documentation(unittest.TestCase):
    """The page about the lab."""

    def setUp(self):
        self.text = (_DOC / "lab.rst").read_text()

    def test_options(self):
        """Every option of run and shell has an example, the others are mentioned."""
        examples = "\n".join(line for line in self.text.splitlines()
                             if line.startswith("   lab "))
        for name, action in _options():
            option = action.option_strings[-1]
            if name in ("run", "shell"):
                self.assertTrue(option == "--help" or option in examples, option)

    def test_commands(self):
        """Every command is there."""
        for name in front.COMMANDS:
            self.assertRegex(self.text, rf"``lab {name}\b")

    def test_statuses(self):
        """Every exit status is in the table."""
        for status in statuses.MEANING:
            self.assertRegex(self.text, rf"(?m)^{status} +\w")

    def test_examples(self):
        """Every example is one that the lab understands."""
        for line in self.text.splitlines():
            if not line.startswith("   lab "):
                continue
            with self.subTest(line=line):
                words = shlex.split(line.partition(" -- ")[0])[1:]
                # pylint: disable-next=protected-access
                front._parse(front.parser(), words)


class Workflow(unittest.TestCase):
    """The example for a hosted CI."""

    def setUp(self):
        proc = jail.run(images.tools() / "tree", [
            "python3", "-c", "import json, sys, yaml; "
            "json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)", "/mnt/ci/" +
            _WORKFLOW.name], binds=[(_WORKFLOW.parent, "/mnt/ci")])
        self.data = json.loads(proc.stdout)

    def _commands(self):
        for job in self.data["jobs"].values():
            for step in job["steps"]:
                for line in step.get("run", "").splitlines():
                    yield line.split()

    def test_form(self):
        """Each step does one thing, and has a name."""
        # YAML takes the word `on` for a truth value
        self.assertTrue({"name", "true", "jobs"} <= self.data.keys())
        for job in self.data["jobs"].values():
            self.assertIn("runs-on", job)
            for step in job["steps"]:
                self.assertEqual(("run" in step) + ("uses" in step), 1, step)
                self.assertIn("name", step)

    def test_commands(self):
        """Targets of make and commands of the lab are there, and take these options."""
        makefile = (cache.TREE / "Makefile").read_text()
        known = 0
        for words in self._commands():
            if words[0] == "make":
                target, *rest = words[1:]
                self.assertRegex(makefile, rf"(?m)^{target}:")
                known += 1
                for word in rest:
                    self.assertRegex(word, r"^(KERNEL|CHECK_ARGS|DEMO_ARGS)=")
            elif words[0] == "tools/lab/lab":
                # pylint: disable-next=protected-access
                front._parse(front.parser(), words[1:])
                known += 1
        self.assertGreaterEqual(known, 3)


if __name__ == "__main__":
    unittest.main()

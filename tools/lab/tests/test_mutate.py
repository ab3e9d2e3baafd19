# SPDX-License-Identifier: GPL-2.0-only
"""Faults that `lab mutants` makes: where, and which are chosen."""

import tempfile
import tomllib
import unittest
from fnmatch import fnmatch
from pathlib import Path

from labkit import cache, mutants, mutate

_SOURCE = """/* a == b */
static const int two = 2;
static int f(int a, int b)
{
\tif (a == b && a)
\t\treturn -EINVAL;
\t/* c == d */
\tpr_info("e == f\\n");
\tmutex_unlock(&lock);
\ta = b;
}
"""


class Mutate(unittest.TestCase):
    """Where a fault may be, and that a choice can be repeated."""

    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.tree = Path(temp.name)
        (self.tree / "f.c").write_text(_SOURCE)

    def test_sites(self):
        """In functions, not in comments, texts and what is left out."""
        found = {(m.number, m.after.strip()) for m in mutate.sites(self.tree, "f.c")}
        self.assertEqual(found, {
            (5, "if (a != b && a)"), (5, "if (a == b || a)"),
            (5, "if (!(a == b && a))"), (6, "return 0;"), (10, ";")})

    def test_write(self):
        """One line changes; a line that isn't the expected one is refused."""
        mutant = next(m for m in mutate.sites(self.tree, "f.c") if m.number == 10)
        mutant.write(self.tree)
        text = (self.tree / "f.c").read_text()
        self.assertEqual(text, _SOURCE.replace("\ta = b;", "\t;"))
        self.assertRaises(ValueError, mutant.write, self.tree)

    def test_choice(self):
        """The same seed, the same faults; each file with code has one."""
        names = mutate.files(cache.TREE)
        chosen = mutate.choose(cache.TREE, names, 180, 7)
        self.assertEqual(chosen, mutate.choose(cache.TREE, names, 180, 7))
        self.assertNotEqual(chosen, mutate.choose(cache.TREE, names, 180, 8))
        self.assertEqual({m.file for m in chosen},
                         {n for n in names if mutate.sites(cache.TREE, n)})
        one = chosen[0].file
        self.assertEqual([m for m in chosen if m.file == one],
                         mutate.choose(cache.TREE, [one], 1000, 7)[:sum(
                             m.file == one for m in chosen)])

    def test_list(self):
        """There are cases for each file, of programs that exist."""
        listed = tomllib.loads(mutants.LIST.read_text())["vm"]
        for name in map(mutate.short, mutate.files(cache.TREE)):
            self.assertTrue(any(fnmatch(name, p) for e in listed for p in e["files"]),
                            name)
        for program in {p for entry in listed for p in entry["cases"]}:
            text = (cache.TREE / "selftests/drivers/net/kawela" / program).read_text()
            cases = {c for e in listed for c in e["cases"].get(program, ())}
            for case in cases:
                name = case.split(".")[0].rstrip("*")
                self.assertIn(f"def {name}", text, case)


if __name__ == "__main__":
    unittest.main()

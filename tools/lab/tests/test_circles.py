# SPDX-License-Identifier: GPL-2.0-only
"""tools/check/circles.py and picture.py, on small trees."""

import subprocess
import sys
import unittest

from support import TreeCase

_DRIVERS = "drivers/net/ethernet/kawela"
_PICTURE = "Documentation/networking/device_drivers/ethernet/kawela/files.svg"
_A = "int kwl_a(void)\n{\n\treturn kwl_b();\n}\n"
_B = "int kwl_b(void)\n{\n\treturn %s;\n}\n"


class Circles(TreeCase):
    """Each case is a tree of two files or three."""

    def write(self, name, text):
        """A file of the tree; a plain name is the library's."""
        path = self.tree / (name if "/" in name else f"{_DRIVERS}/libkawela/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def said(self, check="circles"):
        """What a check says; nothing when it is content."""
        proc = subprocess.run([sys.executable, f"tools/check/{check}.py"],
                              cwd=self.tree, text=True, check=False,
                              capture_output=True)
        self.assertEqual(bool(proc.returncode), bool(proc.stdout))
        return proc.stdout

    def test_one_way(self):
        """Who is used need not know it."""
        self.write("a.c", _A)
        self.write("b.c", _B % 0)
        self.assertEqual(self.said(), "")

    def test_circle(self):
        """Two files that use each other are refused, by name and place."""
        self.write("a.c", _A)
        self.write("b.c", _B % "kwl_a()")
        said = self.said()
        self.assertIn("a circle: libkawela/a.c, libkawela/b.c", said)
        self.assertIn("libkawela/a.c uses libkawela/b.c: kwl_b (a.c:3)", said)

    def test_by_table(self):
        """A function in a table of operations is used."""
        self.write("a.c", _A)
        self.write("b.c", "#include <x.h>\n\nstatic const struct ops kwl_ops = {\n"
                   "\t.open = kwl_a,\n};\n" + _B % "kwl_ops.open()")
        self.assertIn("uses libkawela/a.c: kwl_a (b.c:4)", self.said())

    def test_by_inline(self):
        """So is what a header's inline function calls, and a macro of it."""
        self.write("a.c", _A)
        self.write("b.h", "int kwl_a(void);\n\nstatic inline int kwl_i(void)\n{\n"
                   "\treturn kwl_a();\n}\n\n#define KWL_I(x)\t\\\n\t((x) + kwl_i())\n")
        self.write("b.c", _B % "KWL_I(1)")
        self.assertIn("kwl_a (b.c:3 by KWL_I by kwl_i)", self.said())

    def test_by_object(self):
        """So is an object."""
        self.write("a.c", "const u32 kwl_table[4];\n" + _A)
        self.write("b.c", _B % "kwl_table[0]")
        self.assertIn("uses libkawela/a.c: kwl_table", self.said())

    def test_not_used(self):
        """Comments, strings, declarations and statics are not uses."""
        self.write("a.c", _A + "static int kwl_s(void)\n{\n\treturn 0;\n}\n")
        self.write("b.c", "/* kwl_a() */\nint kwl_a(void);\n"
                   "static int kwl_s(void)\n{\n\treturn 0;\n}\n"
                   + _B % 'kwl_s() + say("kwl_a")')
        self.assertEqual(self.said(), "")

    def test_picture(self):
        """A picture of other code is refused."""
        self.write("a.c", _A)
        self.write("b.c", _B % 0)
        for module in ("kawela", "kawelavf"):
            self.write(f"{_DRIVERS}/{module}/pci.c", "")
        mark = subprocess.run(
            [sys.executable, "-c", "import picture; print(picture.mark())"],
            cwd=self.tree / "tools/check", text=True, check=True,
            capture_output=True).stdout
        self.write(_PICTURE, mark)
        self.assertEqual(self.said("picture"), "")
        self.write("a.c", _A.replace("kwl_b()", "0"))
        self.assertIn("doesn't show the code as it is", self.said("picture"))


if __name__ == "__main__":
    unittest.main()

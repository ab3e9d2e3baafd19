# SPDX-License-Identifier: GPL-2.0-only
"""tools/check/descriptors.py, on a file or two."""

import subprocess
import sys
import unittest

from support import TreeCase

_LIBRARY = "drivers/net/ethernet/kawela/libkawela"
_ONCE = "\treturn READ_ONCE(eop->wb.status) & 1;\n"


class Descriptors(TreeCase):
    """Each case is a tree of few lines."""

    def setUp(self):
        super().setUp()
        (self.tree / _LIBRARY).mkdir(parents=True)

    def said(self, name, text):
        """Lines that the check says of a file with this text."""
        (self.tree / _LIBRARY / name).write_text(text)
        proc = subprocess.run([sys.executable, "tools/check/descriptors.py"], text=True,
                              cwd=self.tree, check=False, capture_output=True)
        self.assertEqual(bool(proc.returncode), bool(proc.stdout))
        return proc.stdout.splitlines()

    def test_accessors(self):
        """Once and with READ_ONCE(), in two files, is as it should be."""
        self.assertEqual(self.said("tx.h", _ONCE), [])
        self.assertEqual(self.said("rx.h", _ONCE.replace("status", "rss")), [])

    def test_copies(self):
        """The copy that a frame has, parameters of that name, comments and writes."""
        for line in ("u32 rss = frame->wb.rss + rx->frame.wb.rss;", "len = wb->len;",
                     "frame->wb = *wb;", "/* desc->wb.status */ i = 1;",
                     "/*\n * *desc, desc->wb.status\n */", "desc->read.addr = 0;",
                     "union kwl_rx_desc *desc = &rx->desc[i];", "f(a, union x *desc);"):
            self.assertEqual(self.said("rx.c", line + "\n"), [], line)

    def test_elsewhere(self):
        """Nowhere else, also with READ_ONCE(); the line is the right one."""
        for line in (_ONCE, "status = rx->desc[i].wb.status_error;", "x = desc -> wb;",
                     "memcpy(&w, &desc->wb, 8);"):
            said = self.said("rx.c", "/*\n * Two lines.\n */\n" + line)
            self.assertEqual(len(said), 1, line)
            self.assertIn("rx.c:4: ", said[0])

    def test_plain_read(self):
        """Accessors need READ_ONCE(), around the one field."""
        for line in ("return eop->wb.status;", "return READ_ONCE(i) + eop->wb.status;",
                     "wb = eop->wb;"):
            self.assertEqual(len(self.said("tx.h", line)), 1, line)

    def test_twice(self):
        """A field that is read in two places may have two values."""
        said = self.said("tx.h", 2 * _ONCE)
        self.assertEqual(len(said), 1)
        self.assertIn("tx.h:2: ", said[0])

    def test_whole(self):
        """Copies of a whole descriptor."""
        for line in ("union kwl_rx_desc copy = *desc;", "f(*desc, 1);", "f(1, *eop);",
                     "copy = rx->desc[rx->next];"):
            self.assertEqual(len(self.said("xsk.c", line)), 1, line)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-2.0

"""
Of the variants of a case, only some: KAWELA_VARIANTS says how many (0: all), and
KAWELA_DRAW, any number, which ones. What one run leaves out another has.
"""

import os
import random
import sys
from pathlib import Path

from net.lib.py import ksft_variants as all_variants

_MOST = int(os.environ.get("KAWELA_VARIANTS", "0"))
_DRAW = os.environ.get("KAWELA_DRAW", "0")


def drawn(variants, name):
    """So many of them as there may be, in their order; NAME has a draw of its own."""
    if not _MOST or _MOST >= len(variants):
        return variants
    chance = random.Random(f"{_DRAW} {name}")
    return [variants[i] for i in sorted(chance.sample(range(len(variants)), _MOST))]


def ksft_variants(params):
    """As the kernel's, which takes all of them."""
    def decorate(func):
        name = f"{Path(sys.argv[0]).stem}.{func.__name__}"
        return all_variants(drawn(list(params), name))(func)
    return decorate

# SPDX-License-Identifier: GPL-2.0-only
"""Small faults in the drivers, and which of them tests see."""

import random
from collections import Counter
from fnmatch import fnmatch

from .. import arguments, cache, kernels, mutants, mutate, statuses
from ..ui import LabError

_COLUMNS = (mutants.UNIT, mutants.VM, mutants.SURVIVES, mutants.UNTRIED, mutants.SAME,
            mutants.REFUSED)
_SEEN = (mutants.UNIT, mutants.VM)


def options(parser):
    """Add the options of `lab mutants`."""
    arguments.kernel(parser, kernels.DEBIAN, kernels.DEFAULT)
    parser.add_argument("--seed", type=arguments.whole, metavar="N",
                        help="choose the faults that an earlier run chose, and go on "
                        "where it ended")
    parser.add_argument("--count", type=arguments.count, default=180, metavar="N",
                        help="about so many faults, at least one for each file "
                        "(default: %(default)s)")
    parser.add_argument("--file", action="append", metavar="PATTERN",
                        help="only in such files, e.g. 'kawela/mbx*.c'")
    parser.add_argument("--stage", action="append", choices=["units", "vm"],
                        help="only this: unit tests (minutes), or a VM (hours)")
    parser.add_argument("--limit", type=arguments.count, metavar="N",
                        help="try no more than N in a VM this time")
    arguments.quiet(parser)


def _files(patterns):
    """Those that match, of all that have code."""
    names = [name for name in mutate.files(cache.TREE)
             if not patterns or any(fnmatch(mutate.short(name), p) for p in patterns)]
    if not names:
        raise LabError(f"no file {', '.join(patterns)}; name it as kawela/mbx.c")
    return names


def _table(chosen, state):
    """A row for each file."""
    width = max(len(mutate.short(m.file)) for m in chosen)
    rows = {}
    for mutant in chosen:
        rows.setdefault(mutate.short(mutant.file), Counter())[state.get(mutant)[0]] += 1
    rows["all"] = sum(rows.values(), Counter())
    lines = [f"{'':{width}} " + " | ".join(_COLUMNS)]
    for name, count in rows.items():
        lines.append(f"{name:{width}} " + " | ".join(
            f"{count[word] or '':>{len(word)}}" for word in _COLUMNS))
    return "\n".join(lines)


def _survivors(chosen, state):
    """Those that nothing saw. Return: lines, and how many have no reason."""
    why, lines, open_ones = mutants.reasons(), [], 0
    for mutant in chosen:
        if state.get(mutant)[0] != mutants.SURVIVES:
            continue
        reason = why.get(mutant.key)
        open_ones += not reason
        lines += [f"{mutant.file}:{mutant.number}:", f"  - {mutant.before.strip()}",
                  f"  + {mutant.after.strip()}", f"    {reason or 'no reason is known'}"]
    return lines, open_ones


def main(args):
    """Choose, try, and say what became of them."""
    seed = random.randrange(1 << 31) if args.seed is None else args.seed
    chosen = mutate.choose(cache.TREE, _files(args.file), args.count, seed)
    print(f"seed {seed}; --seed {seed} continues with the same faults", flush=True)
    state = mutants.run(chosen, seed, args.stage or ["units", "vm"], args.kernel,
                        args.limit)
    lines, open_ones = _survivors(chosen, state)
    print(f"\n{_table(chosen, state)}\n")
    print("\n".join(["survivors:", *lines] if lines else ["no survivors"]))
    count = Counter(state.get(m)[0] for m in chosen)
    print(f"{sum(count[w] for w in _SEEN)} of "
          f"{sum(count[w] for w in (*_SEEN, mutants.SURVIVES))} seen, "
          f"{open_ones} survivors without a reason; {count[mutants.UNTRIED]} not tried, "
          f"{count[mutants.SAME]} the same code, {count[mutants.REFUSED]} don't compile")
    return statuses.FAILED if open_ones else statuses.OK

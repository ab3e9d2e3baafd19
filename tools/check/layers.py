#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
The arrows between the modules: kawela -> libkawela <- kawelavf. PF and VF know
each other by <kawela/mbx_abi.h> alone, and only one header asks what a kernel
has: the kernel's headers, not its version. Some things are done in one place.
"""

import re

import tree

_INCLUDES = "include/kawela/"
_COMPAT = "include/kawela/compat.h"
_ASKED = "include/kawela/compat.sh"
_MAX_EXPORTS = 40

# Where a token must not appear: (files, token, why)
_RULES = [
    (f"{tree.DRIVERS}/libkawela/", r"\bkawela(vf)?_[a-z]",
     "the library knows neither PF nor VF"),
    (f"{tree.DRIVERS}/libkawela/", r"\bis_virtfn\b",
     "the library doesn't ask who it is; put the difference into kwl_role"),
    (_INCLUDES, r"\bkawela(vf)?_[a-z]\w*\s*\(",
     "shared headers know neither PF nor VF"),
    (f"{tree.DRIVERS}/kawela/", r"\bkawelavf_\w", "the PF knows VFs by the wire"),
    (f"{tree.DRIVERS}/kawelavf/", r"\bkawela_\w", "a VF knows the PF by the wire"),
    (f"{tree.DRIVERS}/kawelavf/", r"\bpci_iov_get_pf_drvdata\b|\bphysfn\b",
     "a VF may be in a guest, where there is no PF"),
    ("", r"\bLINUX_VERSION_CODE\b|\bKERNEL_VERSION\b|\b(KWL_)?HAVE_[A-Z]",
     f"only {_COMPAT} asks what a kernel has"),
]
# What only some files do: (token, files, why)
_ALONE = [
    (r"\bnetif_carrier_(on|off)\b", {f"{tree.DRIVERS}/libkawela/state.c"},
     "a port that has failed has no carrier: call kwl_port_set_link()"),
    (r"\bKWL_ICR\b", {f"{tree.DRIVERS}/kawela/{name}.c"
                       for name in ("irq", "reset", "service")} |
     {f"{_INCLUDES}regs.h"},
     "reading it clears causes that others wait for: call kawela_service_kick()"),
]
_CONDITION = re.compile(r"^\s*#\s*(if|ifdef|elif)\b")


def _tokens(name):
    for where, pattern, why in _RULES:
        if not name.startswith(where) or name == _COMPAT:
            continue
        for number, line in tree.code(name):
            if re.search(pattern, line) and not line.startswith("#include"):
                yield f"{name}:{number}: {line.strip()}: {why}"


def _alone(name):
    for pattern, files, why in _ALONE:
        if name in files:
            continue
        for number, line in tree.code(name):
            if re.search(pattern, line):
                yield f"{name}:{number}: {line.strip()}: {why}"


def _includes(name):
    own = name.rsplit("/", 1)[0]
    for number, line in tree.lines(name):
        match = re.match(r'#include "(.*)"', line)
        if match and ("/" in match[1] or
                      not (tree.TREE / own / match[1]).exists()):
            yield (f"{name}:{number}: {line}: shared headers are <kawela/...>, "
                   "others are next to the file")
        if "mbx_abi" in line and name.startswith(tree.DRIVERS) and \
                "libkawela" in name:
            yield f"{name}:{number}: the transport knows no opcodes"


def _conditions(name):
    if not name.endswith(".c"):
        return
    for number, line in tree.lines(name):
        if _CONDITION.match(line):
            yield (f"{name}:{number}: {line.strip()}: conditions belong into "
                   f"{_COMPAT}")


def _exports():
    count = sum(line.startswith("KWL_EXPORT(")
                for name in tree.files(".c") if name.startswith(tree.DRIVERS)
                for _, line in tree.lines(name))
    if count > _MAX_EXPORTS:
        yield f"{count} exported symbols; {_MAX_EXPORTS} are the limit"


def _versions():
    """A version is asked for once, to refuse kernels that are too old."""
    for number, line in list(tree.code(_COMPAT)):
        if re.search(r"\b(LINUX_VERSION_CODE|KERNEL_VERSION)\b", line) and \
                not re.match(r"#if LINUX_VERSION_CODE < KERNEL_VERSION\(6, 12, 0\)$",
                             line):
            yield f"{_COMPAT}:{number}: {line}: ask the headers, in {_ASKED}"


def _questions():
    """What is relied on is asked, and what is asked is relied on."""
    asked = {match[1] for _, line in tree.lines(_ASKED)
             if (match := re.match(r"ask (\w+)", line))}
    used = {name for _, line in tree.code(_COMPAT)
            for name in re.findall(r"\bKWL_HAVE_(\w+)", line)}
    for name in sorted(asked ^ used):
        where = _ASKED if name in used else _COMPAT
        yield f"{where}: nothing about {name}"


def main():
    """Entry point."""
    problems = [*_exports(), *_versions(), *_questions()]
    for name in tree.files(".c", ".h"):
        if name.startswith((tree.DRIVERS, _INCLUDES)):
            for check in (_tokens, _alone, _includes, _conditions):
                problems += check(name)
    tree.finish("layers", problems)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-only
"""Everything that can be said of the code without running it."""

import re
import shutil
import subprocess
import sys

from . import build, cache, headers, images, jail, kernels, selftests, source
from .ui import LabError

_CHECKS = cache.TREE / "tools/check"
_TREE = "/mnt/tree"
_C_DIRS = ("drivers/", "include/")
# Nobody reads the debug information, and it takes a fifth of the time
_LEAN = ["KCFLAGS=-g0", "CONFIG_DEBUG_INFO_BTF_MODULES="]


def _tracked(*suffixes):
    out = subprocess.run(["git", "-C", str(cache.TREE), "ls-files", "-co",
                          "--exclude-standard"], check=True,
                         capture_output=True, text=True).stdout.splitlines()
    return [f for f in out if (cache.TREE / f).is_file()
            and (not suffixes or f.endswith(suffixes))]


def _by_shebang(pattern):
    return [f for f in _tracked() if re.match(
        pattern, (cache.TREE / f).open("rb").readline().decode("latin1"))]


def _own(script):
    def check():
        proc = subprocess.run([sys.executable, str(_CHECKS / script)],
                              capture_output=True, text=True, check=False)
        return proc.returncode, proc.stdout + proc.stderr
    return check


def _in_tools(*command, binds=()):
    proc = jail.run(images.tools() / "tree", command, cwd=_TREE, check=False,
                    binds=[(cache.TREE, _TREE), *binds],
                    env={"PYTHONDONTWRITEBYTECODE": "1",
                         "PYTHONPATH": f"{_TREE}/tools/lab:{_TREE}/tools/check"})
    return proc.returncode, proc.stdout + proc.stderr


def _bad(output):
    """Of what kbuild says, what is the code's fault."""
    return [l for l in output.splitlines()
            if re.search(r"\b(warning|error)\b", l, re.I)
            and "pahole version" not in l and "compiler differs" not in l]


def _kbuild(version, *args, clean=True):
    """Build all, from scratch unless told otherwise; any warning is a failure."""
    def check():
        kernel = kernels.get(version)
        root = images.tools() / "tree"
        if clean:
            build.make(kernel, root, "clean", use="lint")
        status, output, _ = build.make(kernel, root, "W=1", *_LEAN, *args, "modules",
                                       use="lint")
        bad = _bad(output)
        return status or len(bad), "\n".join(bad) or output[-2000:]
    return check


def _older():
    """Build for one kernel of each series and each set of interfaces that Debian has,
    beside those that the lab boots."""
    booted = {kernels.get(name).release for name in kernels.DEBIAN}
    seen, bad = set(), []
    for kernel in headers.everything():
        kind = (kernel.series, kernel.interfaces())
        if kernel.release not in booted and kind not in seen:
            seen.add(kind)
            bad += _complaints(kernel)
    return len(bad), "\n".join(bad)


def _complaints(kernel):
    """What is wrong with a build, each line with the kernel's name."""
    # Debian 12's headers name a compiler that Debian 13's root doesn't have
    status, output, _ = build.make(kernel, images.tools() / "tree", *_LEAN,
                                   "CC=x86_64-linux-gnu-gcc-14", "modules", use="lint")
    lines = _bad(output) or output.splitlines()[-20:] * bool(status)
    return [f"{kernel.release}: {line}" for line in lines]


def _gcc_and_clang(*args, **options):
    """clang's eyes on what gcc compiles; see gcc-and-clang."""
    def check():
        here = build.directory(kernels.get("6.12"), images.tools() / "tree", "lint")
        shutil.copy(_CHECKS / "gcc-and-clang", here / "gcc-and-clang")
        return _kbuild("6.12", "CC=/mnt/kawela/gcc-and-clang", *args, **options)()
    return check


def _kernel_doc():
    kernel = kernels.get("6.12")
    script = next((kernel.tree / "usr/lib").glob("linux-kbuild*")) \
        / "scripts/kernel-doc"
    inside = f"/usr/lib/{script.parents[1].name}/scripts/kernel-doc"
    status, output = _in_tools("perl", inside, "-none", "-Wall", "-Werror",
                               *_tracked(".c", ".h"), binds=kernel.binds())
    return status or "warning" in output, output


def _checkpatch():
    scripts = cache.artefact("checkpatch", cache.digest("6.12"),
                             lambda part: source.unpack("6.12", part / "linux",
                                                        "scripts/*"))
    status, output = _in_tools(
        "perl", "/mnt/linux/scripts/checkpatch.pl", "--no-tree", "--strict",
        "--terse", "--show-types", "--quiet", "--file", "--ignore",
        # No MAINTAINERS out of tree; macros that take lists of statements; a
        # line of its own between a function and its export; names of ethtool's;
        # operations that are completed when a module is loaded
        "FILE_PATH_CHANGES,LINUX_VERSION_CODE,MACRO_ARG_REUSE,COMPLEX_MACRO,"
        "MULTISTATEMENT_MACRO_USE_DO_WHILE,OPEN_ENDED_LINE,LINE_SPACING,CAMELCASE,"
        "MACRO_ARG_UNUSED,CONST_STRUCT",
        # These two are made of macros that checkpatch doesn't understand
        *(f for f in _tracked(".c", ".h")
          if not f.endswith(("/trace.h", "/compat.h"))), binds=[(scripts / "linux", "mnt/linux")])
    found = [l for l in output.splitlines() if l.startswith(_C_DIRS)]
    return status and bool(found), "\n".join(found)


def _shellcheck():
    return _in_tools("shellcheck", "-x", "-P", "SCRIPTDIR", "-s", "bash",
                     "-e", "SC1091,SC2034", *_by_shebang(r"#!.*\b(bash|sh)\b"),
                     *_tracked(".sh"))


def _python():
    return sorted(set(_tracked(".py") + _by_shebang(r"#!.*python")))


def _pyflakes():
    return _in_tools("python3", "-m", "pyflakes",
                     *(f for f in _python() if "lib/py/__init__" not in f))


_PYLINT = ["pylint", "--disable=R", "--score=n", "-j2",
           "--good-names=a,b,e,f,i,m,n,o,p,s,t"]


def _pylint():
    """As the kernel's selftests want it: without the refactoring hints."""
    return _in_tools(*_PYLINT, *(f for f in _python()
                                 if not f.startswith("selftests/")))


def _pylint_selftests():
    """The tests, beside the kernel's library that they use."""
    where = "selftests/drivers/net/kawela"
    return _in_tools("sh", "-c", f"cd {where} && KSFT_DIR=/mnt/linux/{selftests.TOP} "
                     + " ".join(_PYLINT) +
                     " --disable=import-error,no-name-in-module *.py lib/py/*.py",
                     binds=[(selftests.runtime(), "mnt/linux")])


def _ruff():
    if not shutil.which("ruff"):
        return 0, "skipped: ruff isn't installed here, and Debian has no package"
    proc = subprocess.run(["ruff", "check", "--no-cache", *_python()],
                          cwd=cache.TREE, capture_output=True, text=True,
                          check=False)
    return proc.returncode, proc.stdout + proc.stderr


LINTS = {
    "layers": _own("layers.py"),
    "circles": _own("circles.py"),
    "picture": _own("picture.py"),
    "features": _own("features.py"),
    "size": _own("size.py"),
    "words": _own("words.py"),
    "descriptors": _own("descriptors.py"),
    "gcc W=1 and clang, 6.12": _gcc_and_clang(),
    # Beside what gcc has compiled with the same flags
    "sparse, 6.12": _gcc_and_clang("C=2", clean=False),
    "gcc W=1, 7.3": _kbuild("7.3"),
    "gcc, other kernels of Debian's": _older,
    "kernel-doc": _kernel_doc,
    "checkpatch --strict": _checkpatch,
    "shellcheck": _shellcheck,
    "pyflakes": _pyflakes,
    "pylint, tools": _pylint,
    "pylint, selftests": _pylint_selftests,
    "ruff": _ruff,
}


def check_names(names):
    """Refuse names that no check has."""
    unknown = [n for n in names if not any(n in name for name in LINTS)]
    if unknown:
        raise LabError(f"no check {', '.join(unknown)}: there are {'; '.join(LINTS)}")


def run(names=()):
    """Run checks, all or those with such names. Yield: (name, result, text).

    Results are pass, fail and skip.
    """
    for name, check in LINTS.items():
        if names and not any(n in name for n in names):
            continue
        try:
            status, text = check()
        except images.NoPackage as err:
            status, text = 0, f"skipped: {err}"
        if text.startswith("skipped: "):
            yield name, "skip", text.removeprefix("skipped: ")
        else:
            yield name, "fail" if status else "pass", text

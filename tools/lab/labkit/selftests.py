# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's own selftests, built from Debian's linux-source, unmodified."""

from . import cache, images, jail, progress, source, ui
from .ui import LabError

VERSION = "7.3"
TARGETS = "net/lib drivers/net drivers/net/hw"
# Where they are in the virtual machines
PLACE = "usr/lib/kselftest"
_LINUX = "/mnt/linux"
TOP = "tools/testing/selftests"
# Of the source, what it takes to run programs in a kernel tree
_RUNTIME = [f"{TOP}/{name}" for name in (
    "Makefile", "lib.mk", "run_kselftest.sh", "kselftest/*", "net/lib/py/*",
    "drivers/net/lib/*")] + \
    ["scripts/subarch.include", "tools/net/ynl/pyynl/*",
     "Documentation/netlink/specs/*"]


def _make(root, tree, log, *args):
    return jail.run(root, ["make", *args], binds=[(tree, _LINUX)], cwd=_LINUX,
                    log=log, check=False).returncode


def _compile(part, tree):
    root = images.tools() / "tree"
    tests = ["-C", "tools/testing/selftests", f"TARGETS={TARGETS}",
             f"INSTALL_PATH={_LINUX}/installed"]
    with open(part / "build.log", "w", encoding="utf-8") as log:
        status = _make(root, tree, log, "-j4", "headers") or \
            _make(root, tree, log, "-j4", *tests, "install")
    # Programs that need what isn't packaged fail; what is missing then is seen
    # when a test that needs it skips
    if status and not (tree / "installed/run_kselftest.sh").exists():
        tail = (part / "build.log").read_text().splitlines()[-12:]
        raise LabError("the kernel's selftests don't build:\n" + "\n".join(tail))


def _build(part):
    tree = part / "linux"
    with ui.step(f"kselftest of Linux {VERSION}: unpacking the source"):
        source.unpack(VERSION, tree)
    with ui.step(f"kselftest of Linux {VERSION}: compiling {TARGETS}"), \
         ui.progress(lambda: progress.compiled(part / "build.log")):
        _compile(part, tree)
    place = part / "only" / PLACE
    place.parent.mkdir(parents=True)
    (tree / "installed").rename(place)
    images.mke2fs(images.lab() / "tree", part / "only", part / "kselftest.ext4")
    cache.remove(tree)


def runtime():
    """A kernel tree with no more than the programs' library and runner."""
    key = cache.digest(images.RECIPE, VERSION, *_RUNTIME)
    return cache.artefact("ksft-lib", key, lambda part: source.unpack(
        VERSION, part / "linux", *_RUNTIME)) / "linux"


def image():
    """ext4 image with the installed selftests, for the virtual machines."""
    key = cache.digest(images.RECIPE, VERSION, TARGETS, images.tools().name)
    return cache.artefact("kselftest", key, _build, size_gib=6) / "kselftest.ext4"

# SPDX-License-Identifier: GPL-2.0-only
"""Artefacts that are built once and found again by the hash of their inputs."""

import contextlib
import errno
import fcntl
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .ui import LabError

TREE = Path(__file__).resolve().parents[3]
_COUNT = itertools.count()

# In a cache: what has a fixed name, and what an artefact is called
_FIXED = {"locks", "runs", "scratch", "build", "kvm", "logs", "mutants", "check", "check.log",
          "ccache", "contract.txt", "contract.json", "figures.json"}
_ARTEFACT = re.compile(r"[\w.-]+-[0-9a-f]{16}(\.part)?")
# https://bford.info/cachedir/
_TAG = "CACHEDIR.TAG"
_TAG_TEXT = ("Signature: 8a477f597d28d172789f06886806bc55\n"
             "# Made by kawela's lab: images, kernels and runs.\n")
# Caches that this process uses, with the file whose lock says so
_in_use = {}


def unique():
    """A name that no other has, of this process or another that lives."""
    return f"{next(_COUNT)}-{os.getpid()}"


def place():
    """Where everything is kept: KAWELA_CACHE, or kawela in the user's cache."""
    base = os.environ.get("KAWELA_CACHE")
    if not base:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        base = Path(home) / "kawela"
    return Path(base).resolve()


def _foreign(path):
    """What is in a directory that the lab wouldn't have made."""
    return sorted(p.name for p in path.iterdir()
                  if p.name not in _FIXED and p.name not in ("lost+found", _TAG)
                  and not _ARTEFACT.fullmatch(p.name))


def _adopt(path):
    """Make a directory the lab's own, once; refuse one that is somebody else's."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if (path / _TAG).exists():
            return
        foreign = _foreign(path)
        if not foreign:
            (path / _TAG).write_text(_TAG_TEXT)
    except OSError as err:
        raise LabError(f"can't create the cache {path}: {err.strerror}; "
                       "set KAWELA_CACHE to a directory you may write") from err
    if foreign:
        raise LabError(f"{path} holds other things ({', '.join(foreign[:3])}): "
                       "set KAWELA_CACHE to a directory that is empty or not "
                       "there yet")


def root():
    """The directory, which this process uses from now on until it ends."""
    path = place()
    if path not in _in_use:
        _adopt(path)
        (path / "locks").mkdir(exist_ok=True)
        # pylint: disable=consider-using-with # until the process ends
        file = open(path / "locks/in-use.lock", "w", encoding="utf-8")
        fcntl.flock(file, fcntl.LOCK_SH)
        _in_use[path] = file
    return path


def digest(*parts):
    """Hash of strings and of files' contents (for Paths), in order."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        sha.update(len(data).to_bytes(8, "little"))
        sha.update(data)
    return sha.hexdigest()[:16]


def tree_digest(directory, pattern="*"):
    """Hash of all files below a directory: names, modes and contents."""
    sha = hashlib.sha256()
    for path in sorted(Path(directory).rglob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            sha.update(str(path.relative_to(directory)).encode())
            sha.update(str(path.stat().st_mode & 0o111).encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()[:16]


@contextlib.contextmanager
def lock(name, wait=True, shared=False):
    """Hold a lock of the cache; yields False when somebody else has it.

    Who uses an artefact shares its lock, so that it isn't pruned meanwhile.
    """
    path = root() / "locks" / f"{name}.lock"
    path.parent.mkdir(exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) |
                        (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def remove(path):
    """Delete a tree, also one that a user namespace left behind."""
    if not os.path.lexists(path):
        return
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path) and shutil.which("mmdebstrap"):
        subprocess.run(["mmdebstrap", "--unshare-helper", "rm", "-rf",
                        str(path)], check=False, stderr=subprocess.DEVNULL)


def need_space(directory, size_gib):
    """Refuse to begin what the disk can't hold."""
    stat = os.statvfs(directory)
    free = stat.f_bavail * stat.f_frsize / 2**30
    if free < size_gib:
        raise LabError(f"{directory} has {free:.1f} GiB free, {size_gib} GiB "
                       "are needed: free some, or set KAWELA_CACHE to a "
                       "directory on another disk")


def full_text():
    """What to do when a disk is full."""
    places = []
    for path in (place(), Path(tempfile.gettempdir())):
        stat = os.statvfs(next(p for p in (path, *path.parents) if p.exists()))
        places.append(f"{path} ({stat.f_bavail * stat.f_frsize / 2**30:.1f} GiB free)")
    return (f"a disk is full; the lab uses {' and '.join(places)}: free some space (`lab "
            "clean` removes all that the lab keeps), or set KAWELA_CACHE and TMPDIR to "
            "directories on another disk")


def says_full(text):
    """Does a program say there that a disk is full?"""
    return "No space left on device" in text or "Disk quota exceeded" in text


def is_full(err):
    """Does an error come from a full disk?"""
    return isinstance(err, OSError) and err.errno in (errno.ENOSPC, errno.EDQUOT) or \
        isinstance(err, LabError) and says_full(str(err))


def peek(kind, key=None):
    """The directory KIND-KEY, or any of that kind, if it is there; else None."""
    found = [place() / f"{kind}-{key}"] if key else \
        sorted(p for p in place().glob(f"{kind}-*") if _ARTEFACT.fullmatch(p.name))
    return next((p for p in found if p.is_dir() and p.suffix != ".part"), None)


def artefact(kind, key, build, size_gib=1):
    """The directory KIND-KEY of the cache, made by build(directory) if absent.

    It appears complete or not at all: an interrupted build leaves a directory
    that the next one throws away.
    """
    path = root() / f"{kind}-{key}"
    if path.exists():
        return path
    with lock(f"{kind}-{key}"):
        if path.exists():
            return path
        need_space(root(), size_gib)
        part = root() / f"{kind}-{key}.part"
        remove(part)
        part.mkdir()
        try:
            build(part)
        except (OSError, LabError) as err:
            if not is_full(err):
                raise
            raise LabError(full_text()) from err
        part.rename(path)
    prune(kind, keep=path)
    return path


def prune(kind, keep):
    """Drop older artefacts of a kind that nobody builds or uses."""
    for path in root().glob(f"{kind}-*"):
        if path == keep or path.suffix == ".part":
            continue
        with lock(path.name, wait=False) as mine:
            if mine:
                remove(path)


def _users():
    """Processes that have a directory of their own in the cache."""
    return sorted({path.name.rpartition("-")[2]
                   for top in ("scratch", "runs") for path in
                   (place() / top).glob("*-*")
                   if Path("/proc", path.name.rpartition("-")[2]).exists()})


def clean():
    """Remove what the lab made, unless somebody uses the cache."""
    if not place().exists():
        return
    path = root()
    try:
        fcntl.flock(_in_use[path], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        users = ", ".join(_users())
        raise LabError(f"{path} is in use" + (f" by process {users}" if users
                       else "") + ": wait until that has ended, or end it"
                       ) from None
    for entry in path.iterdir():
        if entry.name == "locks":
            continue
        if entry.name in _FIXED or _ARTEFACT.fullmatch(entry.name):
            remove(entry)
    for lock_file in (path / "locks").iterdir():
        if lock_file.name != "in-use.lock":
            lock_file.unlink()


def _sweep(top):
    """Remove what killed processes left."""
    for path in top.iterdir():
        with lock(path.name, wait=False) as mine:
            if mine:
                remove(path)
                (root() / "locks" / f"{path.name}.lock").unlink(missing_ok=True)


@contextlib.contextmanager
def scratch(name):
    """A directory that goes when the block ends, or with the next such block
    when the lab was killed in this one."""
    top = root() / "scratch"
    top.mkdir(exist_ok=True)
    _sweep(top)
    path = top / f"{name}-{unique()}"
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock(path.name))
        path.mkdir()
        stack.callback(remove, path)
        yield path

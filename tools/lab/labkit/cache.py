# SPDX-License-Identifier: GPL-2.0-only
"""Artefacts that are built once and found again by the hash of their inputs."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from .ui import LabError

TREE = Path(__file__).resolve().parents[3]


def root():
    """Where everything is kept: KAWELA_CACHE, or kawela in the user's cache."""
    base = os.environ.get("KAWELA_CACHE")
    if not base:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        base = Path(home) / "kawela"
    path = Path(base).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise LabError(f"can't create the cache {path}: {err.strerror}; "
                       "set KAWELA_CACHE to a directory you may write") from err
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
        except OSError as err:
            if err.errno != errno.ENOSPC:
                raise
            raise LabError(f"{root()} is full: free some space, or set "
                           "KAWELA_CACHE to a directory on another disk"
                           ) from err
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


def clean():
    """Remove everything that nobody uses at the moment."""
    for path in root().iterdir():
        if path.name == "locks":
            continue
        with lock(path.name.removesuffix(".part"), wait=False) as mine:
            if mine:
                remove(path)


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
    path = top / f"{name}-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock(path.name))
        path.mkdir()
        stack.callback(remove, path)
        yield path

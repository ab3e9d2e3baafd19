# SPDX-License-Identifier: GPL-2.0-only
"""Run a command inside a root file system, as root there and as nobody here."""

import functools
import os
import shlex
import subprocess
from pathlib import Path

from . import ending
from .ui import LabError

# A command ends with the lab, however that ends
TIED = ["setpriv", "--pdeathsig", "KILL"]
# All that is seen of this machine's devices, also by root
_DEVICES = ("null", "zero", "full", "random", "urandom")
_UNSHARE = [*TIED, "unshare", "--mount", "--pid", "--fork", "--kill-child"]


def _works(args):
    return subprocess.run([*args, "true"], check=False,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


@functools.cache
def unshare():
    """The unshare command that this machine and this user permit."""
    # A new user namespace unties, so it comes first and alone
    for args in (_UNSHARE, ["unshare", "--user", "--map-root-user", *_UNSHARE]):
        if _works(args):
            return args
    raise LabError("neither mount nor user namespaces are allowed for this "
                   "user: run as root, or allow unprivileged user namespaces "
                   "(sysctl kernel.unprivileged_userns_clone=1 where it "
                   "exists; kernel.apparmor_restrict_unprivileged_userns=0)")


def covered(pairs):
    """A prefix for a command that sees, for pairs (directory, place), the
    directory at that place. The command ends with the lab."""
    user = ["--user", "--map-root-user"] if "--user" in unshare() else []
    binds = "".join(f"mount --bind {shlex.quote(str(directory))} "
                    f"{shlex.quote(str(place))} && " for directory, place in pairs)
    return ["unshare", *user, "--mount", "sh", "-c",
            f'{binds}exec {shlex.join(TIED)} "$@"', "sh"]


def _script(root, binds, command, cwd):
    dev = shlex.quote(f"{root}/dev")
    lines = ["set -e", f"mkdir -p {dev}", f"mount -t tmpfs -o mode=755 dev {dev}",
             f"mkdir {dev}/shm", f"mount -t tmpfs -o mode=1777 shm {dev}/shm",
             f"ln -s /proc/self/fd {dev}/fd"]
    for name in _DEVICES:
        lines += [f": > {dev}/{name}", f"mount --bind /dev/{name} {dev}/{name}"]
    for how, source, target in [("rbind", "/proc", "proc"),
                                *(("bind", *pair) for pair in binds)]:
        target = Path(root) / str(target).lstrip("/")
        lines.append(f"mkdir -p {shlex.quote(str(target))}")
        lines.append(f"mount --{how} {shlex.quote(str(source))} "
                     f"{shlex.quote(str(target))}")
    inside = (f"cd {shlex.quote(cwd)} && exec {shlex.join(map(str, command))}")
    lines.append(f"exec chroot {shlex.quote(str(root))} /bin/sh -c "
                 f"{shlex.quote(inside)}")
    return "\n".join(lines)


def run(root, command, *, binds=(), cwd="/", env=None, log=None, check=True):
    """Run COMMAND in ROOT. BINDS are pairs (path here, path there).

    Output goes to the open file LOG, or is captured. Return: the
    CompletedProcess.
    """
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
             "LC_ALL": "C.UTF-8", **(env or {})}
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        if name in os.environ:
            clean[name] = os.environ[name]
    out = {"stdout": log, "stderr": subprocess.STDOUT} if log else \
          {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    proc = ending.run([*unshare(), "/bin/sh", "-c", _script(root, binds, command, cwd)],
                      env=clean, stdin=subprocess.DEVNULL, **out)
    if check and proc.returncode:
        text = "" if log else (proc.stdout + proc.stderr)[-2000:]
        raise LabError(f"{shlex.join(map(str, command))} failed with status "
                       f"{proc.returncode} {text}".rstrip())
    return proc

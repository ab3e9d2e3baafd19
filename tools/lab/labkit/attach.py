# SPDX-License-Identifier: GPL-2.0-only
"""A terminal of a host VM that is kept: a socket among the artefacts of its run."""

import contextlib
import os
import select
import socket
import sys
import termios
import tty
from pathlib import Path

from . import cache, qemu, ui
from .ui import LabError

_NAME = "terminal"
# What the kernel takes as the path of a socket
_LONGEST = 107
_LEAVE = b"\x1d"    # Ctrl-]


def qemu_arguments(artefacts):
    """For QEMU, so that connect() finds the VM's terminal."""
    path = artefacts / _NAME
    if len(os.fsencode(path)) > _LONGEST:
        raise LabError(f"--keep: {path} is too long for a socket (at most {_LONGEST} "
                       "octets): set KAWELA_CACHE to a shorter path")
    return ["-chardev", f"socket,id=attach,path={qemu.escaped(path)},server=on,wait=off",
            "-device", "virtconsole,chardev=attach"]


def announce(artefacts):
    """Say how to reach it."""
    ui.tell(f"the VM stays until Ctrl-C here; a prompt in it: lab attach {artefacts.name}")


def _connected(path):
    """A socket that leads to a VM, or None: it has gone, or somebody is there."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(str(path))
    except OSError:
        sock.close()
        return None
    return sock


def _kept():
    """Terminals of VMs, also of those that have gone, by the names of runs."""
    return {path.parent.name: path for path in
            sorted((cache.place() / "runs").glob(f"*/{_NAME}"))}


def connect(name=None):
    """The socket of the run of that name, or of the only one."""
    kept = _kept()
    if name:
        # Its artefacts' directory will do
        name = Path(name).name
        kept = {name: kept[name]} if name in kept else {}
    found = {run: sock for run, sock in
             ((run, _connected(path)) for run, path in kept.items()) if sock}
    if len(found) == 1:
        return found.popitem()[1]
    for sock in found.values():
        sock.close()
    if found:
        raise LabError(f"several VMs are kept: name one of {', '.join(found)}")
    raise LabError(f"no VM{f' of run {name}' if name else ''} is kept: start one by "
                   "`lab run TOPOLOGY --keep -- COMMAND`")


@contextlib.contextmanager
def _raw():
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _talk(sock):
    """Until either end has had enough."""
    stdin, stdout = sys.stdin.fileno(), sys.stdout.fileno()
    while True:
        for ready in select.select([stdin, sock], [], [])[0]:
            data = sock.recv(65536) if ready is sock else os.read(stdin, 65536)
            if not data or (ready == stdin and _LEAVE in data):
                return
            if ready is sock:
                os.write(stdout, data)
            else:
                sock.sendall(data)


def attach(name=None):
    """This terminal is the VM's until Ctrl-]."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LabError("lab attach needs a terminal; for a script there is lab run "
                       "TOPOLOGY -- COMMAND")
    with connect(name) as sock:
        ui.tell("Ctrl-] leaves; the VM goes on")
        # A VM that ends hangs up
        with _raw(), contextlib.suppress(ConnectionError):
            # What it wrote before went nowhere: ask for another prompt
            sock.sendall(b"\r")
            _talk(sock)
    print()
    return 0

# SPDX-License-Identifier: GPL-2.0-only
"""Root file systems, made by mmdebstrap from Debian's own mirrors."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import cache, ending, jail, progress, ui
from .ui import LabError

SUITE = "trixie"
HERE = Path(__file__).resolve().parents[1]
# Part of every image's hash: raise it when a recipe here changes its outcome
RECIPE = 1

# mmdebstrap cleans up when it is asked to go
_TIED = ["setpriv", "--pdeathsig", "TERM"]
_LEAN = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*",
         "/usr/share/locale/*", "/usr/share/lintian/*"]
_NETWORK = re.compile(r"Could not (resolve|connect)|Temporary failure|"
                      r"Unable to connect|Network is unreachable|"
                      r"Connection (failed|timed out|refused)|Failed to fetch")


# What apt says of a name that the suite doesn't have (any longer)
_GONE = re.compile(r"^E: (?:Unable to locate package (\S+)|"
                   r"Package '([^']+)' has no installation candidate|"
                   r"Release '\S+' for '([^']+)' was not found)", re.M)


class NoPackage(LabError):
    """Debian has no package of that name, or none of that version."""


def packages(name):
    """The packages of a list in image/, without its comments."""
    lines = (HERE / "image" / f"{name}.packages").read_text().splitlines()
    return [line.strip() for line in lines
            if line.strip() and not line.startswith("#")]


def _explain(log):
    text = log.read_text(errors="replace")
    if cache.says_full(text):
        return cache.full_text()
    if _NETWORK.search(text):
        return ("no packages could be downloaded: is there a network, and can "
                "it reach Debian's mirrors (http_proxy if it needs a proxy)? What "
                "is in the cache already works without")
    return "mmdebstrap failed; see its last lines:\n" + "\n".join(text.splitlines()[-8:])


def _some(names):
    """Packages, for an error."""
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"Debian {SUITE} ({', '.join(names[:2])}{more})"


def mmdebstrap(output, include, *, variant="apt", options=(), sources=(),
               discard=False):
    """Make a root file system as a tar file.

    SOURCES are lines for sources.list; without any, mmdebstrap takes Debian's
    defaults for the suite. With DISCARD only hooks see the root.
    """
    if not shutil.which("mmdebstrap"):
        raise LabError("mmdebstrap is missing: run `make setup`, which installs "
                       "it")
    with tempfile.NamedTemporaryFile("w", suffix=".list") as extra:
        extra.write("\n".join(sources) + "\n")
        extra.flush()
        command = [*_TIED, "mmdebstrap", f"--variant={variant}",
                   f"--format={'null' if discard else 'tar'}",
                   '--aptopt=APT::Install-Recommends "false"',
                   '--aptopt=Acquire::Retries "3"',
                   *([f"--include={','.join(include)}"] if include else []),
                   *options, SUITE, str(output), *([extra.name] if sources else [])]
        log = Path(output).with_suffix(".log")
        with open(log, "w", encoding="utf-8") as file, \
             ui.progress(lambda: progress.mmdebstrap(log, Path(output))):
            # It removes its temporary directory
            proc = ending.run(command, subprocess.Popen.terminate, stdout=file,
                              stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    if proc.returncode:
        gone = _GONE.findall(log.read_text("utf-8", "replace"))
        if gone:
            names = sorted({name for names in gone for name in names if name})
            raise NoPackage(f"Debian {SUITE} and its backports have no package "
                            f"{', '.join(names)}")
        raise LabError(f"{_some(include)}: {_explain(log)}")


def untar(archive, directory, *members):
    """Unpack a root as plain files of this user; device nodes are left out."""
    directory.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile() as log, \
         ui.progress(lambda: progress.unpacked(Path(log.name))):
        proc = ending.run(["tar", "-C", str(directory), "-xf", str(archive),
                           "--no-same-owner", "--exclude=./dev/*",
                           *progress.CHECKPOINTS, "--wildcards", *members], stderr=log)
        said = progress.without_checkpoints(Path(log.name))
    missing = all("Not found in archive" in line or "Exiting" in line
                  for line in said)
    if proc.returncode and not (members and missing):
        raise LabError("\n".join([f"unpacking {archive} failed:", *said]))


def mke2fs(root, source, image):
    """Make an ext4 image of a directory, with the mke2fs of ROOT."""
    used = subprocess.run(["du", "-sk", "--apparent-size", str(source)],
                          check=True, capture_output=True, text=True).stdout
    size = int(used.split()[0]) * 5 // 4 // 1024 + 32
    jail.run(root, ["mke2fs", "-q", "-t", "ext4", "-m", "0", "-i", "8192",
                    "-O", "^has_journal", "-E", "root_owner=0:0",
                    "-d", "/mnt/source", f"/mnt/out/{image.name}", f"{size}M"],
             binds=[(source, "mnt/source"), (image.parent, "mnt/out")])


def lean():
    """Options of mmdebstrap: what is there to be read stays away."""
    return [f"--dpkgopt=path-exclude={path}" for path in _LEAN]


def _remote_login(tree):
    """Let the host VM run commands in guest VMs: keys and configuration.

    The keys protect nothing: they are for machines that only the lab reaches.
    """
    keys = tree / "etc/lab"
    keys.mkdir()
    for name in ("host", "user"):
        jail.run(tree, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                        "-C", "lab", "-f", f"/etc/lab/{name}_key"])
    shutil.copy(keys / "user_key.pub", keys / "authorized_keys")
    for name in ("sshd_config", "ssh_config"):
        shutil.copy(HERE / "image" / name, keys / name)
    (tree / "etc/ssh/ssh_config.d/lab.conf").write_text(
        (HERE / "image/ssh_config").read_text())


def _build_lab(part):
    archive = part / "root.tar"
    with ui.step("image: downloading and unpacking Debian "
                 f"{SUITE} ({len(packages('lab'))} packages named)"):
        mmdebstrap(archive, packages("lab"), options=lean())
    tree = part / "tree"
    with ui.step("image: making the disk"):
        untar(archive, tree)
        archive.unlink()
        _remote_login(tree)
        with ui.progress(lambda: progress.size(part / "root.ext4")):
            mke2fs(tree, tree, part / "root.ext4")


def lab_key():
    """What the root that virtual machines run on is made from."""
    return cache.digest(RECIPE, SUITE, *packages("lab"),
                        HERE / "image/sshd_config", HERE / "image/ssh_config")


def have_lab():
    """Is the lab's root there already?"""
    return cache.peek("lab", lab_key()) is not None


def lab():
    """The root that virtual machines run on: directory with tree/ and root.ext4."""
    return cache.artefact("lab", lab_key(), _build_lab, size_gib=4)


def _build_tools(part):
    archive = part / "root.tar"
    with ui.step("tools: downloading and unpacking compilers and checkers"):
        mmdebstrap(archive, packages("tools"), options=lean())
        untar(archive, part / "tree")
    archive.unlink()


def _tools_key():
    return cache.digest(RECIPE, SUITE, *packages("tools"))


def have_tools():
    """Is the root with compilers there already?"""
    return cache.peek("tools", _tools_key()) is not None


def tools():
    """The root with compilers and checkers: directory with tree/."""
    return cache.artefact("tools", _tools_key(), _build_tools, size_gib=4)


def backports():
    """The sources.list lines of Debian and its backports.

    The mirror is the one that mmdebstrap chose for the lab's root.
    """
    text = (lab() / "tree/etc/apt/sources.list").read_text()
    mirror = re.search(rf"^deb (\S+) {SUITE} ", text, re.M).group(1)
    return [f"deb {mirror} {SUITE} main", f"deb {mirror} {SUITE}-backports main"]

# SPDX-License-Identifier: GPL-2.0-only
"""Kernel source from Debian: for the debug kernel and for kselftest."""

import re

from . import cache, images, kernels, ui


def _fetch(part, package, sources):
    archive = part / "package.tar"
    images.mmdebstrap(archive, [package], variant="extract", sources=sources)
    images.untar(archive, part, "./usr/src/*")
    archive.unlink()
    (found,) = part.glob("usr/src/linux-source-*.tar.xz")
    (part / "version").write_text(re.sub(r"linux-source-|\.tar\.xz", "",
                                         found.name))
    found.rename(part / "linux.tar.xz")
    cache.remove(part / "usr")


def _build(part, version, exactly):
    place = "".join(kernels.DEBIAN[version])
    suffix, sources = (f"/{place}", images.backports()) if place else ("", [])
    with ui.step(f"kernel source {version}: downloading"):
        try:
            _fetch(part, f"linux-source-{version}{suffix}", sources)
        except images.NoPackage:
            if exactly or not place:
                raise
            _fetch(part, f"linux-source{suffix}", sources)
            ui.say(f"{place} has no Linux {version} any longer: its source of "
                   f"{(part / 'version').read_text()} is used instead")


def _artefact(version, exactly):
    key = cache.digest(images.RECIPE, version, *(["exactly"] if exactly else []))
    # Where it is what was asked for, the other will do
    other = cache.peek(f"source-{version}", cache.digest(images.RECIPE, version))
    if exactly and other and _version(other, version) == version:
        return other
    return cache.artefact(f"source-{version}", key,
                          lambda part: _build(part, version, exactly), 2)


def _version(path, version):
    file = path / "version"
    return file.read_text() if file.exists() else version


def unpack(version, directory, *members, exactly=False):
    """Unpack the source, or only some members, into DIRECTORY.

    When Debian's backports have moved on, it is the source of what is there now,
    and with EXACTLY it is NoPackage.
    """
    path = _artefact(version, exactly)
    directory.mkdir(exist_ok=True)
    images.untar(path / "linux.tar.xz", directory, "--strip-components=1",
                 *(f"linux-source-{_version(path, version)}/{m}" for m in members))

# SPDX-License-Identifier: GPL-2.0-only
"""Kernel source from Debian: for the debug kernel and for kselftest."""

from . import cache, images, kernels, ui


def _package(version):
    suffix = f"/{kernels.DEBIAN[version][0]}" if kernels.DEBIAN[version] else ""
    return f"linux-source-{version}{suffix}"


def _build(part, version):
    sources = images.backports() if kernels.DEBIAN[version] else []
    archive = part / "package.tar"
    with ui.step(f"kernel source {version}: downloading"):
        images.mmdebstrap(archive, [_package(version)], variant="extract",
                          sources=sources)
        images.untar(archive, part, "./usr/src/*")
    archive.unlink()
    (found,) = part.glob("usr/src/linux-source-*.tar.xz")
    found.rename(part / "linux.tar.xz")
    cache.remove(part / "usr")


def tarball(version):
    """Debian's linux-source of a version: a .tar.xz."""
    key = cache.digest(images.RECIPE, version)
    path = cache.artefact(f"source-{version}", key,
                          lambda part: _build(part, version), 2)
    return path / "linux.tar.xz"


def unpack(version, directory, *members):
    """Unpack the source, or only some members, into DIRECTORY."""
    directory.mkdir(exist_ok=True)
    images.untar(tarball(version), directory, "--strip-components=1",
                 *(f"linux-source-{version}/{m}" for m in members))

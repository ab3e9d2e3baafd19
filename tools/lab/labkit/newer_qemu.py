# SPDX-License-Identifier: GPL-2.0-only
"""A newer QEMU than the lab's own, from Debian's backports, for what only that has."""

from . import cache, images, ui

# What the lab needs of it, which apt would take from an older suite by itself
_NEWER = ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios"]
_AS_IT_IS = ["ipxe-qemu", "libc6"]


def _include():
    return [*(f"{name}/{images.SUITE}-backports" for name in _NEWER), *_AS_IT_IS]


def _build(part):
    archive = part / "root.tar"
    with ui.step("QEMU of Debian's backports: downloading and unpacking"):
        images.mmdebstrap(archive, _include(), variant="extract",
                          sources=images.backports())
        images.untar(archive, part / "tree", "./usr/bin/qemu-system-x86_64", "./usr/lib/*",
                     "./usr/lib64/*", "./usr/share/qemu/*", "./usr/share/seabios/*")
        archive.unlink()


def _key():
    return cache.digest(images.RECIPE, images.SUITE, *_include())


def have():
    """Is it there already?"""
    return cache.peek("qemu-backports", _key()) is not None


def get():
    """The directory with it; tree/ is a root file system."""
    return cache.artefact("qemu-backports", _key(), _build, size_gib=2)

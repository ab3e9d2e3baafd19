# SPDX-License-Identifier: GPL-2.0-only
"""Debian's dkms, for a jail that has a compiler."""

from . import cache, images, ui

_HOOK = images.HERE / "image/dkms"


def _build(part):
    archive = part / "dkms.tar"
    with ui.step("dkms: downloading and unpacking that of Debian"):
        images.mmdebstrap(archive, [], variant="custom",
                          options=[f"--customize-hook={_HOOK}"])
        images.untar(archive, part / "tree", "./usr/sbin/*", "./etc/dkms/*")
    archive.unlink()


def program():
    """The file."""
    key = cache.digest(images.RECIPE, images.SUITE, _HOOK)
    return cache.artefact("dkms", key, _build, 3) / "tree/usr/sbin/dkms"

# SPDX-License-Identifier: GPL-2.0-only
"""Headers of more kernels than boot here: of what Debian has, oldest and newest."""

import re
import subprocess

from . import cache, images, ui

_HOOK = images.HERE / "image/headers"
# Beside what the lab's root was made from
_SUITES = [f"{images.SUITE}-backports", "bookworm-backports"]


class Headers:
    """What modules are built against; build.make() takes it for a kernel."""

    def __init__(self, tree, version):
        self.release = f"{version}-amd64"
        self.directory = tree / "usr/src" / f"linux-headers-{self.release}"
        self.include = tree / "usr/src" / f"linux-headers-{version}-common/include"
        self._tree = tree
        self._kbuild = f"usr/lib/linux-kbuild-{version}"

    @property
    def series(self):
        """6.12, say."""
        return ".".join(self.release.split(".")[:2])

    def interfaces(self):
        """What they have of that on which the drivers' compat.h depends."""
        return subprocess.run(["sh", cache.TREE / "include/kawela/compat.sh",
                               self.include], check=True,
                              capture_output=True, text=True).stdout

    def binds(self):
        """What a jail needs to build against them."""
        modules = self._tree / "modules" / self.release
        return [(self._tree / "usr/src", "usr/src"),
                (self._tree / self._kbuild, self._kbuild),
                (modules, f"usr/lib/modules/{self.release}")]


def _sources():
    """Lines of sources.list, for the mirrors that mmdebstrap chose."""
    own = (images.lab() / "tree/etc/apt/sources.list").read_text()
    main = re.search(rf"^deb (\S+) {images.SUITE} ", own, re.M)[1]
    return [*own.splitlines(), *(f"deb {main} {suite} main" for suite in _SUITES)]


def versions(tree):
    """Those in an unpacked tree, oldest first."""
    names = [path.name.removeprefix("linux-headers-").removesuffix("-common")
             for path in tree.glob("usr/src/linux-headers-*-common")]
    return sorted(names, key=lambda n: [int(i) for i in re.findall(r"\d+", n)])


def link(tree):
    """Lead from /usr/lib/modules to the headers, as their packages do."""
    for version in versions(tree):
        modules = tree / "modules" / f"{version}-amd64"
        modules.mkdir(parents=True)
        (modules / "build").symlink_to(f"/usr/src/linux-headers-{version}-amd64")


def _build(part):
    archive = part / "headers.tar"
    with ui.step("kernel headers: downloading and unpacking those of Debian"):
        images.mmdebstrap(archive, [], variant="custom", sources=_sources(),
                          options=[f"--customize-hook={_HOOK}"])
        images.untar(archive, part / "tree", "./usr/src/*",
                     "./usr/lib/linux-kbuild*")
    archive.unlink()
    link(part / "tree")


def everything():
    """All that were there when they were downloaded, oldest first."""
    key = cache.digest(images.RECIPE, _HOOK, *_SUITES)
    tree = cache.artefact("headers", key, _build, 3) / "tree"
    return [Headers(tree, version) for version in versions(tree)]

# SPDX-License-Identifier: GPL-2.0-only
"""Kernels for the virtual machines, with what modules are built against."""

import re
import shutil
import subprocess
from pathlib import Path

from . import cache, images, jail, kconfig, progress, ui
from .ui import LabError

# Name: where Debian keeps it
DEBIAN = {
    "6.12": [],
    "7.3": ["trixie-backports"],
}
DEFAULT = "6.12"

# Where a kernel that the lab built itself was built, inside the jail
BUILT = "/mnt/linux"

# Needed before the root file system is there, in the initramfs
BOOT_MODULES = ["virtio_pci", "virtio_blk", "ext4", "overlay", "virtio_console",
                "9pnet_virtio", "9p"]
# Needed in every run: kept uncompressed, so that emulation doesn't unpack them
HOT_MODULES = ["e1000e", "igb", "igbvf", "kvm", "kvm-amd", "kvm-intel",
               "vfio-pci", "vfio_iommu_type1", "vhost_vsock",
               "vmw_vsock_virtio_transport", "ipv6", "8021q", "pktgen",
               "bridge", "veth", "dummy", "macvlan"]
# What a compressed kernel begins with, and what unpacks it
_PACKED = [(b"\x28\xb5\x2f\xfd", ["zstd", "-dcq"]), (b"\x1f\x8b\x08", ["gzip", "-dcq"]),
           (b"\xfd7zXZ\x00", ["xz", "-dcq", "--single-stream"])]


class Kernel:
    """A kernel that is ready to boot; DIRECTORY is its artefact."""

    def __init__(self, name, directory):
        self.name = name
        self.directory = directory
        self.release = (directory / "release").read_text().strip()

    @property
    def image(self):
        """What QEMU boots."""
        return self.directory / "vmlinux"

    @property
    def modules(self):
        """ext4 image with /usr/lib/modules."""
        return self.directory / "modules.ext4"

    @property
    def initramfs(self):
        """busybox and what it takes to mount the root."""
        return self.directory / "boot.cpio"

    @property
    def tree(self):
        """Modules, headers and kbuild, as in a root file system."""
        return self.directory / "tree"

    def compilers(self):
        """The root whose compiler built it. Debian's compiler is in both roots, and in
        that of the tools, which isn't always there, it has ccache."""
        ours = any((self.directory / n).exists() for n in ("built", "local"))
        return (images.tools() if ours or images.have_tools() else images.lab()) / "tree"

    def binds(self):
        """What a jail needs to build against this kernel."""
        local = self.directory / "local"
        source = [local.read_text()] if local.exists() else []
        built = self.directory / "built"
        return [*((path, f"usr/lib/{path.name}") for path in
                  sorted((self.tree / "usr/lib").iterdir())),
                (self.tree / "usr/src", "usr/src"),
                *((path, path) for path in source),
                *([(built, BUILT)] if built.exists() else [])]


def _unpack_vmlinux(root, packed, image):
    """Get the ELF image out of a bzImage: Debian's boots seconds faster so."""
    data = packed.read_bytes()
    for magic, command in _PACKED:
        start = data.find(magic)
        while start >= 0:
            out = subprocess.run([*jail.unshare(), "chroot", str(root), *command],
                                 input=data[start:], check=False,
                                 stderr=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE).stdout
            if out.startswith(b"\x7fELF"):
                image.write_bytes(out)
                return
            start = data.find(magic, start + 1)
    image.write_bytes(data)


def _needed(root, tree, release, names):
    """Paths of modules and of what they depend on, below TREE, in load order."""
    paths = []
    for name in names:
        out = jail.run(root, ["modprobe", "-d", "/mnt/kernel/usr", "-S", release,
                              "--show-depends", name], check=False,
                       binds=[(tree, "mnt/kernel")]).stdout
        for path in re.findall(r"^insmod /mnt/kernel/(\S+)", out, re.M):
            if path not in paths:
                paths.append(path)
    return paths


def _depmod(root, tree, release):
    jail.run(root, ["depmod", "-b", "/mnt/kernel/usr", release],
             binds=[(tree, "mnt/kernel")])


def _uncompress(root, tree, release):
    """Unpack the modules that every run loads."""
    paths = _needed(root, tree, release, BOOT_MODULES + HOT_MODULES)
    packed = [p for p in paths if p.endswith((".xz", ".zst", ".gz"))]
    for suffix, tool in ((".xz", "unxz"), (".zst", "unzstd --rm -q"), (".gz", "gunzip")):
        files = [f"/mnt/kernel/{p}" for p in packed if p.endswith(suffix)]
        if files:
            jail.run(root, [*tool.split(), *files], binds=[(tree, "mnt/kernel")])
    _depmod(root, tree, release)


def _initramfs(root, tree, release, out):
    """busybox, boot modules in load order and nothing else."""
    work = out.parent / "initramfs"
    (work / "modules").mkdir(parents=True)
    (work / "bin").mkdir()
    order = []
    for path in _needed(root, tree, release, BOOT_MODULES):
        name = Path(path).name.split(".ko")[0] + ".ko"
        (work / "modules" / name).write_bytes((tree / path).read_bytes())
        order.append(name)
    (work / "modules/order").write_text("".join(f"{n}\n" for n in order))
    busybox = root / "usr/bin/busybox"
    (work / "bin/busybox").write_bytes(busybox.read_bytes())
    (work / "bin/busybox").chmod(0o755)
    make_cpio(root, work, out)
    cache.remove(work)


def make_cpio(root, directory, out):
    """Pack a directory as an initramfs."""
    jail.run(root, ["sh", "-c", "cd /mnt/source && find . | sort | cpio --quiet "
                    f"-o -H newc -R 0:0 > /mnt/out/{out.name}"],
             binds=[(directory, "mnt/source"), (out.parent, "mnt/out")])


def finish(part, release):
    """From an unpacked kernel in part/tree to one that boots, but for vmlinux."""
    root = images.lab() / "tree"
    tree = part / "tree"
    (part / "release").write_text(release + "\n")
    _depmod(root, tree, release)
    _uncompress(root, tree, release)
    _initramfs(root, tree, release, part / "boot.cpio")
    only = part / "only"
    (only / "usr/lib").mkdir(parents=True)
    (tree / "usr/lib/modules").rename(only / "usr/lib/modules")
    images.mke2fs(root, only, part / "modules.ext4")
    (only / "usr/lib/modules").rename(tree / "usr/lib/modules")
    cache.remove(only)


def _release(tree):
    names = [p.name for p in (tree / "usr/lib/modules").iterdir()]
    if len(names) != 1:
        raise LabError(f"expected one kernel in {tree}, found {names}")
    return names[0]


def _build_debian(part, name):
    suffix = f"/{DEBIAN[name][0]}" if DEBIAN[name] else ""
    sources = images.backports() if DEBIAN[name] else []
    archive = part / "kernel.tar"
    tree = part / "tree"
    with ui.step(f"kernel {name}: downloading and unpacking"):
        images.mmdebstrap(archive, [f"linux-image-amd64{suffix}",
                                    f"linux-headers-amd64{suffix}"],
                          variant="extract", sources=sources)
        images.untar(archive, tree, "./boot/*", "./usr/src/*",
                     "./usr/lib/modules/*", "./usr/lib/linux-kbuild*")
        archive.unlink()
    release = _release(tree)
    if not release.startswith(f"{name}."):
        raise images.NoPackage(
            f"Debian's {''.join(DEBIAN[name]) or images.SUITE} has Linux {release} "
            f"now, and no {name}: say --kernel {DEFAULT} or name a tree that you "
            "built; or get a newer checkout")
    packed = [*tree.glob("boot/vmlinuz-*"),
              *tree.glob("usr/lib/modules/*/vmlinuz")]
    with ui.step(f"kernel {name}: preparing {release}"):
        finish(part, release)
        _unpack_vmlinux(images.lab() / "tree", packed[0], part / "vmlinux")


def built_tree(path):
    """A kernel that somebody built: its release and its image."""
    release = path / "include/config/kernel.release"
    packed = path / "arch/x86/boot/bzImage"
    order = path / "modules.order"
    lost = [str(p.relative_to(path)) for p in (release, packed, order) if not p.exists()]
    if lost:
        raise LabError(f"{path} holds no built x86 kernel ({', '.join(lost)} isn't "
                       "there): build it first (make bzImage modules), or say --kernel "
                       f"{' or '.join(DEBIAN)}")
    return release.read_text().strip(), packed


def built_state(path):
    """What of a built tree comes into a virtual machine, as a text that changes
    with it: configuration, symbols, and each module's size and time."""
    order = path / "modules.order"
    names = order.read_text().split() if order.exists() else []
    files = [path / ".config", path / "Module.symvers",
             *(path / re.sub(r"\.o$", ".ko", name) for name in names)]
    return "\n".join(f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}"
                     for file in files if file.exists())


def install_local(part, path, inside):
    """Fill an artefact from a kernel tree that was built as INSIDE in a jail."""
    release, packed = built_tree(path)
    tree = part / "tree"
    (tree / "usr/src").mkdir(parents=True)
    (tree / "usr/lib").mkdir()
    root = images.tools() / "tree"
    total = len((path / "modules.order").read_text().split())
    with ui.step(f"kernel {path}: installing modules of {release}"), \
         ui.progress(lambda: progress.modules(tree, total)):
        jail.run(root, ["make", "-C", inside, "modules_install",
                        "INSTALL_MOD_PATH=/mnt/out/usr", "DEPMOD=true"],
                 binds=[(path, inside), (tree, "mnt/out")])
        finish(part, release)
        shutil.copyfile(packed, part / "vmlinux")


def _build_local(part, path):
    (part / "local").write_text(str(path))
    install_local(part, path, str(path))


def check(name, guests=False):
    """Refuse a name that get() wouldn't know, and a tree whose kernel can't do what the
    lab needs, before anything is built. With GUESTS it runs guest VMs, too."""
    if name.removeprefix("debug-") in DEBIAN:
        return
    if not Path(name).is_dir():
        raise LabError(f"no kernel {name}: it is one of {', '.join(DEBIAN)}, "
                       f"debug-{' or debug-'.join(DEBIAN)}, or the directory of "
                       "a built kernel tree")
    built_tree(Path(name))
    kconfig.check(Path(name), guests)


def get(name):
    """The kernel of that name.

    One of DEBIAN; debug-VERSION, with checks that Debian's don't have; or the
    path of a built kernel tree.
    """
    check(name)
    if name in DEBIAN:
        key = cache.digest(images.RECIPE, name, *BOOT_MODULES, *HOT_MODULES,
                           images.lab().name)
        path = cache.artefact(f"kernel-{name}", key,
                              lambda part: _build_debian(part, name), 2)
        return Kernel(name, path)
    if name.removeprefix("debug-") in DEBIAN:
        from . import debug_kernel  # pylint: disable=import-outside-toplevel
        return Kernel(name, debug_kernel.get(name.removeprefix("debug-")))
    local = Path(name).resolve()
    release, packed = built_tree(local)
    key = cache.digest(images.RECIPE, release, packed, built_state(local))
    path = cache.artefact("kernel-local", key,
                          lambda part: _build_local(part, local), 2)
    return Kernel(str(local), path)

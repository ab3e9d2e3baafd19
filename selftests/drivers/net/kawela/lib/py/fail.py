# SPDX-License-Identifier: GPL-2.0

"""Failures that no device of the lab causes, by the modules kawela_fail and kawela_test."""

import os

from net.lib.py import cmd, defer

from .sriov import write_sysfs

_FILE = "/sys/kernel/debug/kawela_fail"


def fail(function, errno, times):
    """A function's next callers get this errno, until the case ends.

    Return: what ends it sooner, by exec().
    """
    if not os.path.exists(_FILE):
        cmd("modprobe kawela_fail")
        defer(cmd, "modprobe -r kawela_fail")
    write_sysfs(_FILE, f"{function} {errno} {times}")
    return defer(write_sysfs, _FILE, "\n")


def left():
    """How many callers have not come yet."""
    with open(_FILE, encoding="ascii") as f:
        return int(f.read())


def refuse(what, ifname, times):
    """A file of kawela_test, which is loaded: let something fail, until the case ends.

    Return: what ends it sooner, by exec().
    """
    path = f"/sys/kernel/debug/kawela_test/{what}"
    write_sysfs(path, f"{ifname} {times}")
    return defer(write_sysfs, path, f"{ifname} 0")

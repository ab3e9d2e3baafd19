# SPDX-License-Identifier: GPL-2.0

"""
Environment of the kawela tests: the kernel's own library, found by counting
parents as its own tests do (or in KSFT_DIR), and what is special to SR-IOV.
"""

import os
import sys
from pathlib import Path

KSFT_DIR = Path(os.environ.get("KSFT_DIR",
                               Path(__file__).parent / "../../../../..")).resolve()

try:
    sys.path.append(KSFT_DIR.as_posix())

    # drivers.net.lib.py takes some of these from here
    from net.lib.py import NetNS, NetNSEnter, NetdevSimDev, UserNetNS
    from net.lib.py import CmdExitFailure, NlError, Netlink
    from net.lib.py import EthtoolFamily, NetdevFamily, RtnlFamily, DevlinkFamily
    from net.lib.py import bkg, bpftool, cmd, defer, ethtool, ip, tool, wait_file
    from net.lib.py import rand_port, wait_port_listen
    from net.lib.py import KsftSkipEx, KsftFailEx, KsftXfailEx
    from net.lib.py import ksft_disruptive, ksft_exit, ksft_pr, ksft_run, \
        ksft_setup, KsftNamedVariant, ksft_busy_wait
    from net.lib.py import ksft_eq, ksft_ge, ksft_gt, ksft_in, ksft_lt, \
        ksft_ne, ksft_not_in, ksft_raises, ksft_true
    from drivers.net.lib.py import NetDrvEnv, NetDrvEpEnv

    from . import bpf, xsk
    from .deadline import each_limited
    from .draw import ksft_variants
    from .env import PfEnv, RINGS
    from .sriov import Sriov, Vf, errno_of, in_ns, write_sysfs
    from .wait import until

    __all__ = ["KSFT_DIR", "NetNS", "NetNSEnter", "NetdevSimDev", "UserNetNS",
               "CmdExitFailure", "NlError", "Netlink",
               "EthtoolFamily", "NetdevFamily", "RtnlFamily", "DevlinkFamily",
               "bkg", "bpftool", "cmd", "defer", "ethtool", "ip", "tool",
               "wait_file",
               "rand_port", "wait_port_listen",
               "KsftSkipEx", "KsftFailEx", "KsftXfailEx",
               "ksft_disruptive", "ksft_exit", "ksft_pr", "ksft_run",
               "ksft_setup", "ksft_variants", "KsftNamedVariant", "ksft_busy_wait",
               "ksft_eq", "ksft_ge", "ksft_gt", "ksft_in", "ksft_lt",
               "ksft_ne", "ksft_not_in", "ksft_raises", "ksft_true",
               "NetDrvEnv", "NetDrvEpEnv", "PfEnv",
               "Sriov", "Vf", "bpf", "xsk", "each_limited", "errno_of", "in_ns",
               "write_sysfs", "until"]
except ModuleNotFoundError as e:
    print("Failed importing `net` library from kernel sources")
    print(str(e))
    sys.exit(4)

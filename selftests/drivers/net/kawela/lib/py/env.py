# SPDX-License-Identifier: GPL-2.0

"""NetDrvEpEnv with what a PF has besides."""

import subprocess

from net.lib.py import KsftSkipEx, cmd, defer, ip
from drivers.net.lib.py import NetDrvEpEnv

from .sriov import Sriov
from .wait import until


class PfEnv(NetDrvEpEnv):
    """NETIF is a PF; the remote end is on its wire."""

    def __init__(self, src_path):
        super().__init__(src_path, nsim_test=False)
        self.sriov = Sriov(self.ifname)

    def link(self):
        """ip -d link show of the PF."""
        return ip(f"-d link show dev {self.ifname}", json=True)[0]

    def has_carrier(self):
        """carrier of the PF"""
        return "LOWER_UP" in self.link()["flags"]

    def pf_up(self):
        """Bring the PF up, with its addresses, and wait for link."""
        ip(f"link set dev {self.ifname} up")
        if self.addr_v["6"]:
            # The kernel drops these when an interface goes down
            ip(f"-6 addr replace {self.addr_v['6']}/64 dev {self.ifname} nodad")
        until(self.has_carrier, what="carrier of the PF")

    def pf_down(self):
        """Bring the PF down until the case ends."""
        ip(f"link set dev {self.ifname} down")
        defer(self.pf_up)

    def ping_remote(self, ns=None, size=56, count=1):
        """Ping the remote end from here or from a namespace."""
        cmd(f"ping -q -c {count} -i 0.05 -W 5 -s {size} "
            f"{self.remote_addr_v['4']}", ns=ns)

    def cable(self, state):
        """Plug or pull the cable, where the machine can do that."""
        try:
            cmd(f"labctl link pf {state}")
        except FileNotFoundError:
            raise KsftSkipEx("nobody here can pull the cable") from None

    def trace(self):
        """Begin to record mailbox messages. Return: a function that reads."""
        top = "/sys/kernel/tracing"
        subprocess.run(["sh", "-c", f"echo 1 > {top}/events/kawela/enable; "
                        f"echo > {top}/trace"], check=True)
        defer(cmd, f"echo 0 > {top}/events/kawela/enable", shell=True)

        def read():
            with open(f"{top}/trace", encoding="utf-8") as f:
                return [line.split(": kwl_mbx: ")[1].strip() for line in f
                        if ": kwl_mbx: " in line]
        return read

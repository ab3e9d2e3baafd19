# SPDX-License-Identifier: GPL-2.0

"""NetDrvEpEnv with what a PF has besides."""

import subprocess

from net.lib.py import KsftSkipEx, cmd, defer, ip, ksft_true
from drivers.net.lib.py import NetDrvEpEnv

from .rtnl import Policy
from .sriov import Sriov, in_ns
from .wait import until

# The sizes that an interface begins with, for ethtool -G
RINGS = "rx 512 tx 256"


class PfEnv(NetDrvEpEnv):
    """NETIF is a PF; the remote end is on its wire."""

    def __init__(self, src_path):
        super().__init__(src_path, nsim_test=False)
        self.sriov = Sriov(self.ifname)
        self._policy = None

    @property
    def policy(self):
        """What is decided for its VFs."""
        if not self._policy:
            self._policy = Policy(self.ifname)
        return self._policy

    def forget_policy(self):
        """The interface is another one now."""
        self._policy = None

    def link(self):
        """ip -d link show of the PF."""
        return ip(f"-d link show dev {self.ifname}", json=True)[0]

    @property
    def remote_mac(self):
        """Address of the remote end's interface"""
        return ip(f"link show dev {self.remote_ifname}", ns=self.remote.name,
                  json=True)[0]["address"]

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

    def ping(self, addr, ns=None, works=True, size=56):
        """Ping an address until there is an answer, or see that there is none."""
        def answers():
            return in_ns(f"ping -q -c 1 -W 1 -M do -s {size} {addr}", ns,
                         fail=False).ret == 0
        if works:
            until(answers, what=f"answer from {addr}")
        else:
            ksft_true(not answers(), f"{addr} answers")

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

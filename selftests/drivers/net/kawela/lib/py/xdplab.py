# SPDX-License-Identifier: GPL-2.0

"""
PF, a VF and the wire, for tests of XDP: frames of an EtherType for experiments,
so that nobody else sends or takes any, and the counters at both ends.
"""

import mmap
import os
import re
import socket

from net.lib.py import NetNSEnter, defer, ethtool, ip

from . import bpf
from .wait import until

_SO_RCVBUFFORCE = 33
_EIMS, _EIMC = 0x1524, 0x1528


class End:
    """An interface, and a packet socket on it."""

    def __init__(self, ifname, ns=None):
        self.ifname = ifname
        self.ns = ns
        self.mac = self._link()["address"]

    def _link(self):
        return ip(f"link show dev {self.ifname}", ns=self.ns, json=True)[0]

    def open(self):
        """A socket for such frames. It goes when the case ends."""
        def make():
            return socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                 socket.htons(bpf.ETHERTYPE))
        if self.ns:
            with NetNSEnter(self.ns):
                sock = make()
        else:
            sock = make()
        defer(sock.close)
        # Beyond the limit for everybody; frames wait here until they are read
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        sock.bind((self.ifname, bpf.ETHERTYPE))
        sock.settimeout(30)
        return sock

    def has_carrier(self):
        """carrier"""
        return "LOWER_UP" in self._link()["flags"]

    def up(self):
        """Bring it up and wait for carrier."""
        ip(f"link set dev {self.ifname} up", ns=self.ns)
        until(self.has_carrier, what=f"carrier of {self.ifname}")

    def mtu(self, mtu):
        """Change the MTU until the case ends."""
        self._set_mtu(mtu)
        defer(self._set_mtu, 1500)

    def _set_mtu(self, mtu):
        ip(f"link set dev {self.ifname} mtu {mtu}", ns=self.ns)
        # The link partner's driver renegotiates
        until(self.has_carrier, what=f"carrier of {self.ifname}")

    def counters(self):
        """ethtool -S, summed up over the queues."""
        sums = {}
        for name, value in re.findall(r"^\s*[rt]x\d+_(\w+): (\d+)$",
                                      ethtool(f"-S {self.ifname}").stdout,
                                      re.MULTILINE):
            sums[name] = sums.get(name, 0) + int(value)
        return sums

    def packets(self):
        """Received frames, by the standard counter."""
        return ip(f"-s link show dev {self.ifname}",
                  json=True)[0]["stats64"]["rx"]["packets"]

    def shorts(self):
        """Frames that arrived short, as the wire's device counts them: it pads them."""
        return int(re.search(r"rx_short_length_errors: (\d+)",
                             ethtool(f"-S {self.ifname}", ns=self.ns).stdout)[1])

    def mask_interrupts(self):
        """Until the case ends, or sooner, none of this function arrives."""
        with open(f"/sys/class/net/{self.ifname}/device/resource0", "r+b") as f:
            mem = mmap.mmap(f.fileno(), 0x4000)
        regs = memoryview(mem).cast("I")
        enabled = regs[_EIMS // 4]
        regs[_EIMC // 4] = enabled

        def unmask():
            regs[_EIMS // 4] = enabled
            regs.release()
            mem.close()
        return defer(unmask)

    def carrier_changes(self):
        """How often carrier came or went."""
        with open(f"/sys/class/net/{self.ifname}/carrier_changes",
                  encoding="ascii") as f:
            return int(f.read())


class Lab:
    """PF, one VF and the wire."""

    def __init__(self, cfg):
        self.cfg = cfg
        self.ends = {"pf": End(cfg.ifname)}
        self.wire = End(cfg.remote_ifname, cfg.remote.name)
        with NetNSEnter(cfg.remote.name):
            # Sends frames of any kind
            self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.raw.bind((cfg.remote_ifname, 0))
        self.add_vf()

    def add_vf(self):
        """Create the VF."""
        self.ends["vf"] = End(self.cfg.sriov.set(1)[0].ifname)
        self.ends["vf"].up()

    def jumbo(self, *ends):
        """MTU 9000 for these and the wire."""
        for end in (self.wire,) + ends:
            end.mtu(9000)


def frame(src, dst, size, number=0):
    """A frame with random content behind its number."""
    head = bytes.fromhex((dst.mac + src.mac).replace(":", ""))
    head += bpf.ETHERTYPE.to_bytes(2, "big") + number.to_bytes(4, "big")
    return head + os.urandom(size - len(head))


def gained(end, before):
    """Counters of an end that aren't what they were."""
    return {name: value - before[name]
            for name, value in end.counters().items() if value != before[name]}


def send(lab, end, sizes):
    """Send frames to an end from the wire. Return: the frames."""
    sock = lab.wire.open()
    frames = [frame(lab.wire, end, size, i) for i, size in enumerate(sizes)]
    for data in frames:
        sock.send(data)
    return frames


def turned(data):
    """A frame with source and destination exchanged."""
    return data[6:12] + data[:6] + data[12:]


SIZES = (60, 61, 128, 1000, 1513, 1514) * 5
JUMBO = (60, 3072, 3073, 6144, 6145, 9014)

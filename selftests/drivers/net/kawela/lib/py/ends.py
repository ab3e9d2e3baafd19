# SPDX-License-Identifier: GPL-2.0

"""
Four ends on one card, each in a namespace: PF, two VFs, and the wire; and
conversations between two of them, through sockets of this process.
"""

import contextlib
import hashlib
import os
import socket
import struct
import threading

from net.lib.py import NetNSEnter, NetdevFamily, cmd, ethtool, ip

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
PATIENCE = 10
# Without, acknowledgments of TCP are shorter than the shortest frame
_TIMESTAMPS = "sysctl -qw net.ipv4.tcp_timestamps"


class End:
    """One end."""

    def __init__(self, name, ifname, ns, addr):
        self.name = name
        self.ifname = ifname
        self.ns = ns
        self.addr = addr                # {4: ..., 6: ...}
        self.card = name != "wire"      # the other one has no offloads
        link = ip(f"link show dev {ifname}", ns=ns, json=True)[0]
        self.mac = link["address"]
        self._index = link["ifindex"]
        with self.inside():
            self._netdev = NetdevFamily() if self.card else None

    def inside(self):
        """Context: sockets opened here belong to this end."""
        return NetNSEnter(self.ns) if self.ns else contextlib.nullcontext()

    def socket(self, version, kind):
        """A socket of this end, bound to its address."""
        with self.inside():
            sock = socket.socket(FAMILIES[version], kind)
        sock.settimeout(PATIENCE)
        sock.bind((self.addr[version], 0))
        return sock

    def offloads(self, tx, rx):
        """Switch checksum offloads and segmentation on or off."""
        if self.card:
            say = {True: "on", False: "off"}
            ethtool(f"-K {self.ifname} tx {say[tx]} tso {say[tx]} "
                    f"gso {say[tx]} rx {say[rx]}", ns=self.ns)

    def card_counts(self):
        """What card and driver did: {counter: value}."""
        if not self.card:
            return {}
        stats = self._netdev.qstats_get({"ifindex": self._index}, dump=True)[0]
        return {k: v for k, v in stats.items() if "csum" in k or "gso" in k}

    def stack_errors(self):
        """Checksum errors that the stack has seen at this end, of all kinds."""
        with self.inside():
            total = 0
            with open("/proc/thread-self/net/snmp", encoding="ascii") as f:
                lines = f.read().splitlines()
            for names, values in zip(lines[::2], lines[1::2]):
                total += sum(int(v) for n, v in zip(names.split(),
                                                    values.split())
                             if n == "InCsumErrors")
            with open("/proc/thread-self/net/snmp6", encoding="ascii") as f:
                total += sum(int(line.split()[1]) for line in f
                             if "InCsumErrors" in line)
        return total


class Ends(dict):
    """All four by name; context manager."""

    def __init__(self, cfg):
        super().__init__()
        self._cfg = cfg

    def __enter__(self):
        cfg = self._cfg
        cfg.sriov.set(0)
        cmd(f"{_TIMESTAMPS}=0")
        try:
            for vf in cfg.sriov.set(2):
                vf.ns, v4, v6 = (f"kvf{vf.index}", f"192.0.2.{10 + vf.index}",
                                 f"2001:db8::{10 + vf.index}")
                ip(f"netns add {vf.ns}")
                cmd(f"{_TIMESTAMPS}=0", ns=vf.ns)
                ip(f"link set dev {vf.ifname} netns {vf.ns}")
                vf.up(f"{v4}/24", f"{v6}/64")
                self._add(f"vf{vf.index}", vf.ifname, vf.ns, v4, v6)
            self._add("pf", cfg.ifname, None, cfg.addr_v["4"], cfg.addr_v["6"])
            self._add("wire", cfg.remote_ifname, cfg.remote.name,
                      cfg.remote_addr_v["4"], cfg.remote_addr_v["6"])
        except BaseException:
            self.__exit__()
            raise
        return self

    def _add(self, name, ifname, ns, v4, v6):
        self[name] = End(name, ifname, ns, {4: v4, 6: v6})

    def __exit__(self, *_):
        cmd(f"{_TIMESTAMPS}=1")
        for i in range(2):
            cmd(f"ip netns del kvf{i}", fail=False)
        self._cfg.sriov.set(0)


def _drain(sock, left):
    """Receive so many octets. Return: their digest."""
    digest = hashlib.sha256()
    while left:
        data = sock.recv(min(left, 1 << 16))
        if not data:
            break
        digest.update(data)
        left -= len(data)
    return digest.digest()


def tcp(src, dst, version, size):
    """Transfer so many random octets. Return: what is wrong, or ""."""
    data = os.urandom(size)
    with dst.socket(version, socket.SOCK_STREAM) as listener, \
            src.socket(version, socket.SOCK_STREAM) as out:
        listener.listen()
        out.connect(listener.getsockname()[:2])
        sock = listener.accept()[0]
        sock.settimeout(PATIENCE)
        sender = threading.Thread(target=out.sendall, args=(data,), daemon=True)
        sender.start()
        with sock:
            try:
                got = _drain(sock, size)
            except TimeoutError:
                return "stalls"
        sender.join(PATIENCE)
    return "" if got == hashlib.sha256(data).digest() else "corrupt"


def udp(src, dst, version, sizes):
    """Send datagrams one by one. Return: what is wrong, or ""."""
    with dst.socket(version, socket.SOCK_DGRAM) as sink, \
            src.socket(version, socket.SOCK_DGRAM) as out:
        for size in sizes:
            data = os.urandom(size)
            out.sendto(data, sink.getsockname()[:2])
            try:
                if sink.recv(1 << 16) != data:
                    return f"corrupt at {size}"
            except TimeoutError:
                return f"lost at {size}"
    return ""


def _fold(data):
    """The internet checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def udp_frame(src, dst, version, port, payload, wrong):
    """A whole frame, its UDP checksum wrong on purpose or right."""
    ends = b"".join(socket.inet_pton(FAMILIES[version], end.addr[version])
                    for end in (src, dst))
    length = 8 + len(payload)
    pseudo = ends + (struct.pack(">xBH", 17, length) if version == 4 else
                     struct.pack(">I3xB", length, 17))
    head = struct.pack(">HHH", 9, port, length)
    csum = _fold(pseudo + head + b"\0\0" + payload) ^ (0x5A5A if wrong else 0)
    if version == 4:
        start = struct.pack(">BBHHHBB", 0x45, 0, 20 + length, 1, 0, 64, 17)
        net = start + struct.pack(">H", _fold(start + b"\0\0" + ends)) + ends
    else:
        net = struct.pack(">IHBB", 6 << 28, length, 17, 64) + ends
    macs = b"".join(bytes.fromhex(end.mac.replace(":", ""))
                    for end in (dst, src))
    kind = struct.pack(">H", {4: 0x0800, 6: 0x86DD}[version])
    return macs + kind + net + head + struct.pack(">H", csum) + payload


def broken(src, dst, version):
    """A frame with a wrong checksum, then a right one.

    Return: what is wrong, or "": only the right one was delivered.
    """
    with dst.socket(version, socket.SOCK_DGRAM) as sink:
        with src.inside():
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        with raw:
            raw.bind((src.ifname, 0))
            for wrong in (True, False):
                payload = b"wrong" if wrong else b"right"
                raw.send(udp_frame(src, dst, version, sink.getsockname()[1],
                                   payload.ljust(64, b"."), wrong))
        try:
            got = sink.recv(1 << 16)
        except TimeoutError:
            return "lost"
    return "" if got.startswith(b"right") else "delivered"

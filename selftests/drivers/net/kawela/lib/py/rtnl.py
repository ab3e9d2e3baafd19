# SPDX-License-Identifier: GPL-2.0

"""
What an administrator decides for VFs, in rtnetlink's own words: messages that
ip(8) can't send, and answers with errno, text, and every attribute.
"""

import os
import socket
import struct

from .sriov import errno_name

RTM_NEWLINK, RTM_GETLINK, RTM_SETLINK = 16, 18, 19
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLM_F_ACK_TLVS = 0x200
NLMSG_ERROR = 2
NLMSGERR_ATTR_MSG = 1
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11

IFLA_VFINFO_LIST, IFLA_EXT_MASK = 22, 29
IFLA_VF_INFO = 1
IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VF_TX_RATE, IFLA_VF_SPOOFCHK, \
    IFLA_VF_LINK_STATE, IFLA_VF_RATE, IFLA_VF_RSS_QUERY_EN, IFLA_VF_STATS, \
    IFLA_VF_TRUST = range(1, 10)
IFLA_VF_VLAN_LIST, IFLA_VF_VLAN_INFO = 12, 1

AUTO, ENABLE, DISABLE = range(3)
ETH_P_8021Q, ETH_P_8021AD = 0x8100, 0x88A8
_STATS = ("rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "broadcast",
          "multicast", None, "rx_dropped", "tx_dropped")


def attr(kind, data):
    """One attribute, padded."""
    return struct.pack("=HH", len(data) + 4, kind) + data + \
        b"\0" * (-len(data) % 4)


def attrs(data):
    """(kind, payload) of the attributes in data."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3:]


def _mac(text):
    return bytes.fromhex(text.replace(":", "")).ljust(32, b"\0")


def _vlan_info(vf, vlan, qos, proto):
    info = struct.pack("=III", vf, vlan, qos) + struct.pack(">H2x", proto)
    return attr(IFLA_VF_VLAN_LIST, attr(IFLA_VF_VLAN_INFO, info))


def _numbers(kind):
    return lambda vf, *args: attr(kind, struct.pack(f"={len(args) + 1}I",
                                                    vf, *args))


_ENCODE = {
    "mac": lambda vf, mac: attr(IFLA_VF_MAC, struct.pack("=I", vf) + _mac(mac)),
    "vlan": _numbers(IFLA_VF_VLAN),                 # VLAN, priority
    "vlan_list": _vlan_info,                        # VLAN, priority, protocol
    "tx_rate": _numbers(IFLA_VF_TX_RATE),           # what ip called rate once
    "rate": _numbers(IFLA_VF_RATE),                 # min, max
    "spoofchk": _numbers(IFLA_VF_SPOOFCHK),
    "state": _numbers(IFLA_VF_LINK_STATE),
    "rss_query": _numbers(IFLA_VF_RSS_QUERY_EN),
    "trust": _numbers(IFLA_VF_TRUST),
    "raw": lambda _vf, kind, data: attr(kind, data),
}


def _encode(vf, what):
    return attr(IFLA_VF_INFO, b"".join(
        _ENCODE[name](vf, *(args if isinstance(args, tuple) else (args,)))
        for name, args in what.items()))


def _decode(data):
    """One IFLA_VF_INFO."""
    out = {}
    for kind, val in attrs(data):
        if kind == IFLA_VF_STATS:
            out["stats"] = {_STATS[k]: struct.unpack("=Q", v)[0]
                            for k, v in attrs(val)
                            if k < len(_STATS) and _STATS[k]}
            continue
        if kind == IFLA_VF_MAC:
            out["vf"] = struct.unpack_from("=I", val)[0]
            out["mac"] = val[4:10].hex(":")
        elif kind == IFLA_VF_VLAN:
            out["vlan"] = struct.unpack_from("=II", val, 4)
        elif kind == IFLA_VF_VLAN_LIST:
            info = next(attrs(val))[1]
            out["proto"] = struct.unpack_from(">H", info, 12)[0]
        elif kind == IFLA_VF_RATE:
            out["rate"] = struct.unpack_from("=II", val, 4)
        elif kind in _FLAGS:
            out[_FLAGS[kind]] = struct.unpack_from("=I", val, 4)[0]
    return out


_FLAGS = {IFLA_VF_SPOOFCHK: "spoofchk", IFLA_VF_LINK_STATE: "state",
          IFLA_VF_TRUST: "trust", IFLA_VF_RSS_QUERY_EN: "rss_query"}

# What a VF has that nobody decided anything for
DEFAULT = {"mac": "00:00:00:00:00:00", "vlan": (0, 0), "proto": ETH_P_8021Q,
           "rate": (0, 0), "spoofchk": 1, "state": AUTO, "trust": 0}


class Policy:
    """The VFs of one PF."""

    def __init__(self, ifname):
        self._ifindex = socket.if_nametoindex(ifname)
        self._sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self._sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self._sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self._sock.settimeout(30)
        self._seq = 0
        self.text = ""      # what the kernel said to the last request

    def close(self):
        """Close its socket."""
        self._sock.close()

    def _talk(self, kind, payload):
        self._seq += 1
        body = struct.pack("=BxHiII", 0, 0, self._ifindex, 0, 0) + payload
        flags = NLM_F_REQUEST | (NLM_F_ACK if kind != RTM_GETLINK else 0)
        self._sock.send(struct.pack("=IHHII", 16 + len(body), kind, flags,
                                    self._seq, 0) + body)
        while True:
            answer = self._sock.recv(1 << 16)
            length, got, flags, seq, _ = struct.unpack_from("=IHHII", answer)
            if seq == self._seq:
                return got, flags, answer[16:length]

    def set_many(self, vfs, kind=RTM_SETLINK):
        """Change VFs in one message. VFS: (index, what) of each.

        Return: "" or the name of the errno.
        """
        infos = b"".join(_encode(vf, what) for vf, what in vfs)
        _, flags, data = self._talk(kind, attr(IFLA_VFINFO_LIST, infos))
        err = -struct.unpack_from("=i", data)[0]
        self.text = ""
        if flags & NLM_F_ACK_TLVS:
            for kind_, val in attrs(data[20:]):
                if kind_ == NLMSGERR_ATTR_MSG:
                    self.text = val.rstrip(b"\0").decode()
        return errno_name(err)

    def set(self, vf, **what):
        """Change one VF; WHAT is of _ENCODE. Return: "" or an errno's name."""
        return self.set_many([(vf, what)])

    def all(self):
        """Every VF: what is decided for it, and its counters."""
        got, _, data = self._talk(RTM_GETLINK, attr(IFLA_EXT_MASK,
                                                    struct.pack("=I", 1)))
        if got == NLMSG_ERROR:
            raise OSError(-struct.unpack_from("=i", data)[0],
                          os.strerror(-struct.unpack_from("=i", data)[0]))
        for kind, val in attrs(data[16:]):
            if kind == IFLA_VFINFO_LIST:
                return [_decode(info) for _, info in attrs(val)]
        return []

    def get(self, vf):
        """What is decided for one VF, without its counters."""
        got = self.all()[vf]
        return {name: got.get(name) for name in DEFAULT}

    def stats(self, vf):
        """Counters of one VF, or None where the driver has none."""
        return self.all()[vf].get("stats")

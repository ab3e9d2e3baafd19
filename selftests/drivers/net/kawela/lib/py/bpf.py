# SPDX-License-Identifier: GPL-2.0

"""
XDP programs of a few instructions, assembled here and loaded by bpf(2), so
that the tests need neither a compiler nor libbpf.
"""

import ctypes
import os
import socket
import struct

from net.lib.py import KsftSkipEx, cmd, defer, ip

ABORTED, DROP, PASS, TX, REDIRECT = range(5)
ETHERTYPE = 0x88b5                      # of all frames of the tests

_LIBC = ctypes.CDLL(None, use_errno=True)
_SYS_BPF = 321                          # x86-64
_MAP_CREATE, _MAP_LOOKUP, _MAP_UPDATE, _PROG_LOAD, _OBJ_PIN = 0, 1, 2, 5, 6
_MAP_TYPE_ARRAY, _MAP_TYPE_XSKMAP = 2, 17
_PROG_TYPE_XDP = 6
_F_XDP_HAS_FRAGS, _F_XDP_DEV_BOUND_ONLY = 1 << 5, 1 << 6
# Not below /sys, which `ip netns exec` covers with another
_PINS = "/run/kawela-bpf"
# Seconds for a change of the datapath on a busy machine
_PATIENCE = 60


def _bpf(command, attr):
    buf = ctypes.create_string_buffer(attr.ljust(144, b"\0"), 144)
    ret = _LIBC.syscall(_SYS_BPF, command, buf, 144)
    if ret < 0:
        err = ctypes.get_errno()
        raise OSError(err, f"bpf({command}): {os.strerror(err)}")
    return ret


def _insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", code, dst | src << 4, off, imm)


def _mov(dst, imm):
    return _insn(0xb7, dst, imm=imm)


def _call(helper):
    return _insn(0x85, imm=helper)


def _call_kfunc(number):
    return _insn(0x85, src=2, imm=number)


def _map(dst, fd):
    return _insn(0x18, dst, 1, 0, fd) + _insn(0)


_EXIT = _insn(0x95)


def _verdict(action):
    return _mov(0, action) + _EXIT


# r2 is the frame's begin behind this. Frames of the machine's own chatter pass.
_OURS = b"".join((
    _insn(0x61, 2, 1, 0),               # r2 = data
    _insn(0x61, 3, 1, 4),               # r3 = data_end
    _insn(0xbf, 4, 2),                  # r4 = r2
    _insn(0x07, 4, imm=14),             # r4 += 14
    _insn(0xbd, 4, 3, 2),               # if r4 <= r3 skip 2
    _verdict(ABORTED),
    _insn(0x69, 4, 2, 12),              # r4 = EtherType
    _insn(0x15, 4, 0, 2, socket.htons(ETHERTYPE)),
    _verdict(PASS)))


def verdict(action):
    """A program that does the same with every frame of the test."""
    return _OURS + _verdict(action)


def drop_all():
    """Nobody gets any frame."""
    return _verdict(DROP)


# Swap source and destination, so that a frame goes back to its sender
_SWAP = b"".join((
    _insn(0x61, 4, 2, 0), _insn(0x69, 5, 2, 4),
    _insn(0x61, 6, 2, 6), _insn(0x69, 7, 2, 10),
    _insn(0x63, 2, 6, 0), _insn(0x6b, 2, 7, 4),
    _insn(0x63, 2, 4, 6), _insn(0x6b, 2, 5, 10)))


def back():
    """XDP_TX to the sender."""
    return _OURS + _SWAP + _verdict(TX)


def back_through(ifindex):
    """To the sender, but through another interface."""
    return _OURS + _SWAP + _mov(1, ifindex) + _mov(2, 0) + _call(23) + _EXIT


def to_socket(table, otherwise=PASS):
    """Into the AF_XDP socket of the queue, if there is one."""
    return (_OURS + _insn(0x61, 2, 1, 16) +     # r2 = rx_queue_index
            _map(1, table) +
            _mov(3, otherwise) + _call(51) + _EXIT)


def move_head(delta):
    """bpf_xdp_adjust_head(), then XDP_PASS."""
    return _mov(2, delta) + _call(44) + _verdict(PASS)


def move_tail(delta, then):
    """bpf_xdp_adjust_tail(), then another program if that did it."""
    return (_insn(0xbf, 6, 1) + _OURS +         # r6 = the frame
            _insn(0xbf, 1, 6) + _mov(2, delta) + _call(65) +
            _insn(0x15, 0, 0, 2, 0) +           # if it worked skip 2
            _verdict(ABORTED) + _insn(0xbf, 1, 6) + then)


# Source of frames that metadata() looks at
MARKED = "02:4b:57:4c:00:01"

# What metadata() stores: results of three kfuncs and what they say
METADATA = struct.Struct("=iIIiHHi8xQ")


def metadata(table):
    """Ask for hash, VLAN tag and timestamp, keep them in a map and pass."""
    hash_of, vlan_tag, timestamp = _kfuncs("bpf_xdp_metadata_rx_hash",
                                           "bpf_xdp_metadata_rx_vlan_tag",
                                           "bpf_xdp_metadata_rx_timestamp")

    def ask(kfunc, result, *places):
        code = _insn(0xbf, 1, 6)
        for reg, place in enumerate(places, 2):
            code += _insn(0xbf, reg, 10) + _insn(0x07, reg, imm=place - 40)
        return code + _call_kfunc(kfunc) + _insn(0x63, 10, 0, result - 40)

    return b"".join((
        _insn(0xbf, 6, 1),                      # r6 = the frame
        _insn(0x61, 2, 1, 0), _insn(0x61, 3, 1, 4),
        _insn(0xbf, 4, 2), _insn(0x07, 4, imm=14),
        _insn(0xbd, 4, 3, 2), _verdict(PASS),   # if there are 14 octets skip 2
        _insn(0x61, 4, 2, 6), _insn(0x15, 4, 0, 2, 0x4c574b02),
        _verdict(PASS),
        *(_insn(0x7a, 10, 0, off, 0) for off in range(-48, 0, 8)),
        ask(hash_of, 0, 4, 8), ask(vlan_tag, 12, 16, 18),
        ask(timestamp, 20, 32),
        _map(1, table),
        _insn(0xbf, 2, 10), _insn(0x07, 2, imm=-48),    # key 0
        _insn(0xbf, 3, 10), _insn(0x07, 3, imm=-40),
        _mov(4, 0), _call(2), _verdict(PASS)))


# Octets behind the fixed part of a type of BTF, by kind: so many, or each entry
_BTF_EXTRA = {1: 4, 3: 12, 14: 4, 17: 4}
_BTF_EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}


def _kfuncs(*names):
    """Numbers of the kernel's functions of these names."""
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        raise KsftSkipEx("this kernel has no BTF")
    with open("/sys/kernel/btf/vmlinux", "rb") as f:
        btf = f.read()
    head, types, types_len, strings, _ = struct.unpack_from("=IIIII", btf, 4)
    wanted = {}
    for name in names:
        at = btf.index(b"\0" + name.encode() + b"\0", head + strings) + 1
        wanted[at - head - strings] = name
    found, number = {}, 1
    at, end = head + types, head + types + types_len
    unpack = struct.Struct("=II").unpack_from
    while at < end and len(found) < len(names):
        name, info = unpack(btf, at)
        kind = info >> 24 & 31
        if kind == 12 and name in wanted:
            found[wanted[name]] = number
        at += 12 + _BTF_EXTRA.get(kind, 0) + \
            _BTF_EACH.get(kind, 0) * (info & 0xffff)
        number += 1
    return [found[name] for name in names]


def array(size):
    """A map with one value of so many octets. Return: its descriptor."""
    return _bpf(_MAP_CREATE, struct.pack("<5I", _MAP_TYPE_ARRAY, 4, size, 1, 0))


def array_get(fd, size):
    """That value."""
    key, value = ctypes.c_uint32(0), ctypes.create_string_buffer(size)
    _bpf(_MAP_LOOKUP, struct.pack("<IxxxxQQQ", fd, ctypes.addressof(key),
                                  ctypes.addressof(value), 0))
    return value.raw


def xskmap(entries):
    """An XSKMAP. Return: its descriptor."""
    return _bpf(_MAP_CREATE, struct.pack("<5I", _MAP_TYPE_XSKMAP, 4, 4,
                                         entries, 0))


def xskmap_set(fd, queue, sock):
    """Put a socket into an XSKMAP."""
    key = ctypes.c_uint32(queue)
    value = ctypes.c_uint32(sock.fileno())
    _bpf(_MAP_UPDATE, struct.pack("<IxxxxQQQ", fd, ctypes.addressof(key),
                                  ctypes.addressof(value), 0))


def load(insns, frags=False, bound_to=0):
    """Load a program, for one interface only or for all. Return: descriptor."""
    code = ctypes.create_string_buffer(insns, len(insns))
    licence = ctypes.create_string_buffer(b"GPL")
    attr = struct.pack("<IIQQIIQII16sII", _PROG_TYPE_XDP, len(insns) // 8,
                       ctypes.addressof(code), ctypes.addressof(licence),
                       0, 0, 0, 0, (_F_XDP_HAS_FRAGS if frags else 0) |
                       (_F_XDP_DEV_BOUND_ONLY if bound_to else 0),
                       b"kawela", bound_to, 37)     # attach type: XDP
    return _bpf(_PROG_LOAD, attr)


def pin(fd, name):
    """Give a program a name in the file system. Return: its path."""
    os.makedirs(_PINS, exist_ok=True)
    if not os.path.ismount(_PINS):
        cmd(f"mount -t bpf bpf {_PINS}")
    path = f"{_PINS}/kawela-{name}"
    if os.path.exists(path):
        os.unlink(path)
    text = ctypes.create_string_buffer(path.encode())
    _bpf(_OBJ_PIN, struct.pack("<QII", ctypes.addressof(text), fd, 0))
    return path


_kept = {}      # descriptors, by program


def keep(insns, frags=False):
    """Until the case ends, one program for all who attach this one.

    An interface of its own holds it natively, so that attaching it elsewhere doesn't
    change the set of such programs: with that set the kernel changes its own code,
    which QEMU may get wrong under traffic (testing.rst).
    """
    ifname = f"kxdp{len(_kept)}"
    ip(f"link add {ifname} type veth peer name {ifname}p")
    defer(ip, f"link del {ifname}")
    _kept[insns, frags] = load(insns, frags)
    defer(lambda: os.close(_kept.pop((insns, frags))))
    attach(ifname, insns, frags)


def attach(ifname, insns, frags=False, bound=False):
    """Attach a program natively; replaces another."""
    if (insns, frags) in _kept:
        fd = os.dup(_kept[insns, frags])
    else:
        fd = load(insns, frags, socket.if_nametoindex(ifname) if bound else 0)
    path = pin(fd, ifname)
    try:
        cmd(f"ip -force link set dev {ifname} xdpdrv pinned {path}", timeout=_PATIENCE)
    finally:
        os.unlink(path)
        os.close(fd)


def detach(ifname):
    """Take the program away."""
    cmd(f"ip link set dev {ifname} xdpdrv off", timeout=_PATIENCE)


def attached(ifname, insns, frags=False, bound=False):
    """Attach a program until the case ends."""
    attach(ifname, insns, frags, bound)
    defer(detach, ifname)


def is_attached(ifname):
    """Is there a program?"""
    return "xdp" in ip(f"-d link show dev {ifname}", json=True)[0]

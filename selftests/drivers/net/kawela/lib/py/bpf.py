# SPDX-License-Identifier: GPL-2.0

"""
XDP programs of a few instructions, assembled here and loaded by bpf(2), so
that the tests need neither a compiler nor libbpf.
"""

import ctypes
import os
import socket
import struct

from net.lib.py import cmd, defer, ip

ABORTED, DROP, PASS, TX, REDIRECT = range(5)
ETHERTYPE = 0x88b5                      # of all frames of the tests

_LIBC = ctypes.CDLL(None, use_errno=True)
_SYS_BPF = 321                          # x86-64
_MAP_CREATE, _MAP_UPDATE, _PROG_LOAD, _OBJ_PIN = 0, 2, 5, 6
_MAP_TYPE_XSKMAP = 17
_PROG_TYPE_XDP = 6
_F_XDP_HAS_FRAGS = 1 << 5
_PINS = "/sys/fs/bpf"


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
            _insn(0x18, 1, 1, 0, table) + _insn(0) +
            _mov(3, otherwise) + _call(51) + _EXIT)


def move_head(delta):
    """bpf_xdp_adjust_head(), then XDP_PASS."""
    return _mov(2, delta) + _call(44) + _verdict(PASS)


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


def load(insns, frags=False):
    """Load a program. Return: its descriptor."""
    code = ctypes.create_string_buffer(insns, len(insns))
    licence = ctypes.create_string_buffer(b"GPL")
    attr = struct.pack("<IIQQIIQII16sII", _PROG_TYPE_XDP, len(insns) // 8,
                       ctypes.addressof(code), ctypes.addressof(licence),
                       0, 0, 0, 0, _F_XDP_HAS_FRAGS if frags else 0,
                       b"kawela", 0, 37)    # expected_attach_type: XDP
    return _bpf(_PROG_LOAD, attr)


def _pin(fd, name):
    path = f"{_PINS}/kawela-{name}"
    if os.path.exists(path):
        os.unlink(path)
    text = ctypes.create_string_buffer(path.encode())
    _bpf(_OBJ_PIN, struct.pack("<QII", ctypes.addressof(text), fd, 0))
    return path


def attach(ifname, insns, frags=False):
    """Attach a program natively; replaces another."""
    if not os.path.ismount(_PINS):
        cmd(f"mount -t bpf bpf {_PINS}")
    fd = load(insns, frags)
    path = _pin(fd, ifname)
    try:
        ip(f"-force link set dev {ifname} xdpdrv pinned {path}")
    finally:
        os.unlink(path)
        os.close(fd)


def detach(ifname):
    """Take the program away."""
    ip(f"link set dev {ifname} xdpdrv off")


def attached(ifname, insns, frags=False):
    """Attach a program until the case ends."""
    attach(ifname, insns, frags)
    defer(detach, ifname)


def is_attached(ifname):
    """Is there a program?"""
    return "xdp" in ip(f"-d link show dev {ifname}", json=True)[0]

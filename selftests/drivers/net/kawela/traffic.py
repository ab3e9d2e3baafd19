#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Frames of all sizes, and what is in them, between PF, VFs and the wire.

The receiving kernel verifies checksums in software: the remote end's interface
has no checksum offload, and where a VF or the PF receives, its offload is
switched off.
"""

import hashlib
import os
import re
import tempfile

from lib.py import CmdExitFailure, PfEnv, bkg, cmd, defer, ethtool, ip, \
    rand_port, until, wait_port_listen
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_raises, \
    ksft_run, ksft_variants

# Frame lengths without FCS; an ICMP echo has 42 octets of headers
SIZES = (60, 61, 62, 63, 64, 65, 66, 127, 128, 129, 255, 256, 257, 511, 512,
         513, 1023, 1024, 1025, 1280, 1500, 1512, 1513, 1514)
# Around the receive buffer's 3 KiB and its multiples, up to an MTU of 9000
JUMBO_SIZES = (1515, 2048, 3071, 3072, 3073, 4096, 6143, 6144, 6145, 9000,
               9013, 9014)
HEADERS = 14 + 20 + 8

PAIRS = (("pf", "wire"), ("wire", "pf"), ("vf", "wire"), ("wire", "vf"),
         ("vf", "pf"), ("pf", "vf"), ("vf", "vf2"))


class End:
    """One end of a conversation."""

    def __init__(self, name, ifname, ns, v4, v6):
        self.name = name
        self.ifname = ifname
        self.ns = ns
        self.v4 = v4
        self.v6 = v6

    def cmd(self, comm, **kwargs):
        """Run a command at this end."""
        return cmd(comm, ns=self.ns, **kwargs)

    def bkg(self, comm, **kwargs):
        """Run a command at this end in the background."""
        return bkg(comm, ns=self.ns, **kwargs)

    def mtu(self, mtu):
        """Change the MTU and wait for carrier."""
        ip(f"link set dev {self.ifname} mtu {mtu}", ns=self.ns)
        until(lambda: "LOWER_UP" in ip(f"link show dev {self.ifname}",
                                       ns=self.ns, json=True)[0]["flags"],
              what=f"carrier of {self.name}")

    def shell(self, script):
        """Run a bash script at this end. Return: its output."""
        where = ["ip", "netns", "exec", self.ns] if self.ns else []
        return cmd([*where, "bash", "-c", script], timeout=120).stdout

    def counters(self, *names):
        """Counters of this end's network stack."""
        out = self.cmd(f"nstat -asz {' '.join(names)}").stdout
        return dict(re.findall(r"^(\w+)\s+(\d+)", out, re.M))


def setup(cfg):
    """All ends, with two VFs in namespaces of their own."""
    vf, vf2 = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24", "2001:db8::10/64")
    vf2.enter("kvf1").up("192.0.2.11/24", "2001:db8::11/64")
    return {
        "pf": End("pf", cfg.ifname, None, cfg.addr_v["4"], cfg.addr_v["6"]),
        "wire": End("wire", cfg.remote_ifname, cfg.remote.name,
                    cfg.remote_addr_v["4"], cfg.remote_addr_v["6"]),
        "vf": End("vf", vf.ifname, "kvf0", "192.0.2.10", "2001:db8::10"),
        "vf2": End("vf2", vf2.ifname, "kvf1", "192.0.2.11", "2001:db8::11"),
    }


def _verify_in_software(end):
    """Let the stack, not the device, look at checksums of received frames."""
    if end.name != "wire":
        ethtool(f"-K {end.ifname} rx off", ns=end.ns)
        defer(ethtool, f"-K {end.ifname} rx on", ns=end.ns)


def _ping_sizes(src, dst, lengths):
    """One echo of each size, with a payload that ping compares."""
    out = src.shell("; ".join(
        f"ping -q -c 1 -W 2 -M do -p a5c3 -s {size - HEADERS} {dst.v4} "
        f"> /dev/null || echo {size}" for size in lengths))
    ksft_eq(out.split(), [], f"sizes lost from {src.name} to {dst.name}")


def _send_and_compare(src, dst, proto, size, pieces):
    """Send random octets in so many pieces; the far side must have the same."""
    addr = f"[{dst.v6}]" if proto.endswith("6") else dst.v4
    port = rand_port()
    with tempfile.TemporaryDirectory() as tmp:
        data = os.urandom(size)
        with open(f"{tmp}/sent", "wb") as f:
            f.write(data)
        flags = "reuseaddr" if proto.startswith("TCP") else "rcvbuf=4194304"
        listen = f"{proto}-" + ("LISTEN" if proto.startswith("TCP") else "RECV")
        with dst.bkg(f"socat -u {listen}:{port},{flags} "
                     f"OPEN:{tmp}/got,creat,trunc"):
            wait_port_listen(port, proto=proto[:3].lower(), ns=dst.ns)
            step = size // pieces
            src.shell("; ".join(
                f"tail -c +{i * step + 1} {tmp}/sent | head -c {step} | "
                f"socat -u -b {step} - {proto}:{addr}:{port}"
                for i in range(pieces)))
            until(lambda: os.path.getsize(f"{tmp}/got") == size,
                  what=f"{size} octets at {dst.name}")
        with open(f"{tmp}/got", "rb") as f:
            ksft_eq(hashlib.sha256(f.read()).hexdigest(),
                    hashlib.sha256(data).hexdigest(), f"{proto} content")


def _set_mtu(end, mtu):
    """Change the MTU, until the case ends; not every driver keeps its link."""
    end.mtu(mtu)
    if end.name in ("pf", "wire"):
        defer(end.mtu, 1500)


def _no_checksum_errors(end):
    """Remember the error counters; return a check that they didn't move."""
    names = ("TcpInCsumErrors", "UdpInCsumErrors", "IcmpInCsumErrors",
             "Udp6InCsumErrors", "IpInHdrErrors")
    before = end.counters(*names)

    def check():
        ksft_eq(end.counters(*names), before, f"checksum errors at {end.name}")
    return check


@ksft_variants(PAIRS)
@ksft_disruptive
def sizes(cfg, src, dst) -> None:
    """Echoes of 60 to 1514 octets arrive, and so do their answers."""
    ends = setup(cfg)
    check = _no_checksum_errors(ends[dst])
    _verify_in_software(ends[dst])
    _ping_sizes(ends[src], ends[dst], SIZES)
    check()


@ksft_variants(PAIRS)
@ksft_disruptive
def jumbo(cfg, src, dst) -> None:
    """The same up to 9014 octets with an MTU of 9000, and nothing longer."""
    ends = setup(cfg)
    for name in (src, dst):
        _set_mtu(ends[name], 9000)
    check = _no_checksum_errors(ends[dst])
    _verify_in_software(ends[dst])
    _ping_sizes(ends[src], ends[dst], JUMBO_SIZES)
    check()


@ksft_variants(PAIRS)
@ksft_disruptive
def content(cfg, src, dst) -> None:
    """TCP and UDP over IPv4 and IPv6 carry what was sent, offloads on."""
    ends = setup(cfg)
    check = _no_checksum_errors(ends[dst])
    _verify_in_software(ends[dst])
    for proto in ("TCP4", "TCP6"):
        _send_and_compare(ends[src], ends[dst], proto, 2 * 1024 * 1024, 1)
    for proto in ("UDP4", "UDP6"):
        _send_and_compare(ends[src], ends[dst], proto, 10 * 1400, 10)
    check()


@ksft_disruptive
def too_long(cfg) -> None:
    """A VF with the usual MTU doesn't get frames that are longer than it asked."""
    ends = setup(cfg)
    for name in ("pf", "wire"):
        _set_mtu(ends[name], 4000)
    _ping_sizes(ends["wire"], ends["pf"], (4000,))
    with ksft_raises(CmdExitFailure):
        ends["wire"].cmd(f"ping -q -c 2 -i 0.2 -W 1 -M do -s 3000 "
                         f"{ends['vf'].v4}")
    _ping_sizes(ends["wire"], ends["vf"], (1514,))


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([sizes, jumbo, content, too_long], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0

"""
Senders that go on whatever happens to the interfaces below them: packet sockets,
a connected socket, the kernel's packet generator, XDP redirect, netconsole, and
the link partner. Slow enough that others have the processor, too.
"""

import os
import socket
import subprocess
import threading
from pathlib import Path

from net.lib.py import NetNSEnter, cmd, ip, ksft_pr

from . import bpf
from .wait import SLOW, until

# Seconds until a sender has ended
_PATIENCE = 60 * SLOW
_SOL_PACKET, _QDISC_BYPASS = 263, 20
_PKTGEN = Path("/proc/net/pktgen")
_NETCONSOLE = Path("/sys/kernel/config/netconsole/races")
_TEST = bytes.fromhex("ffffffffffff" + "020000000630") + \
    bpf.ETHERTYPE.to_bytes(2, "big")


class Flood:
    """Repeats burst() in a thread. Errors are what happens below."""

    PAUSE = 0.02

    def __init__(self):
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.bursts = 0

    def start(self):
        """Begin."""
        self._thread.start()
        return self

    def stop(self, deadline):
        """End. Return: whether it ended in time."""
        self._over.set()
        self._thread.join(deadline)
        return not self._thread.is_alive()

    def burst(self):
        """Some frames."""
        raise NotImplementedError

    def renew(self):
        """After an error: let go of what has gone."""

    def _run(self):
        while not self._over.wait(self.PAUSE * SLOW):
            try:
                self.burst()
                self.bursts += 1
            except OSError:
                try:
                    self.renew()
                except OSError:
                    pass


class Packets(Flood):
    """Frames through a packet socket, around the qdisc or through it."""

    def __init__(self, ifname, bypass, ns=None):
        super().__init__()
        self._ifname, self._bypass, self._ns = ifname, bypass, ns
        self._sock = None

    def renew(self):
        if self._sock:
            self._sock.close()
            self._sock = None

    def _open(self):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sock.setsockopt(_SOL_PACKET, _QDISC_BYPASS, int(self._bypass))
        sock.settimeout(1)
        sock.bind((self._ifname, 0))
        return sock

    def burst(self):
        if not self._sock:
            if self._ns:
                with NetNSEnter(self._ns):
                    self._sock = self._open()
            else:
                self._sock = self._open()
        for size in (60, 1514, 60, 300) * 4:
            self._sock.send(_TEST.ljust(size, b"."))


class Connected(Flood):
    """Datagrams of a connected socket, which remembers its queue."""

    def __init__(self, addr):
        super().__init__()
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.connect((addr, 9))

    def burst(self):
        for _ in range(16):
            self._sock.send(b"." * 1000)


class Pktgen(Flood):
    """The kernel's packet generator, over all queues at random."""

    PAUSE = 0.1

    def __init__(self, number, ifnames):
        super().__init__()
        self._thread_file = _PKTGEN / f"kpktgend_{number}"
        self._number = number
        self._ifnames = ifnames         # called for the names of the day
        cmd("modprobe pktgen")

    def _write(self, path, text):
        path.write_text(text + "\n", encoding="ascii")

    def burst(self):
        names = self._ifnames()
        self._write(self._thread_file, "rem_device_all")
        for name in names[self._number::os.cpu_count()]:
            dev = f"{name}@{self._number}"
            self._write(self._thread_file, f"add_device {dev}")
            for text in ("count 300", "delay 1000000", "pkt_size 60",
                         "dst_mac 02:00:00:00:06:31", "flag QUEUE_MAP_RND",
                         "queue_map_min 0", "queue_map_max 7"):
                self._write(_PKTGEN / dev, text)
        if self._number == 0:
            self._write(_PKTGEN / "pgctrl", "start")


class Redirect(Flood):
    """Frames that a program redirects from a veth into an interface."""

    def __init__(self, ifname):
        super().__init__()
        self._target = ifname
        self._index = 0
        ip("link add kvr0 type veth peer name kvr1")
        for name in ("kvr0", "kvr1"):
            ip(f"link set dev {name} up")
        self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self._sock.bind(("kvr1", 0))

    def burst(self):
        index = socket.if_nametoindex(self._target)
        if index != self._index:
            bpf.attach("kvr0", bpf.back_through(index))
            self._index = index
        for _ in range(16):
            self._sock.send(_TEST.ljust(60, b"."))

    def stop(self, deadline):
        ended = super().stop(deadline)
        self._sock.close()
        cmd("ip link del kvr0", fail=False, timeout=_PATIENCE)
        return ended


class Netconsole(Flood):
    """Messages of the kernel by netconsole."""

    PAUSE = 0.2

    def __init__(self, ifname, local, remote, remote_mac):
        super().__init__()
        cmd("modprobe netconsole")
        if not Path("/sys/kernel/config/netconsole").exists():
            cmd("mount -t configfs configfs /sys/kernel/config")
        _NETCONSOLE.mkdir(exist_ok=True)
        for name, value in (("dev_name", ifname), ("local_ip", local),
                            ("remote_ip", remote), ("remote_mac", remote_mac)):
            self._set(name, value)

    @staticmethod
    def _set(name, value):
        (_NETCONSOLE / name).write_text(value + "\n", encoding="ascii")

    def burst(self):
        if (_NETCONSOLE / "enabled").read_text(encoding="ascii").strip() != "1":
            self._set("enabled", "1")
        for _ in range(4):
            Path("/dev/kmsg").write_text("<3>races: a line for netconsole",
                                         encoding="ascii")

    def stop(self, deadline):
        ended = super().stop(deadline)
        try:
            self._set("enabled", "0")
        except OSError:
            pass
        _NETCONSOLE.rmdir()
        cmd("modprobe -r netconsole", fail=False, timeout=_PATIENCE)
        return ended


class Floods:
    """All of them; context manager."""

    def __init__(self, cfg, vf_names):
        pf = cfg.ifname

        def names():
            return [name for name in [pf] + vf_names()
                    if os.path.exists(f"/sys/class/net/{name}")]
        self._floods = [
            Packets(pf, True), Packets(pf, False), _VfPackets(vf_names),
            Packets(cfg.remote_ifname, False, cfg.remote.name),
            Connected(cfg.remote_addr_v["4"]), Redirect(pf),
            Netconsole(pf, cfg.addr_v["4"], cfg.remote_addr_v["4"],
                      cfg.remote_mac)]
        self._floods += [Pktgen(i, names) for i in reversed(range(os.cpu_count()))]

    def __enter__(self):
        for flood in self._floods:
            flood.start()
        return self

    def __exit__(self, *_):
        """End all, also those behind one that doesn't end."""
        late = []
        for flood in self._floods:
            try:
                ended = flood.stop(_PATIENCE)
            except (OSError, subprocess.TimeoutExpired) as err:
                ended = False
                ksft_pr(f"{type(flood).__name__}: {err}")
            if not ended:
                late.append(type(flood).__name__)
        if late:
            raise TimeoutError(f"these senders hang: {late}")

    def at_work(self, deadline):
        """Wait until each has sent something; the interfaces are up."""
        until(lambda: all(flood.bursts for flood in self._floods), deadline,
              "a burst of each sender")

    def counts(self):
        """Bursts of each kind."""
        counts = {}
        for flood in self._floods:
            name = type(flood).__name__
            counts[name] = counts.get(name, 0) + flood.bursts
        return counts


class _VfPackets(Packets):
    """Through the first VF that is there."""

    def __init__(self, vf_names):
        super().__init__(None, True)
        self._vf_names = vf_names

    def renew(self):
        super().renew()
        names = self._vf_names()
        self._ifname = names[0] if names else None

    def burst(self):
        if not self._ifname:
            raise OSError
        super().burst()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Queues of the PF and of VFs: how many, what goes into which, how often they
interrupt; each refusal with its reason, and each choice kept over whatever
happens to the rings.
"""

import ipaddress
import re

from lib.py import EthtoolFamily, NetdevFamily, PfEnv, RINGS, bkg, cmd, \
    defer, ethtool, ip
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_gt, \
    ksft_in, ksft_run, ksft_true, ksft_variants, until

FRAMES = 40
BUCKETS = 128
# The key of the specification's test vectors
KEY = bytes.fromhex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b4"
                    "77cb2da38030f20c6a42b73bbeac01fa")

# Sent by the remote end: so many UDP frames from each of these ports
SENDER = """
import socket, sys
addr, count, *ports = sys.argv[1:]
family = socket.AF_INET6 if ":" in addr else socket.AF_INET
for port in ports:
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.bind(("", int(port)))
        for _ in range(int(count)):
            s.sendto(b"q", (addr, 9))
"""


def refused(comm, *reasons):
    """A command fails, and says why."""
    out = cmd(comm, fail=False)
    ksft_true(out.ret, f"accepted: {comm}")
    for reason in reasons:
        ksft_in(reason, out.stderr + out.stdout)


def combined(cfg, ifname=None):
    """Queue pairs: how many there are and may be."""
    chans = cfg.ethnl.channels_get({"header": {"dev-name":
                                               ifname or cfg.ifname}})
    return chans["combined-count"], chans["combined-max"]


def set_combined(cfg, n):
    """Change the number of queue pairs, until the case ends."""
    before = combined(cfg)[0]
    ethtool(f"-L {cfg.ifname} combined {n}")
    defer(ethtool, f"-L {cfg.ifname} combined {before}")


def rows(cfg):
    """How many counters ethtool -S has: ethtool asks for number and values in turn."""
    return len(ethtool(f"-S {cfg.ifname}").stdout.splitlines())


def table(cfg):
    """Queue of each bucket, and the key."""
    out = ethtool(f"-x {cfg.ifname}", json=True)[0]
    return out["rss-indirection-table"], bytes(out["rss-hash-key"])


def received(cfg):
    """Frames received by each queue."""
    stats = cfg.netnl.qstats_get({"ifindex": cfg.ifindex, "scope": ["queue"]},
                                 dump=True)
    return {q["queue-id"]: q["rx-packets"] for q in stats
            if q["queue-type"] == "rx"}


def send(cfg, addr, count, *ports):
    """Have the remote end send so many frames from each of these ports."""
    cmd(["ip", "netns", "exec", cfg.remote.name, "python3", "-c", SENDER, addr,
         *(str(word) for word in (count, *ports))], timeout=30)


def queues_hit(cfg, ports, ipver="4"):
    """Queues that frames from these ports arrive in."""
    before = received(cfg)
    send(cfg, cfg.addr_v[ipver], FRAMES, *ports)
    want = sum(before.values()) + FRAMES * len(ports)
    until(lambda: sum(received(cfg).values()) >= want, what="all frames")
    after = received(cfg)
    return {q for q in after if after[q] - before.get(q, 0) >= FRAMES // 2}


def toeplitz(data, key=KEY):
    """The hash of receive side scaling."""
    window = int.from_bytes(key, "big")
    result = 0
    for i in range(8 * len(data)):
        if data[i // 8] & 0x80 >> i % 8:
            result ^= window >> (8 * len(key) - 32 - i) & 0xffffffff
    return result


def bucket(cfg, port, ipver, ports):
    """Bucket of a frame from the remote end's port, hashed with ports or not."""
    data = ipaddress.ip_address(cfg.remote_addr_v[ipver]).packed + \
        ipaddress.ip_address(cfg.addr_v[ipver]).packed
    if ports:
        data += port.to_bytes(2, "big") + (9).to_bytes(2, "big")
    return toeplitz(data) % BUCKETS


def hash_fields(cfg, flow, fields=None):
    """Change what is hashed, or say it."""
    if fields:
        ethtool(f"-N {cfg.ifname} rx-flow-hash {flow} {fields}")
    out = ethtool(f"-n {cfg.ifname} rx-flow-hash {flow}").stdout
    return "L4 bytes 0 & 1" in out


def reset(cfg):
    """Reset the PF and wait for its link."""
    ethtool(f"--reset {cfg.ifname} irq dma filter offload mac phy")
    until(lambda: "LOWER_UP" in cfg.link()["flags"], 10, "carrier")


@ksft_disruptive
def channels(cfg) -> None:
    """Queue pairs from 1 to 8 while frames flow; others are refused."""
    cfg.sriov.fresh(0)
    napi = cfg.netnl.queue_get({"ifindex": cfg.ifindex, "id": 0,
                                "type": "rx"})["napi-id"]
    most, counters = combined(cfg)[1], rows(cfg)
    ksft_eq(most, 8)
    for n in (1, most, 3):
        set_combined(cfg, n)
        ksft_eq(combined(cfg)[0], n)
        ksft_eq(len(received(cfg)), n)
        ksft_eq(rows(cfg), counters)
        cfg.ping_remote(count=2)
        ksft_eq(cfg.netnl.queue_get({"ifindex": cfg.ifindex, "id": 0,
                                     "type": "rx"})["napi-id"], napi)
    for bad in ("combined 9", "combined 0", "rx 1", "combined 2 tx 1"):
        refused(f"ethtool -L {cfg.ifname} {bad}")
        ksft_eq(combined(cfg)[0], 3)
    queues = {(q["type"], q["id"]): q for q in
              cfg.netnl.queue_get({"ifindex": cfg.ifindex}, dump=True)}
    napis = {n["id"]: n for n in
             cfg.netnl.napi_get({"ifindex": cfg.ifindex}, dump=True)}
    for i in range(3):
        ksft_eq(queues["rx", i]["napi-id"], queues["tx", i]["napi-id"])
        ksft_gt(napis[queues["rx", i]["napi-id"]]["irq"], 0)


@ksft_disruptive
def channels_with_vfs(cfg) -> None:
    """VFs leave the PF one queue pair; the number chosen before comes back."""
    cfg.sriov.fresh(0)
    counters = rows(cfg)
    set_combined(cfg, 5)
    cfg.sriov.set(2)
    ksft_eq(combined(cfg), (1, 1))
    ksft_eq(rows(cfg), counters)
    refused(f"ethtool -L {cfg.ifname} combined 2")
    reset(cfg)
    cfg.ping_remote()
    ksft_eq(rows(cfg), counters)
    cfg.sriov.set(0)
    ksft_eq(combined(cfg), (5, 8))
    ksft_eq(rows(cfg), counters)
    cfg.ping_remote()


@ksft_disruptive
def rss_table(cfg) -> None:
    """Frames go where key and table say."""
    cfg.sriov.fresh(0)
    set_combined(cfg, 4)
    defer(ethtool, f"-X {cfg.ifname} default")
    ethtool(f"-X {cfg.ifname} hkey {KEY.hex(':')} equal 4")
    ksft_eq(table(cfg), ([i % 4 for i in range(BUCKETS)], KEY))
    for ipver, flow in (("4", "udp4"), ("6", "udp6")):
        defer(hash_fields, cfg, flow, "sd")
        for ports in (False, True):
            ksft_eq(hash_fields(cfg, flow, "sdfn" if ports else "sd"), ports)
            for port in range(5000, 5004):
                ksft_eq(queues_hit(cfg, [port], ipver),
                        {bucket(cfg, port, ipver, ports) % 4},
                        f"queue of {flow} port {port}")
    ethtool(f"-X {cfg.ifname} weight 0 1 0 1")
    ksft_true(queues_hit(cfg, range(5000, 5010)) <= {1, 3})
    ethtool(f"-X {cfg.ifname} start 2 equal 1")
    ksft_eq(queues_hit(cfg, [5000, 5001, 5002]), {2})


@ksft_disruptive
def rss_kept(cfg) -> None:
    """Key, table and fields are kept over everything."""
    cfg.sriov.fresh(0)
    set_combined(cfg, 4)
    defer(ethtool, f"-X {cfg.ifname} default")
    defer(hash_fields, cfg, "udp4", "sd")
    defer(ethtool, f"-G {cfg.ifname} {RINGS}")
    ethtool(f"-X {cfg.ifname} hkey {KEY.hex(':')} weight 0 1 1 2")
    hash_fields(cfg, "udp4", "sdfn")
    chosen = table(cfg)
    flow = next(port for port in range(5000, 6000)
                if chosen[0][bucket(cfg, port, "4", True)] == 3)
    for change in (lambda: ethtool(f"-G {cfg.ifname} rx 128"),
                   lambda: ethtool(f"-L {cfg.ifname} combined 6"),
                   lambda: reset(cfg),
                   lambda: (cfg.pf_down(), cfg.pf_up()),
                   lambda: (cfg.sriov.set(2), cfg.sriov.set(0))):
        change()
        ksft_eq(table(cfg), chosen)
        ksft_true(hash_fields(cfg, "udp4"))
        ksft_eq(queues_hit(cfg, [flow]), {3})
    # Fewer queues than the table names would lose the choice
    refused(f"ethtool -L {cfg.ifname} combined 3", "indirection")
    ksft_eq((combined(cfg)[0], table(cfg)), (6, chosen))
    cfg.sriov.set(2)
    ksft_eq(table(cfg), ([0] * BUCKETS, KEY))
    refused(f"ethtool -X {cfg.ifname} equal 2")
    cfg.ping_remote()
    cfg.sriov.set(0)
    ksft_eq(table(cfg), chosen)
    ethtool(f"-X {cfg.ifname} default")
    ethtool(f"-L {cfg.ifname} combined 2")
    ksft_eq(table(cfg)[0], [i % 2 for i in range(BUCKETS)])
    ethtool(f"-L {cfg.ifname} combined 3")
    ksft_eq(table(cfg)[0], [i % 3 for i in range(BUCKETS)])


@ksft_disruptive
def rss_refused(cfg) -> None:
    """What the device can't spread by is refused, and nothing changes."""
    cfg.sriov.fresh(0)
    set_combined(cfg, 4)
    before = table(cfg)
    refused(f"ethtool -X {cfg.ifname} equal 5")
    refused(f"ethtool -X {cfg.ifname} hfunc xor")
    refused(f"ethtool -X {cfg.ifname} hkey {KEY[:-1].hex(':')}")
    ksft_eq(table(cfg), before)
    # ethtool changes fields by ioctl, which carries no reason
    for flow, fields in (("tcp4", "sdf"), ("tcp4", "v"), ("udp6", "m"),
                         ("sctp4", "sdfn"), ("udp4", "s")):
        refused(f"ethtool -N {cfg.ifname} rx-flow-hash {flow} {fields}")
    ksft_true(hash_fields(cfg, "tcp4") and not hash_fields(cfg, "sctp4"))
    for flow in ("tcp4", "tcp6"):
        ksft_true(not hash_fields(cfg, flow, "sd"))
        ksft_true(hash_fields(cfg, flow, "sdfn"))


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def coalesce(cfg, end) -> None:
    """Moderation is kept as chosen, over everything; adaptive by default."""
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    ifname = cfg.ifname if end == "pf" else vf.ifname

    def shown():
        out = ethtool(f"-c {ifname}", json=True)[0]
        return out["adaptive-rx"], out["rx-usecs"]
    ksft_eq(shown(), (True, 50))
    defer(ethtool, f"-C {ifname} adaptive-rx on")
    defer(ethtool, f"-C {ifname} adaptive-rx off rx-usecs 50")
    for usecs in (0, 8191, 100):
        ethtool(f"-C {ifname} adaptive-rx off rx-usecs {usecs}")
        ksft_eq(shown(), (False, usecs))
        ethtool(f"-G {ifname} rx {128 + usecs % 64 // 8 * 8}")
        ksft_eq(shown(), (False, usecs))
        cfg.ping_remote()
    for bad in ("rx-usecs 8192", "tx-usecs 5", "rx-frames 5", "adaptive-tx on"):
        refused(f"ethtool -C {ifname} {bad}")
        ksft_eq(shown(), (False, 100))
    refused(f"ethtool -C {ifname} rx-usecs 8192", "8191")
    ethtool(f"-C {ifname} adaptive-rx on")
    ksft_eq(shown(), (True, 100))
    # What NetworkManager does: kept, and said when it takes effect
    said = ethtool(f"-C {ifname} rx-usecs 30")
    ksft_in("when adaptive-rx is switched off", said.stderr + said.stdout)
    ksft_eq(shown(), (True, 30))
    refused(f"ethtool -C {ifname} rx-usecs 8192", "8191")
    ksft_eq(shown(), (True, 30))
    ethtool(f"-C {ifname} adaptive-rx off")
    ksft_eq(shown(), (False, 30))
    ethtool(f"-G {ifname} {RINGS}")


@ksft_disruptive
def coalesce_per_queue(cfg) -> None:
    """Each queue pair has its own choice."""
    cfg.sriov.fresh(0)
    set_combined(cfg, 3)
    defer(ethtool, f"-C {cfg.ifname} adaptive-rx on")
    defer(ethtool, f"-C {cfg.ifname} adaptive-rx off rx-usecs 50")
    ethtool(f"-Q {cfg.ifname} queue_mask 0x2 --coalesce adaptive-rx off "
            "rx-usecs 333")
    out = ethtool(f"-Q {cfg.ifname} queue_mask 0x7 --show-coalesce").stdout
    ksft_eq(re.findall(r"rx-usecs:\s+(\d+)", out), ["50", "333", "50"])
    refused(f"ethtool -Q {cfg.ifname} queue_mask 0x8 --show-coalesce")
    cfg.ping_remote()


def _interrupts(cfg):
    """Interrupts of the PF's queues so far."""
    with open("/proc/interrupts", encoding="utf-8") as f:
        return sum(sum(int(n) for n in line.split()[1:] if n.isdigit())
                   for line in f if f"{cfg.ifname}-TxRx-" in line)


@ksft_disruptive
def adaptive(cfg) -> None:
    """Under load a queue interrupts less than without moderation."""
    cfg.sriov.fresh(0)
    set_combined(cfg, 1)
    defer(ethtool, f"-C {cfg.ifname} adaptive-rx on")
    defer(ethtool, f"-C {cfg.ifname} adaptive-rx off rx-usecs 50")

    def rate():
        """Interrupts for each frame."""
        # More frames than may wait for an address: so it is known before
        cfg.ping_remote()
        before = _interrupts(cfg)
        count = sum(received(cfg).values())
        send(cfg, cfg.addr_v["4"], 4000, 5000)
        # Its answer comes behind them all. A busy machine drops some: the emulated
        # device drops what has no buffer when the driver gives it some
        cfg.ping_remote()
        count = sum(received(cfg).values()) - count
        ksft_gt(count, 400, "frames")
        return (_interrupts(cfg) - before) / count
    ethtool(f"-C {cfg.ifname} adaptive-rx off rx-usecs 0")
    without = rate()
    ethtool(f"-C {cfg.ifname} adaptive-rx on")
    # On a busy machine the sender pauses, which looks like the end of the load
    until(lambda: 2 * rate() < without, 30,
          f"half of {without:.2f} interrupts a frame")


@ksft_disruptive
def hw_counters(cfg) -> None:
    """What the device counts, as standard groups and its own; never backwards."""
    cfg.sriov.fresh(0)

    def groups():
        out = ethtool(f"-S {cfg.ifname} --groups eth-mac eth-phy rmon",
                      json=True)[0]
        own = ethtool(f"-S {cfg.ifname}").stdout
        ksft_in("rx_missed: ", own)
        ksft_in("rx_no_buffer: ", own)
        mac = out["eth-mac"]
        return {**mac, "long": out["rmon"]["rx-pktsNtoM"][-1]["val"]}
    last = groups()
    ksft_in("FrameCheckSequenceErrors", last)
    for change in (lambda: None, lambda: reset(cfg),
                   lambda: (cfg.sriov.set(1), cfg.sriov.set(0))):
        cfg.ping_remote(count=5, size=1200)
        change()
        now = groups()
        for name in ("FramesReceivedOK", "FramesTransmittedOK", "long"):
            ksft_ge(now[name], last[name] + 5, name)
        for name in ("OctetsReceivedOK", "OctetsTransmittedOK"):
            ksft_ge(now[name], last[name] + 5 * 1200, name)
        ksft_true(all(now[name] >= last[name] for name in last), "backwards")
        last = now


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def ring_restart(cfg, end) -> None:
    """Receive rings are replaced one by one; NAPI stays, nothing else notices."""
    vf = cfg.sriov.fresh(1 if end == "vf" else 0)
    if end == "pf":
        set_combined(cfg, 4)
        index = cfg.ifindex
    else:
        vf[0].up("192.0.2.10/24")
        index = vf[0].link()["ifindex"]
    ifname = cfg.ifname if end == "pf" else vf[0].ifname

    def pools():
        found = [p for p in cfg.netnl.page_pool_get({}, dump=True)
                 if p.get("ifindex") == index and "detach-time" not in p]
        return {p["id"] for p in found}, {p.get("napi-id") for p in found}
    before, napis = pools()
    ksft_eq(len(before), 4 if end == "pf" else 1)
    with bkg(f"ping -q -c 100 -i 0.01 -W 2 -I {ifname} "
             f"{cfg.remote_addr_v['4']}", exit_wait=True) as ping:
        for _ in range(3):
            ethtool(f"--reset {ifname} dma")
    ksft_ge(int(re.search(r"(\d+) received", ping.stdout)[1]), 90)
    until(lambda: len(pools()[0]) == len(before), what="old pools to go")
    after = pools()
    ksft_true(not before & after[0], "rings are the old ones")
    ksft_eq(after[1], napis)
    if end == "vf":
        refused(f"ethtool --reset {ifname} mac")


@ksft_disruptive
def vf_queues(cfg) -> None:
    """A VF says how many queues it has, and takes no more."""
    vf = cfg.sriov.fresh(1)[0]
    vf.up()
    now, most = combined(cfg, vf.ifname)
    ksft_eq(now, 1)
    refused(f"ethtool -L {vf.ifname} combined {most + 1}")
    ksft_eq(combined(cfg, vf.ifname), (now, most))
    ksft_in("1 RX rings", cmd(f"ethtool -n {vf.ifname}", fail=False).stdout)


@ksft_disruptive
def vf_undisturbed(cfg) -> None:
    """A VF's frames and mailbox don't notice what happens to the PF's rings."""
    vf = cfg.sriov.fresh(1)[0]
    vf.enter("kvf0").up("192.0.2.10/24")
    defer(ethtool, f"-G {cfg.ifname} {RINGS}")
    defer(ethtool, f"-C {cfg.ifname} adaptive-rx on")
    defer(ethtool, f"-C {cfg.ifname} adaptive-rx off rx-usecs 50")
    cmd(f"ping -q -c 1 -W 2 {cfg.remote_addr_v['4']}", ns="kvf0")
    with bkg(f"ping -q -c 300 -i 0.01 -W 2 {cfg.remote_addr_v['4']}",
             ns="kvf0", exit_wait=True) as ping:
        for rx in (64, 4096, 128, 512):
            ethtool(f"-G {cfg.ifname} rx {rx}")
            ethtool(f"-C {cfg.ifname} adaptive-rx off rx-usecs {rx}")
            ethtool(f"-X {cfg.ifname} hkey {KEY.hex(':')}")
            ip(f"link set dev {vf.ifname} mtu {1400 + rx % 100}", ns="kvf0")
    ksft_eq(re.search(r"(\d+) received", ping.stdout)[1], "300")


@ksft_disruptive
def hash_of_pools(cfg) -> None:
    """Where the device hashes no frames of pools, nobody is told that it does."""
    def offered(ifname):
        out = ethtool(f"-k {ifname}", json=True)[0]["receive-hashing"]
        return out["active"]
    ksft_eq(offered(cfg.ifname), True, "PF alone")
    vf = cfg.sriov.fresh(1)[0]
    hashed = not cfg.sriov.emulated
    ksft_eq(offered(vf.ifname), hashed, "VF")
    ksft_eq(offered(cfg.ifname), hashed, "PF with a VF")
    cfg.sriov.set(0)
    ksft_eq(offered(cfg.ifname), True, "PF alone again")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        cfg.ethnl = EthtoolFamily()
        cfg.netnl = NetdevFamily()
        ksft_run([channels, channels_with_vfs, rss_table, rss_kept,
                  rss_refused, coalesce, coalesce_per_queue, adaptive,
                  hw_counters, ring_restart, hash_of_pools, vf_queues,
                  vf_undisturbed], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

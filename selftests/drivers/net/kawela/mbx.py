#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
The mailbox as a guest may use it that obeys nothing: registers of a VF without
driver, written by hand.
"""

import re
import time

from lib.py import EthtoolFamily, NlError, PfEnv, Vf, cmd, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_ge, ksft_lt, \
    ksft_pr, ksft_run, ksft_true
from lib.py import rawvf
from lib.py.pfregs import PfRegs, vf_state
from lib.py.rawvf import ACK, CTS, GET_RSS, NACK, PF_CONTROL, RESET, SET_LPE, \
    SET_MAC, SET_MC, SET_PROMISC, SET_QUEUES, SET_VLAN, mac_words, raw_vf

OWN_MAC = "02:00:00:00:05:01"


def _setup(cfg):
    """VF 0 raw, VF 1 at work in a namespace."""
    raw = raw_vf(cfg)
    other = Vf(cfg.sriov, 1).bind("kawelavf")
    other.enter("kvf1").up("192.0.2.11/24")
    return raw, other


def _hash_key(cfg):
    """The device's hash key, octet by octet."""
    regs = PfRegs(cfg.sriov.dev)
    try:
        return b"".join(regs.rd(0x5c80 + 4 * i).to_bytes(4, "little")
                        for i in range(10))
    finally:
        regs.close()


def _verdict(answer):
    return "ack" if answer[0] & ACK else "nack" if answer[0] & NACK else "?"


@ksft_disruptive
def reset_answer(cfg) -> None:
    """The answer to RESET is ACK without CTS, an address, and zeros."""
    raw, _ = _setup(cfg)
    got = raw.connect()
    ksft_eq(got[0], ACK | RESET)
    ksft_true(got[1], "no address")
    ksft_eq(got[1] & 1, 0, "multicast address")
    ksft_eq(got[3:], [0] * 13)


@ksft_disruptive
def before_handshake(cfg) -> None:
    """Before the handshake everything but RESET is refused, without CTS."""
    raw, _ = _setup(cfg)
    raw.reset()
    for op in (SET_MAC, SET_MC, SET_VLAN, SET_LPE, SET_PROMISC, 0x77):
        ksft_eq(raw.ask(op)[0], op | NACK, f"opcode {op:#x}")


@ksft_disruptive
def opcodes(cfg) -> None:
    """What is granted and what is refused, opcode by opcode."""
    raw, other = _setup(cfg)
    raw.connect()
    info = 1 << 16
    table = (
        ("ack", SET_MAC, *mac_words(OWN_MAC)),
        ("nack", SET_MAC, *mac_words("00:00:00:00:00:00")),
        ("nack", SET_MAC, *mac_words("01:00:5e:00:00:01")),
        ("nack", SET_MAC, *mac_words(cfg.link()["address"])),
        ("nack", SET_MAC, *mac_words(other.mac)),
        ("nack", SET_MAC | 2 * info, *mac_words(cfg.link()["address"])),
        ("nack", SET_MAC | 2 * info, *mac_words(other.mac)),
        ("ack", SET_MAC | 2 * info, *mac_words("02:00:00:00:05:02")),
        ("ack", SET_MAC | 2 * info, *mac_words("02:00:00:00:05:03")),
        ("ack", SET_MAC | 2 * info, *mac_words("02:00:00:00:05:04")),
        ("nack", SET_MAC | 2 * info, *mac_words("02:00:00:00:05:05")),
        ("ack", SET_MAC | 1 * info, *mac_words(OWN_MAC)),
        ("ack", SET_MAC | 2 * info, *mac_words("02:00:00:00:05:05")),
        ("nack", SET_MAC | 3 * info, *mac_words("02:00:00:00:05:06")),
        ("ack", SET_MC | 2 * info, 0x0123_0456),
        ("ack", SET_MC | 30 * info, *[0x0fff_0fff] * 15),
        ("nack", SET_MC | 31 * info, *[0x0fff_0fff] * 15),
        ("ack", SET_VLAN | info, 100),
        ("ack", SET_VLAN | info, 4094),
        ("nack", SET_VLAN | info, 4095),
        ("nack", SET_VLAN | info, 4096 + 5),
        ("ack", SET_VLAN, 100),
        ("ack", SET_VLAN, 100),
        ("ack", SET_LPE, 1522),
        ("ack", SET_LPE, 9728),
        ("nack", SET_LPE, 9729),
        ("nack", SET_LPE, 0),
        ("nack", SET_LPE, 63),
        ("nack", SET_LPE, 0xffff_ffff),
        ("nack", SET_LPE, 0x8000_0000 | 1 << 24 | 1 << 26),
        ("ack", SET_PROMISC, 0),
        ("nack", SET_PROMISC | info, 0),
        ("nack", SET_PROMISC | 2 * info, 0),
    )
    for want, *words in table:
        got = raw.ask(*words)
        ksft_eq(_verdict(got), want, " ".join(f"{w:#x}" for w in words[:3]))
        ksft_eq(got[0] & CTS, CTS)
        ksft_eq(got[1:], [0] * 15, "words beyond the answer")


@ksft_disruptive
def queues(cfg) -> None:
    """A VF gets as many queue pairs as there are, and no more."""
    raw, _ = _setup(cfg)
    raw.connect()
    ksft_eq(raw.ask(SET_QUEUES, 1)[0], SET_QUEUES | NACK | CTS, "version 1")
    granted = raw.connect2()[7] >> 16 & 0xff
    # Of a pool's second pair QEMU knows nothing
    ksft_eq(granted, 1 if cfg.sriov.emulated else 2)
    for n in (0, granted + 1, 255, 256 + granted, 1 << 16 | 1, 0xffff_ffff):
        ksft_eq(_verdict(raw.ask(SET_QUEUES, n)), "nack", f"{n} queue pairs")
    ksft_eq(_verdict(raw.ask(SET_QUEUES, granted)), "ack")
    cfg.ping_remote(ns="kvf1")


@ksft_disruptive
def rss(cfg) -> None:
    """The hash key is told to a trusted VF, and to no other."""
    raw, other = _setup(cfg)
    raw.connect()
    ksft_eq(_verdict(raw.ask(GET_RSS)), "nack", "version 1")
    granted = raw.connect2()[7] >> 16 & 0xff
    raw.ask(SET_QUEUES, granted)
    got = raw.ask(GET_RSS)
    # 1 is the reason: what is decided for the VF
    ksft_eq(got, [GET_RSS | NACK | CTS, 1] + [0] * 14, "without trust")
    ip(f"link set dev {cfg.ifname} vf 0 trust on")
    # The notice takes the words that requests go into
    ksft_eq(raw.answer()[0] & 0xffff, PF_CONTROL)
    got = raw.ask(GET_RSS)
    key = b"".join(w.to_bytes(4, "little") for w in got[1:11])
    ksft_eq((_verdict(got), key), ("ack", _hash_key(cfg)))
    ksft_eq(got[11:15], [0xaaaa_aaaa if granted > 1 else 0] * 4)
    ksft_eq(got[15] != 0, granted > 1, "hashed fields")

    # The same by kawelavf
    other.cmd(f"ip link set dev {other.ifname} netns 1")
    index = ip(f"link show dev {other.ifname}", json=True)[0]["ifindex"]
    family = EthtoolFamily()

    def shown():
        try:
            return family.rss_get({"header": {"dev-index": index}})
        except NlError:
            return {}
    ksft_true("hkey" not in shown(), "without trust")
    ip(f"link set dev {cfg.ifname} vf 1 trust on")
    until(lambda: "hkey" in shown(), 2, "trust in the VF")
    ksft_eq(bytes(shown()["hkey"]), key)
    ksft_eq(len(shown()["indir"]), 128)
    ksft_eq(set(shown()["indir"]), set(range(granted)))


@ksft_disruptive
def unknown(cfg) -> None:
    """Unknown opcodes are refused, each with its own number."""
    raw, _ = _setup(cfg)
    raw.connect()
    for op in (0, 7, 8, 0x3f, 0x80, 0xff, 0x101, 0x7fff, 0xffff):
        ksft_eq(raw.ask(op, *[0xdeadbeef] * 15)[0], op | NACK | CTS)
    cfg.ping_remote(ns="kvf1")


@ksft_disruptive
def vlan_quota(cfg) -> None:
    """A VF can't take the entries that others count on."""
    raw, other = _setup(cfg)
    raw.connect()
    granted = sum(_verdict(raw.ask(SET_VLAN | 1 << 16, vid)) == "ack"
                  for vid in range(1000, 1040))
    ksft_pr(f"VLANs granted to one of two VFs: {granted}")
    ksft_eq(granted, 15)
    other.cmd(f"ip link add link {other.ifname} name kvl type vlan id 50")


@ksft_disruptive
def forgets(cfg) -> None:
    """After a reset the VF has nothing of what it had before."""
    raw, other = _setup(cfg)
    first = raw.connect()
    raw.ask(SET_MAC, *mac_words(OWN_MAC))
    raw.ask(SET_MAC | 2 << 16, *mac_words("02:00:00:00:05:02"))
    for vid in range(1000, 1029):
        raw.ask(SET_VLAN | 1 << 16, vid)
    again = raw.connect()
    ksft_eq(again[:3], first[:3], "address after reset")
    # What it had is free for others
    other.cmd(f"ip link set dev {other.ifname} address 02:00:00:00:05:02")
    ksft_eq(_verdict(raw.ask(SET_VLAN | 1 << 16, 1000)), "ack")


@ksft_disruptive
def flood(cfg) -> None:
    """A VF that asks without end slows down nobody but itself."""
    raw, other = _setup(cfg)
    raw.connect()
    begin = time.monotonic()
    other.cmd(f"ip link set dev {other.ifname} mtu 1399")
    usual = time.monotonic() - begin
    with open("/dev/kmsg", "w", encoding="utf-8") as f:
        f.write("kawela selftest: flood begins\n")
    end = time.monotonic() + 3
    asked = 0
    slowest = 0
    while time.monotonic() < end:
        for _ in range(500):
            raw.post([SET_VLAN | 1 << 16, 4095])
            asked += 1
        begin = time.monotonic()
        mtu = 1400 + asked % 100
        other.cmd(f"ip link set dev {other.ifname} mtu {mtu}")
        slowest = max(slowest, time.monotonic() - begin)
    ksft_pr(f"{asked} messages; slowest request of the other VF "
            f"{slowest * 1000:.0f} ms, before {usual * 1000:.0f} ms")
    ksft_lt(slowest, max(2, 20 * usual))
    cfg.ping_remote(ns="kvf1", count=3)
    log = cmd("dmesg").stdout.split("flood begins")[-1]
    ksft_lt(len(re.findall(r"VF 0", log)), 6, "log lines")
    until(lambda: raw.ask(SET_LPE, 1522)[0] & ACK, what="service of the VF")


@ksft_disruptive
def holds_buffer(cfg) -> None:
    """A VF that doesn't let go of the buffer is served, and holds up nobody."""
    raw, _ = _setup(cfg)
    raw.connect()
    raw.post([SET_LPE, 1522], signal=rawvf.REQ | rawvf.VFU)
    got = raw.answer()
    ksft_true(got, "no answer")
    ksft_eq(got[0] & 0xffff, SET_LPE)
    cfg.ping_remote(ns="kvf1")
    ksft_eq(_verdict(raw.ask(SET_LPE, 1522)), "ack")


@ksft_disruptive
def reset_storm(cfg) -> None:
    """A VF that resets itself without end disturbs nobody."""
    raw, _ = _setup(cfg)
    end = time.monotonic() + 2
    resets = 0
    while time.monotonic() < end:
        raw.wr(rawvf.VTCTRL, rawvf.VTCTRL_RST)
        resets += 1
    ksft_pr(f"{resets} resets")
    cfg.ping_remote(ns="kvf1", count=3)
    ksft_eq(raw.connect()[0], ACK | RESET)


def _for_seconds(seconds, what):
    """Do it as often as possible. Return: how often, and in how many seconds."""
    begin, n = time.monotonic(), 0
    while time.monotonic() < begin + seconds:
        what()
        n += 1
    return n, time.monotonic() - begin


# What a VF has at once, and in a second
AT_ONCE, A_SECOND = 256, 500


@ksft_disruptive
def resets_cost(cfg) -> None:
    """Each reset takes a part of the VF's budget, as a request does."""
    raw, _ = _setup(cfg)
    raw.connect()
    before = vf_state(0)["resets"]
    asked, seconds = _for_seconds(
        2, lambda: raw.wr(rawvf.VTCTRL, rawvf.VTCTRL_RST))
    served = vf_state(0)["resets"] - before
    ksft_pr(f"{asked} resets in {seconds:.1f} s, {served} served")
    ksft_lt(served, AT_ONCE + A_SECOND * (seconds + 0.5))
    ksft_eq(raw.connect()[0], ACK | RESET)


@ksft_disruptive
def acks_cost(cfg) -> None:
    """Acknowledgements of messages are free; of those of nothing the VF has few."""
    raw, _ = _setup(cfg)
    raw.connect()
    for _ in range(AT_ONCE // 2 + 10):
        raw.ask(SET_LPE, 1522)
    ksft_eq(vf_state(0)["throttled"], 0)
    before = vf_state(0)["requests"]
    asked, _ = _for_seconds(
        2, lambda: raw.wr(rawvf.V2PMAILBOX, rawvf.ACK_BIT))
    state = vf_state(0)
    # How many the PF has seen depends on the machine; unit/pf_mbx.c counts
    ksft_pr(f"{asked} acknowledgements, {state['throttled']} times too many")
    ksft_eq(state["requests"], before)
    ksft_eq(_verdict(raw.ask(SET_LPE, 1522)), "ack")
    cfg.ping_remote(ns="kvf1")


@ksft_disruptive
def garbage(cfg) -> None:
    """Random registers, words and signals: the PF and the other VF go on."""
    raw, _ = _setup(cfg)
    raw.connect()
    state = 12345
    for i in range(3000):
        state = (state * 1103515245 + 12345) & 0xffff_ffff
        raw.wr(rawvf.VMBMEM + 4 * (i % 16), state)
        if i % 7 == 0:
            raw.wr(rawvf.V2PMAILBOX, state >> 8 & 0xff)
    cfg.ping_remote(ns="kvf1", count=3)
    cfg.ping_remote()
    ksft_eq(raw.connect()[0], ACK | RESET)


@ksft_disruptive
def traced(cfg) -> None:
    """Each message is in the trace at both ends, by name and with its result."""
    vf, _ = cfg.sriov.fresh(2)
    read = cfg.trace()
    vf.cmd(f"ip link set dev {vf.ifname} mtu 1400")
    lines = "\n".join(read())
    for end, way in (("VF", "send"), ("PF", "recv")):
        ksft_true(re.search(rf"{end} vf=0 {way} SET_LPE .*result=0", lines),
                  f"request at the {end}")
    for end, way in (("PF", "send"), ("VF", "recv")):
        ksft_true(re.search(rf"{end} vf=0 {way} SET_LPE ACK CTS", lines),
                  f"answer at the {end}")
    ksft_ge(len(read()), 4)


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([reset_answer, before_handshake, opcodes, queues, rss,
                  unknown, vlan_quota,
                  forgets, flood, holds_buffer, reset_storm, resets_cost,
                  acks_cost, garbage, traced],
                 args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Suspend and resume with VFs. Best the last in a boot: what else is in the machine
sleeps, too, and may not come back whole.
"""

import time

from lib.py import KsftSkipEx, PfEnv, cmd, ip, until
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_lt, ksft_run

BACK = 15
OWN_MAC = "02:00:00:00:06:10"


@ksft_disruptive
def sleep(cfg) -> None:
    """All devices sleep and wake; PF and VFs go on with what they had."""
    vf, vf2 = cfg.sriov.fresh(2)
    vf.enter("kvf0").up("192.0.2.10/24")
    vf2.enter("kvf1").up("192.0.2.11/24")
    cfg.ping_remote(ns="kvf0")
    vf.cmd(f"ip link set dev {vf.ifname} address {OWN_MAC}")
    ip(f"link set dev {cfg.ifname} vf 1 vlan 0 max_tx_rate 100")
    allowed = vf.allowed(BACK, "192.0.2.11")
    try:
        cmd("labctl sleep", timeout=240)
    except FileNotFoundError:
        raise KsftSkipEx("nobody here knows how to sleep") from None
    begin = time.monotonic()
    for addr in "192.0.2.11", cfg.remote_addr_v["4"]:
        until(lambda addr=addr: vf.answers(addr), 10, f"{addr} from VF 0")
        ksft_lt(time.monotonic() - begin, allowed)
    ksft_eq((cfg.sriov.num, vf.mac), (2, OWN_MAC))
    ksft_eq(cfg.policy.get(1)["rate"], (0, 100))
    until(cfg.has_carrier, what="carrier of the PF")
    cfg.ping_remote()


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([sleep], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

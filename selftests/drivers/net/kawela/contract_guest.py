#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
What a guest VM has of what is decided for its VF. Rows of contract.tsv; for any PF
and VF driver. guest.py changes it while a guest is at work.
"""

from guest import Guest, vf0_back

from lib.py import PfEnv, defer, each_limited, ip
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_run, ksft_variants, \
    KsftNamedVariant

ADMIN = "02:00:00:00:0e:21"


def _mac(guest):
    return guest.cmd("cat /sys/class/net/eth0/address").stdout.strip()


@ksft_variants([KsftNamedVariant("in_order", ""), KsftNamedVariant("pulled", "--pull")])
@ksft_disruptive
def c29_guest(cfg, end) -> None:
    """A guest has what is decided for its VF, and so has the host when the guest has
    ended, in order or not."""
    ip(f"link add link {cfg.remote_ifname} name v100 type vlan id 100",
       host=cfg.remote)
    defer(ip, "link del v100", host=cfg.remote)
    ip("addr add 198.51.100.2/24 dev v100", host=cfg.remote)
    ip("link set dev v100 up", host=cfg.remote)
    cfg.sriov.fresh(2)
    what = {"mac": ADMIN, "vlan": (100, 2), "spoofchk": 0, "trust": 1}
    ksft_eq(cfg.policy.set(0, **what), "")
    before = cfg.policy.get(0)
    guest = Guest("--addr 198.51.100.10/24")
    ksft_eq(_mac(guest), ADMIN)
    guest.ping("198.51.100.2")
    ksft_eq(cfg.policy.get(0), before)
    guest.stop(end)
    ksft_eq(cfg.policy.get(0), before)
    ksft_eq(vf0_back(cfg, "198.51.100.10/24").mac, ADMIN)
    cfg.ping("198.51.100.2", ns="kvf0")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run(each_limited([c29_guest], 3000), args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
The features that PF and VF offer are those of features.tsv, which is made from the
drivers' own table.
"""

from pathlib import Path

from lib.py import PfEnv, ethtool
from lib.py import ksft_disruptive, ksft_eq, ksft_exit, ksft_run, ksft_variants

TABLE = Path(__file__).resolve().parent / "features.tsv"
# Quirks of the emulated device that the table names
EMULATED = {"NO_USO", "NO_TUNNELS", "NO_POOL_HASH", "NO_STEERING"}
# What the kernel adds to every interface, or shows as the sum of others
CORE = {
    "tx-checksumming", "scatter-gather", "tcp-segmentation-offload",
    "generic-segmentation-offload", "generic-receive-offload",
    "tx-tcp-mangleid-segmentation", "tx-nocache-copy", "rx-gro-list",
    "rx-udp-gro-forwarding", "tx-generic-segmentation", "rx-gro",
}


def _expected(emulated, vf):
    """What the table says: feature: (active, fixed)."""
    out = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, pf_state, vf_state, unless, unless_vf = line.split("\t")
        state = vf_state if vf else pf_state
        quirks = {unless, unless_vf} if vf else {unless}
        if state == "no" or emulated and quirks & EMULATED:
            out[name] = (False, True)
        else:
            out[name] = (state.startswith("on"), state.endswith("fixed"))
    return out


@ksft_variants(("pf", "vf"))
@ksft_disruptive
def offered(cfg, end) -> None:
    """ethtool -k shows what the table says, and nothing else."""
    vfs = cfg.sriov.fresh(1 if end == "vf" else 0)
    ifname = vfs[0].ifname if vfs else cfg.ifname
    expected = _expected(cfg.sriov.emulated, bool(vfs))
    for name, state in ethtool(f"-k {ifname}", json=True)[0].items():
        if name == "ifname" or name in CORE:
            continue
        ksft_eq((state["active"], state["fixed"]),
                expected.pop(name, (False, True)), name)
    ksft_eq(expected, {}, "features that ethtool doesn't know")


def main() -> None:
    """Ksft boilerplate main"""
    with PfEnv(__file__) as cfg:
        ksft_run([offered], args=(cfg,))
    ksft_exit()


if __name__ == "__main__":
    main()

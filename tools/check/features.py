#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
The features that PF and VF offer (ethtool -k), as libkawela/features.c has them in
its table: for the documentation, and for the test that compares them with ethtool.

  features.py           refuse files that don't say what the code says
  features.py --write   write them anew
"""

import argparse
import re

import tree

_CODE = "drivers/net/ethernet/kawela/libkawela/features.c"
_PAGE = "Documentation/networking/device_drivers/ethernet/kawela/features.rst"
_TABLE = "selftests/drivers/net/kawela/features.tsv"
_BEGIN, _END = ".. begin of the table", ".. end of the table"
# What ethtool calls them; the test sees a wrong name
_NAMES = {
    "SG": "tx-scatter-gather",
    "IP_CSUM": "tx-checksum-ipv4",
    "IPV6_CSUM": "tx-checksum-ipv6",
    "SCTP_CRC": "tx-checksum-sctp",
    "TSO": "tx-tcp-segmentation",
    "TSO6": "tx-tcp6-segmentation",
    "GSO_UDP_L4": "tx-udp-segmentation",
    "GSO_PARTIAL": "tx-gso-partial",
    "GSO_GRE": "tx-gre-segmentation",
    "GSO_GRE_CSUM": "tx-gre-csum-segmentation",
    "GSO_IPXIP4": "tx-ipxip4-segmentation",
    "GSO_IPXIP6": "tx-ipxip6-segmentation",
    "GSO_UDP_TUNNEL": "tx-udp_tnl-segmentation",
    "GSO_UDP_TUNNEL_CSUM": "tx-udp_tnl-csum-segmentation",
    "HIGHDMA": "highdma",
    "RXCSUM": "rx-checksumming",
    "RXHASH": "receive-hashing",
    "HW_VLAN_CTAG_TX": "tx-vlan-offload",
    "HW_VLAN_CTAG_RX": "rx-vlan-offload",
    "HW_VLAN_CTAG_FILTER": "rx-vlan-filter",
    "NTUPLE": "ntuple-filters",
    "RXALL": "rx-all",
    "RXFCS": "rx-fcs",
    "LOOPBACK": "loopback",
}


def _flag(row, name):
    return re.search(rf"\.{name} = true", row) is not None


def _quirk(row, name):
    match = re.search(rf"\.{name} = KWL_QUIRK_(\w+)", row)
    return match[1] if match else ""


def _features(text):
    """Rows of the table: (name, PF, VF, quirk, quirk of VFs)."""
    macros = dict(re.findall(r"#define (KWL_F_\w+)\s+\\?\s*(\((?:[^)]*)\))",
                             text))
    body = re.search(r"kwl_features\[\] = \{(.*?)\n\};", text, re.S)[1]
    for row in re.findall(r"\{ (.*?) \}", body, re.S):
        bits = row.split(",")[0]
        for macro, value in macros.items():
            bits = bits.replace(macro, value)
        state = ("off" if _flag(row, "off") else "on") + \
            (" fixed" if _flag(row, "fixed") else "")
        for bit in re.findall(r"NETIF_F_(\w+)", bits):
            yield (_NAMES[bit], state, "no" if _flag(row, "pf") else state,
                   _quirk(row, "unless"), _quirk(row, "unless_vf"))


def _tsv(rows):
    head = "# Made by tools/check/features.py from libkawela/features.c.\n" \
        "# feature\tPF\tVF\tnot with this quirk\tVF: not with this quirk\n"
    return head + "".join("\t".join(cell or "-" for cell in row) + "\n"
                          for row in rows)


def _unless(row):
    said = [f"``{row[3]}``" if row[3] else "",
            f"VF: ``{row[4]}``" if row[4] else ""]
    return ", ".join(filter(None, said))


def _rst(rows):
    cells = [("feature", "PF", "VF", "not with")] + \
        [(f"``{row[0]}``", row[1], row[2], _unless(row)) for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(4)]
    rule = " ".join("=" * width for width in widths)
    lines = [" ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in cells]
    return "\n".join(["", rule, lines[0], rule, *lines[1:], rule, "", ""])


def _page(text, rows):
    before, rest = text.split(_BEGIN + "\n")
    after = rest.split(_END)[1]
    return f"{before}{_BEGIN}\n{_rst(rows)}{_END}{after}"


def main():
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    rows = list(_features((tree.TREE / _CODE).read_text()))
    page = tree.TREE / _PAGE
    wanted = {page: _page(page.read_text(), rows), tree.TREE / _TABLE: _tsv(rows)}
    problems = []
    for path, text in wanted.items():
        if write:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            problems.append(f"{path.relative_to(tree.TREE)} doesn't say what {_CODE} "
                            "says: `tools/check/features.py --write`")
    tree.finish("features", problems)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-only
"""What the drivers' work takes, from what was counted; table and picture."""

import dataclasses
import statistics
from xml.sax.saxutils import escape

from . import count
from .ui import LabError

OURS, THEIRS = "kawela:kawelavf", "igb:igbvf"
_MODULES = {OURS: {"kawela", "kawelavf", "libkawela"}, THEIRS: {"igb", "igbvf"}}
_DEVICES = {"igb-mmio", "igbvf-mmio"}
_SENDER, _RECEIVER = 0, 1       # vCPUs


class Sample:
    """One run of one kind of work with one pair of drivers."""

    def __init__(self, event, section, symbols):
        self.event = event
        self._regs = section.regs
        self.code = count.fold(section, symbols)

    def _sum(self, vcpu, modules=None):
        return sum(counts[vcpu] for (module, _), counts in self.code.items()
                   if modules is None or module in modules)

    def driver(self):
        """Instructions in the drivers' modules, for sending and receiving one."""
        modules = _MODULES[self.event["driver"]]
        return self._sum(_SENDER, modules) / self.event["sent"] + \
            self._sum(_RECEIVER, modules) / self.event["received"]

    def receiver(self):
        """All instructions of the receiver's vCPU, for each frame received."""
        return self._sum(_RECEIVER) / self.event["received"]

    def octet(self):
        """All instructions of the VM, for each octet."""
        return (self._sum(_SENDER) + self._sum(_RECEIVER)) / \
            self.event["octets"]

    def mmio(self):
        """Accesses to the card's registers, for each frame sent."""
        return sum(n for (device, _, _), n in self._regs.items()
                   if device in _DEVICES) / self.event["sent"]

    def interrupts(self):
        """Interrupts of both ends, for sending and receiving one."""
        return self.event["tx_interrupts"] / self.event["sent"] + \
            self.event["rx_interrupts"] / self.event["received"]

    def functions(self, limit):
        """Those that take most: (instructions per frame of both ends, name)."""
        rows = [(counts[_SENDER] / self.event["sent"],
                 counts[_RECEIVER] / self.event["received"],
                 f"{module}:{name}")
                for (module, name), counts in self.code.items()]
        return sorted(rows, key=lambda row: -row[0] - row[1])[:limit]


@dataclasses.dataclass
class Figure:
    """A row of the table."""

    name: str
    work: str
    value: object       # of a Sample, or None for what an event says itself
    limit: float
    ours: float = 0.0
    theirs: float = 0.0

    @property
    def ratio(self):
        """Ours, as a ratio to the kernel's own drivers."""
        return self.ours / self.theirs if self.theirs else float("inf")

    @property
    def met(self):
        """Whether it is good enough."""
        return self.ratio <= self.limit


def _figures():
    return [
        Figure("driver instructions, 60 B VF to VF", "vf-vf", Sample.driver, 0.75),
        Figure("driver instructions, 60 B PF to VF", "pf-vf", Sample.driver, 0.75),
        Figure("register accesses a frame, bursts of 32", "burst", Sample.mmio,
               0.5),
        Figure("interrupts a frame under load", "vf-vf", Sample.interrupts, 0.75),
        Figure("ping round trip, ms", "ping", None, 1.0),
        Figure("instructions a frame, XDP_DROP on a VF", "xdp", Sample.receiver,
               0.4),
        Figure("instructions an octet, TCP VF to VF", "tcp", Sample.octet, 0.9),
    ]


def samples(events, artefacts):
    """All Samples of a run."""
    sections = count.sections(artefacts / "count.txt")
    work = [e for e in events if e["event"] == "work"]
    for e in work:
        if not e["sent"] or not e["received"]:
            raise LabError(f"{e['name']}, {e['driver']}, round {e['round']}: no frames; "
                           f"artefacts: {artefacts}")
    # Modules come to other addresses each time
    loaded = {f"{e['driver']}-{e['round']}" for e in work}
    symbols = {name: count.Symbols(artefacts / f"kallsyms-{name}")
               for name in loaded}
    return [Sample(e, sections[e["section"]],
                   symbols[f"{e['driver']}-{e['round']}"]) for e in work]


def _median(figure, driver, events, found):
    if figure.value is None:
        values = [e["median"] for e in events
                  if e["event"] == figure.work and e["driver"] == driver]
    else:
        values = [figure.value(s) for s in found
                  if s.event["name"] == figure.work
                  and s.event["driver"] == driver]
    return statistics.median(values) if values else 0.0


def evaluate(events, found):
    """The rows that were measured, with the median of all runs of each."""
    rows = []
    for figure in _figures():
        figure.ours = _median(figure, OURS, events, found)
        figure.theirs = _median(figure, THEIRS, events, found)
        if figure.ours:
            rows.append(figure)
    return rows


def table(rows):
    """For people."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}  {'igb':>9}  {'kawela':>9}  {'ratio':>6}  {'bar':>5}"]
    for row in rows:
        lines.append(f"{row.name:{width}}  {row.theirs:9.3f}  {row.ours:9.3f}  "
                     f"{row.ratio:6.2f}  {row.limit:5.2f}"
                     f"{'' if row.met else '  missed'}")
    return "\n".join(lines)


def _text(x, y, text, anchor="start", color="#222"):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{color}">'
            f"{escape(text)}</text>")


def picture(rows, title):
    """The ratios as an SVG: a bar each, and a line where it has to end."""
    left, unit, step = 300, 260, 34
    height = 70 + step * len(rows)
    most = 1.35
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + 420}" '
           f'height="{height}" font-family="sans-serif" font-size="13">',
           '<rect width="100%" height="100%" fill="#fff"/>',
           _text(10, 22, title)]
    bottom = 40 + step * len(rows)
    out.append(f'<line x1="{left + unit}" y1="36" x2="{left + unit}" '
               f'y2="{bottom}" stroke="#888" stroke-dasharray="3 3"/>')
    out.append(_text(left + unit, bottom + 18, "1.0: igb, igbvf", "middle",
                     "#666"))
    for i, row in enumerate(rows):
        y = 44 + step * i
        length = unit * min(row.ratio, most)
        mark = left + unit * row.limit
        color = "#3a7d44" if row.met else "#b3541e"
        out += [_text(left - 10, y + 15, row.name, "end"),
                f'<rect x="{left}" y="{y}" width="{length:.0f}" height="20" '
                f'fill="{color}"/>',
                f'<line x1="{mark:.0f}" y1="{y - 3}" x2="{mark:.0f}" '
                f'y2="{y + 23}" stroke="#000" stroke-width="2"/>',
                _text(f"{left + max(length, unit * row.limit) + 8:.0f}", y + 15,
                      f"{row.ratio:.2f}")]
    return "\n".join(out + ["</svg>"]) + "\n"

"""What a wearer feels, from the firmware's one table: `firmware.core.indication`."""

import re
from dataclasses import dataclass

from firmware.core import indication

_ROW = re.compile(r"    ([A-Z][A-Z_]+) +(\S.*\S)")
_VISITS = ("VISIT", "REMINDER", "OVERDUE", "VISIT_ENDED")


@dataclass(frozen=True, slots=True)
class Signal:
    """One pattern: ms on, off, on, ..., and what it means."""

    name: str
    pulses_ms: tuple[int, ...]
    english: str
    french: str


def signals(*, visits: bool) -> list[Signal]:
    """Return the signals in the order of the table; those of visits only where a device has visits."""
    return [signal for signal in _table() if visits or signal.name not in _VISITS]


def _table() -> list[Signal]:
    lines = (indication.__doc__ or "").split("\n")
    heading = next(line for line in lines if line.split()[:2] == ["name", "pulses"])
    english, french = heading.index("EN"), heading.index("FR")
    found = []
    for line in lines[lines.index(heading) + 1 :]:
        row = _ROW.fullmatch(line)
        if row:
            pulses = indication.PATTERNS[getattr(indication, row[1])]
            told = (line[english:french].strip(), line[french:].strip())
            found.append(Signal(row[1], pulses, *told))
    return found

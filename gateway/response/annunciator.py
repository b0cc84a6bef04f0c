"""What the light, the siren and the relays of this gateway show, now. Pure: time is an argument.

| an incident that the plan has told here | an output shows |
|---|---|
| open | its `open`: on, flash or off, for `limit_s` after it was told |
| acknowledged | its `acknowledged` |
| closed | nothing |
| silent (hold-up, duress) | nothing, unless the output is `silent`: where no stranger sees it |

Of several incidents the strongest wins. The kind `fault` is on while a fault of the gateway stands.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from gateway.cases.incident import Incident, State

FAULT_KIND = "fault"
FLASH_HALF_S = 0.5


class Shown(IntEnum):
    """What an output shows, weakest first."""

    OFF = 0
    FLASH = 1
    ON = 2


@dataclass(frozen=True, slots=True)
class Output:
    """A pin and what it is for. `gpio` is the number of the BCM; `limit_s` 0: without limit."""

    name: str
    gpio: int
    active_high: bool = True
    kinds: frozenset[str] | None = None  # None: every kind of alert
    open: Shown = Shown.ON
    acknowledged: Shown = Shown.OFF
    limit_s: float = 0.0
    silent: bool = False

    def shows(self, kind: str) -> bool:
        """Say whether this output is for `kind`; a fault must be named."""
        return kind != FAULT_KIND if self.kinds is None else kind in self.kinds


@dataclass(frozen=True, slots=True)
class Lit:
    """An incident the plan has told here, at `since_s` (gateway time) for the last time."""

    kind: str
    silent: bool
    state: State
    since_s: float

    @classmethod
    def of(cls, incident: Incident, since_s: float) -> "Lit":
        """Return what counts of `incident`."""
        return cls(incident.kind, incident.silent, incident.state, since_s)


def shown(output: Output, lit: Iterable[Lit], now_s: float, *, fault: bool) -> Shown:
    """Return what `output` shows at `now_s`; `fault`: one of the gateway stands."""
    found = [_of_incident(output, one) for one in lit if _within(output, one, now_s)]
    if fault and output.shows(FAULT_KIND):
        found.append(Shown.ON)
    return max(found, default=Shown.OFF)


def level(what: Shown, now_s: float) -> bool:
    """Return whether the output is on at `now_s`; all that flash do so together."""
    return what is Shown.ON or (what is Shown.FLASH and int(now_s / FLASH_HALF_S) % 2 == 0)


def next_s(outputs: Iterable[Output], lit: Iterable[Lit], now_s: float, *, flashing: bool) -> float:
    """Return when what is shown may change by itself, gateway time; inf where it stays."""
    since = [one.since_s for one in lit]
    ends = [at + output.limit_s for output in outputs if output.limit_s for at in since]
    if flashing:
        ends.append((int(now_s / FLASH_HALF_S) + 1) * FLASH_HALF_S)
    return min((end for end in ends if end > now_s), default=math.inf)


def _of_incident(output: Output, lit: Lit) -> Shown:
    if not output.shows(lit.kind) or (lit.silent and not output.silent):
        return Shown.OFF
    if lit.state is State.OPEN:
        return output.open
    return output.acknowledged if lit.state is State.ACKNOWLEDGED else Shown.OFF


def _within(output: Output, lit: Lit, now_s: float) -> bool:
    return not output.limit_s or now_s < lit.since_s + output.limit_s

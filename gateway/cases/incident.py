"""What is known of an incident, and the table of its states. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from gateway.events import Freshness
from protocol import kinds
from protocol.kinds import HOLD_UP, TEST
from protocol.names import KIND_NAMES

VISIT = "visit"  # the kind of what the gateway raises about a timed visit, beside those of frames


class State(StrEnum):
    """Where an incident stands."""

    NEW = "new"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


TRANSITIONS = {
    (State.NEW, "alert"): State.OPEN,
    (State.NEW, "cancel"): State.OPEN,  # of something never heard: a person should look
    (State.OPEN, "again"): State.OPEN,
    (State.OPEN, "cancel"): State.OPEN,  # a cancel is told, it ends nothing
    (State.OPEN, "acknowledge"): State.ACKNOWLEDGED,
    (State.OPEN, "close"): State.CLOSED,
    (State.ACKNOWLEDGED, "again"): State.OPEN,  # pressed again: tell people again
    (State.ACKNOWLEDGED, "cancel"): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, "acknowledge"): State.ACKNOWLEDGED,  # another person, another estimate
    (State.ACKNOWLEDGED, "close"): State.CLOSED,
    (State.CLOSED, "again"): State.CLOSED,
    (State.CLOSED, "cancel"): State.CLOSED,
    (State.NEW, "visit"): State.OPEN,  # overdue, under duress, or ended and never begun
    (State.OPEN, "visit"): State.OPEN,
    (
        State.ACKNOWLEDGED,
        "visit",
    ): State.OPEN,  # worse than what was acknowledged: tell people again
    (State.CLOSED, "visit"): State.OPEN,  # and than what was closed
    (State.OPEN, "visit_end"): State.OPEN,  # too late: people look after it until they close it
    (State.ACKNOWLEDGED, "visit_end"): State.ACKNOWLEDGED,
    (State.CLOSED, "visit_end"): State.CLOSED,
}


class Incident(NamedTuple):
    """An open case. Times are Unix seconds; stages are those of `protocol.kinds`.

    `events` counts what was told upstream of it; event number `told` is the one that tells people,
    and `delivered` says that an upstream has confirmed it. `freshness` is the best verdict of its
    frames; `cancel_unverified` says that a cancel came which may not apply.
    """

    id: str
    device: str
    first_counter: int
    last_counter: int
    kind: str
    opened_at: float
    updated_at: float
    state: State = State.NEW
    duress: bool = False
    cancelled: bool = False
    felt: int = kinds.NONE
    delivered: bool = False
    told: int = 0
    events: int = 0
    acknowledged_at: float | None = None
    acknowledged_by: str | None = None
    eta_minutes: int | None = None
    closed_at: float | None = None
    closed_by: str | None = None
    linked: str | None = None
    freshness: Freshness = Freshness.UNVERIFIED
    cancel_unverified: bool = False

    @property
    def silent(self) -> bool:
        """Say whether nothing near the wearer may show or sound."""
        return self.duress or self.kind == KIND_NAMES[HOLD_UP]

    @property
    def test(self) -> bool:
        """Say whether this is a test, which alerts nobody."""
        return self.kind == KIND_NAMES[TEST]


class Change(NamedTuple):
    """Something that happened to an incident; `number` is set where people upstream are told."""

    name: str
    at: float
    detail: Mapping[str, object]
    number: int | None = None


class Outcome(NamedTuple):
    """The incident as it is now and what happened to it."""

    incident: Incident
    changes: tuple[Change, ...] = ()


def best_stage(incident: Incident) -> int:
    """Return the highest stage of acknowledgement that is true of `incident`."""
    if incident.state is State.CLOSED:
        return kinds.CLOSED
    if incident.state is State.ACKNOWLEDGED:
        return kinds.ACKNOWLEDGED
    return kinds.DELIVERED if incident.delivered else kinds.STORED


def leave_out_numbers(incident: Incident, at: float) -> Incident:
    """Return `incident` with the numbers left out that its events may have had in a lost database.

    Upstream would take another event of the same number for a repeat. Nothing has so many events as
    Unix seconds: what is told from `at` on has a number above all before, however often that happens.
    """
    return incident._replace(events=max(incident.events, int(at)))


def tell(
    incident: Incident,
    name: str,
    at: float,
    detail: Mapping[str, object],
    *,
    people: bool = False,
) -> Outcome:
    """Return `incident` with one more event upstream; `people`: the one that tells them."""
    number = incident.events + 1
    told = number if people else incident.told
    incident = incident._replace(events=number, told=told)
    return Outcome(incident, (Change(name, at, detail, number),))

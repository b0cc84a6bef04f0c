"""What a message or a person does to an incident: the table of states and the merge rules. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.events import Acknowledge, Close, Delivered, Uplink
from protocol import messages
from protocol.messages import CANCEL, HOLD_UP, KIND_NAMES, TEST, IncidentMessage


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
}


@dataclass(frozen=True, slots=True)
class Incident:
    """An open case. Times are Unix seconds; stages are those of `protocol.messages`.

    `events` counts what was told upstream of it; event number `told` is the one that tells people,
    and `delivered` says that an upstream has confirmed it.
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
    felt: int = messages.NONE
    delivered: bool = False
    told: int = 0
    events: int = 0
    acknowledged_at: float | None = None
    acknowledged_by: str | None = None
    eta_minutes: int | None = None
    closed_at: float | None = None
    closed_by: str | None = None
    linked: str | None = None

    @property
    def silent(self) -> bool:
        """Say whether nothing near the wearer may show or sound."""
        return self.duress or self.kind == KIND_NAMES[HOLD_UP]

    @property
    def test(self) -> bool:
        """Say whether this is a test, which alerts nobody."""
        return self.kind == KIND_NAMES[TEST]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an incident; `number` is set where people upstream are told."""

    name: str
    at: float
    detail: Mapping[str, object]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The incident as it is now and what happened to it."""

    incident: Incident
    changes: tuple[Change, ...] = ()


def best_stage(incident: Incident) -> int:
    """Return the highest stage of acknowledgement that is true of `incident`."""
    if incident.state is State.CLOSED:
        return messages.CLOSED
    if incident.state is State.ACKNOWLEDGED:
        return messages.ACKNOWLEDGED
    return messages.DELIVERED if incident.delivered else messages.STORED


def raise_incident(incident_id: str, first: int, uplink: Uplink, linked: str | None) -> Outcome:
    """Open the incident that `uplink` is the first to speak of; `linked` is one still open."""
    message = _incident_message(uplink)
    cancel = message.kind == CANCEL
    incident = Incident(
        id=incident_id,
        device=uplink.device,
        first_counter=first,
        last_counter=uplink.counter,
        kind=KIND_NAMES[message.kind],
        opened_at=uplink.received.at,
        updated_at=uplink.received.at,
        state=TRANSITIONS[State.NEW, "cancel" if cancel else "alert"],
        duress=bool(message.duress),
        cancelled=cancel and uplink.in_order,
        felt=message.felt,
        linked=linked,
    )
    return _tell(incident, "raised", uplink.received.at, _heard(uplink), people=True)


def hear(incident: Incident, uplink: Uplink) -> Outcome:
    """Merge a further message into `incident`, whatever its state: it is never a new one."""
    message = _incident_message(uplink)
    at = uplink.received.at
    was = incident
    incident = replace(
        incident,
        last_counter=max(incident.last_counter, uplink.counter),
        updated_at=max(incident.updated_at, at),
        duress=incident.duress or bool(message.duress),
    )
    forced = incident.duress and not was.duress
    if message.kind == CANCEL:
        return _cancel(incident, uplink, forced=forced)
    outcome = _feel(incident, message, uplink)
    first_alert = was.kind == KIND_NAMES[CANCEL]  # until now only the cancel had been heard
    if forced or first_alert or (uplink.in_order and _begins_again(was, message)):
        return _again(outcome, uplink)
    return outcome


def acknowledge(incident: Incident, command: Acknowledge) -> Outcome:
    """A person takes the incident; told twice it is news once, and what is closed stays closed."""
    state = TRANSITIONS.get((incident.state, "acknowledge"))
    already = incident.state, incident.acknowledged_by, incident.eta_minutes
    if state is None or already == (state, command.by, command.eta_minutes):
        return Outcome(incident)
    incident = replace(
        incident,
        state=state,
        acknowledged_at=command.at,
        acknowledged_by=command.by,
        eta_minutes=command.eta_minutes,
        updated_at=command.at,
    )
    detail = {"by": command.by, "eta_minutes": command.eta_minutes}
    return _tell(incident, "acknowledged", command.at, detail)


def close(incident: Incident, command: Close) -> Outcome:
    """A person ends the incident."""
    state = TRANSITIONS.get((incident.state, "close"))
    if state is None:
        return Outcome(incident)
    incident = replace(
        incident, state=state, closed_at=command.at, closed_by=command.by, updated_at=command.at
    )
    return _tell(incident, "closed", command.at, {"by": command.by})


def deliver(incident: Incident, delivered: Delivered) -> Outcome:
    """An upstream has confirmed an event; it counts if it is, or follows, the one that tells people."""
    if delivered.number < incident.told:
        return Outcome(incident)
    detail = {"target": delivered.target}
    change = (
        Change("delivered", delivered.at, detail) if delivered.number == incident.told else None
    )
    return Outcome(replace(incident, delivered=True), (change,) if change else ())


def _cancel(incident: Incident, uplink: Uplink, *, forced: bool) -> Outcome:
    """Mark what the wearer took back. Only a frame above all others may: it cannot be an old one."""
    at = uplink.received.at
    if uplink.in_order and not incident.cancelled:
        state = TRANSITIONS[incident.state, "cancel"]
        incident = replace(incident, cancelled=True, state=state)
        return _tell(incident, "cancelled", at, _heard(uplink), people=forced)
    if forced:
        return _tell(incident, "updated", at, _heard(uplink), people=True)
    return Outcome(incident)


def _feel(incident: Incident, message: IncidentMessage, uplink: Uplink) -> Outcome:
    """Record the highest stage the wearer says to have felt."""
    if message.felt <= incident.felt:
        return Outcome(incident)
    detail = {"stage": messages.OP_NAMES[message.felt]}
    incident = replace(incident, felt=message.felt)
    return Outcome(incident, (Change("wearer_felt", uplink.received.at, detail),))


def _begins_again(incident: Incident, message: IncidentMessage) -> bool:
    """Tell a new press from a refresh: what was felt falls, or the kind is another.

    A device refreshes with what it has felt so far until it has felt that a person comes.
    """
    return (
        incident.cancelled
        or message.felt < incident.felt
        or KIND_NAMES[message.kind] != incident.kind
    )


def _again(outcome: Outcome, uplink: Uplink) -> Outcome:
    message = _incident_message(uplink)
    incident = replace(
        outcome.incident,
        kind=KIND_NAMES[message.kind],
        felt=message.felt if uplink.in_order else outcome.incident.felt,
        cancelled=outcome.incident.cancelled and not uplink.in_order,
        delivered=False,
        state=TRANSITIONS[outcome.incident.state, "again"],
    )
    told = _tell(incident, "updated", uplink.received.at, _heard(uplink), people=True)
    return Outcome(told.incident, outcome.changes + told.changes)


def _tell(
    incident: Incident,
    name: str,
    at: float,
    detail: Mapping[str, object],
    *,
    people: bool = False,
) -> Outcome:
    number = incident.events + 1
    told = number if people else incident.told
    incident = replace(incident, events=number, told=told)
    return Outcome(incident, (Change(name, at, detail, number),))


def _heard(uplink: Uplink) -> dict[str, object]:
    received = uplink.received
    return {
        "counter": uplink.counter,
        "radio": received.radio,
        "medium": received.medium,
        "rssi": received.rssi,
        "snr": received.snr,
    }


def _incident_message(uplink: Uplink) -> IncidentMessage:
    message = uplink.message
    if not isinstance(message, IncidentMessage):
        raise TypeError("not a message about an incident")
    return message

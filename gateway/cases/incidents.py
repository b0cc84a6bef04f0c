"""What a message or a person does to an incident: the merge rules. Pure."""

from gateway.cases.incident import TRANSITIONS, Change, Incident, Outcome, State, tell
from gateway.events import Acknowledge, Close, Delivered, Uplink
from gateway.frames.freshness import ends, freshest
from protocol.kinds import ACKNOWLEDGED, CANCEL, DELIVERED, TEST
from protocol.messages import IncidentMessage
from protocol.names import KIND_NAMES, OP_NAMES


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
        cancelled=cancel and ends(uplink),
        cancel_unverified=cancel and not ends(uplink),
        felt=_felt(uplink, message),
        linked=linked,
        freshness=uplink.freshness,
        told=1,
        events=1,
    )
    return Outcome(incident, (Change("raised", uplink.received.at, heard(uplink), 1),))


def hear(incident: Incident, uplink: Uplink) -> Outcome:
    """Merge a further message into `incident`, whatever its state: it is never a new one."""
    message = _incident_message(uplink)
    at = uplink.received.at
    was = incident
    incident = incident._replace(
        last_counter=max(incident.last_counter, uplink.counter),
        updated_at=max(incident.updated_at, at),
        duress=incident.duress or bool(message.duress),
        freshness=freshest(incident.freshness, uplink.freshness),
    )
    forced = incident.duress and not was.duress
    if message.kind == CANCEL:
        return _cancel(incident, uplink, forced=forced)
    outcome = _feel(incident, message, uplink)
    first_alert = was.kind == KIND_NAMES[CANCEL]  # until now only the cancel had been heard
    if forced or first_alert or (uplink.in_order and _begins_again(was, message)):
        return _again(outcome, uplink)
    if incident.freshness is not was.freshness:
        return _verified(outcome, uplink)
    return outcome


def acknowledge(incident: Incident, command: Acknowledge) -> Outcome:
    """A person takes the incident; told twice it is news once, and what is closed stays closed."""
    state = TRANSITIONS.get((incident.state, "acknowledge"))
    already = incident.state, incident.acknowledged_by, incident.eta_minutes
    if state is None or already == (state, command.by, command.eta_minutes):
        return Outcome(incident)
    incident = incident._replace(
        state=state,
        acknowledged_at=command.at,
        acknowledged_by=command.by,
        eta_minutes=command.eta_minutes,
        updated_at=command.at,
    )
    detail = {"by": command.by, "eta_minutes": command.eta_minutes, "via": command.mandate.via}
    return tell(incident, "acknowledged", command.at, detail)


def close(incident: Incident, command: Close) -> Outcome:
    """A person ends the incident."""
    state = TRANSITIONS.get((incident.state, "close"))
    if state is None:
        return Outcome(incident)
    incident = incident._replace(
        state=state, closed_at=command.at, closed_by=command.by, updated_at=command.at
    )
    detail = {"by": command.by, "via": command.mandate.via}
    return tell(incident, "closed", command.at, detail)


def closed_elsewhere(incident: Incident, command: Close) -> Outcome:
    """Two persons have ended it, each at another gateway: from now on it was who `command` says."""
    incident = incident._replace(closed_by=command.by, closed_at=command.at)
    detail = {"by": command.by, "via": command.mandate.via}
    return tell(incident, "closed", command.at, detail)


def deliver(incident: Incident, delivered: Delivered) -> Outcome:
    """An upstream has confirmed an event; it counts if it is, or follows, the one that tells people."""
    if delivered.number < incident.told:
        return Outcome(incident)
    # The plan may have told another of it, by a later event.
    news = delivered.number == incident.told or not incident.delivered
    change = Change("delivered", delivered.at, {"target": delivered.target})
    return Outcome(incident._replace(delivered=True), (change,) if news else ())


def _cancel(incident: Incident, uplink: Uplink, *, forced: bool) -> Outcome:
    """Mark what the wearer took back, where the frame cannot be an old one; else only tell of it."""
    at = uplink.received.at
    if ends(uplink) and not incident.cancelled:
        state = TRANSITIONS[incident.state, "cancel"]
        incident = incident._replace(cancelled=True, cancel_unverified=False, state=state)
        return tell(incident, "cancelled", at, heard(uplink), people=forced)
    if forced or not (incident.cancelled or incident.cancel_unverified):
        incident = incident._replace(cancel_unverified=not incident.cancelled)
        name = "updated" if incident.cancelled else "cancel_unverified"
        return tell(incident, name, at, heard(uplink), people=forced)
    return Outcome(incident)


def _feel(incident: Incident, message: IncidentMessage, uplink: Uplink) -> Outcome:
    """Record the highest stage the wearer says to have felt."""
    felt = _felt(uplink, message)
    if felt <= incident.felt:
        return Outcome(incident)
    detail = {"stage": OP_NAMES[felt]}
    incident = incident._replace(felt=felt)
    return Outcome(incident, (Change("wearer_felt", uplink.received.at, detail),))


def _felt(uplink: Uplink, message: IncidentMessage) -> int:
    """Return the stage to believe: that she knows of help reassures, so a late frame may not say it."""
    if message.felt == ACKNOWLEDGED and not ends(uplink):
        return DELIVERED
    return message.felt


def _verified(outcome: Outcome, uplink: Uplink) -> Outcome:
    """Tell that the alert is not as old as it seemed."""
    told = tell(outcome.incident, "verified", uplink.received.at, heard(uplink))
    return Outcome(told.incident, outcome.changes + told.changes)


def _begins_again(incident: Incident, message: IncidentMessage) -> bool:
    """Tell a new press from a refresh: what was felt falls, or the kind is another.

    A device refreshes with what it has felt so far until it has felt that a person comes.
    """
    return (
        incident.cancelled
        or incident.cancel_unverified
        or message.felt < incident.felt
        or _kind(incident, message) != incident.kind
    )


def _kind(incident: Incident, message: IncidentMessage) -> str:
    """Return the kind of `incident` from `message` on: a test never makes less of an alert."""
    real = incident.kind not in (KIND_NAMES[TEST], KIND_NAMES[CANCEL])
    return incident.kind if real and message.kind == TEST else KIND_NAMES[message.kind]


def _again(outcome: Outcome, uplink: Uplink) -> Outcome:
    message = _incident_message(uplink)
    incident = outcome.incident._replace(
        kind=_kind(outcome.incident, message),
        felt=_felt(uplink, message) if uplink.in_order else outcome.incident.felt,
        cancelled=outcome.incident.cancelled and not uplink.in_order,
        cancel_unverified=outcome.incident.cancel_unverified and not uplink.in_order,
        delivered=False,
        state=TRANSITIONS[outcome.incident.state, "again"],
    )
    told = tell(incident, "updated", uplink.received.at, heard(uplink), people=True)
    return Outcome(told.incident, outcome.changes + told.changes)


def heard(uplink: Uplink) -> dict[str, object]:
    """Return how a frame was heard, for people to see, and as evidence the frame itself."""
    received = uplink.received
    return {
        "counter": uplink.counter,
        "radio": received.radio,
        "medium": received.medium,
        "rssi": received.rssi,
        "snr": received.snr,
        "verdict": uplink.freshness.value,
        "frame": received.frame.hex(),
    }


def _incident_message(uplink: Uplink) -> IncidentMessage:
    message = uplink.message
    if not isinstance(message, IncidentMessage):
        raise TypeError("not a message about an incident")
    return message

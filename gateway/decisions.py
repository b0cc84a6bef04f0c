"""What each event does to the batch: incidents, journal, notices, and who waits for an answer. Pure."""

from collections.abc import Callable

from gateway import incidents, notices
from gateway.bearing import judged, shares_mark
from gateway.device import Device
from gateway.device_state import DeviceState
from gateway.events import Acknowledge, Close, Delivered, Fault, Restore, Uplink, Verdict
from gateway.freshness import ends
from gateway.hearing import LISTENS_S, Back
from gateway.incident import Incident, Outcome, State, best_stage
from gateway.ledger import Batch, Entry, Want
from protocol.errors import Malformed
from protocol.identity import first_counter, incident_id
from protocol.kinds import (
    ALERT_KINDS,
    CONDITION_NAMES,
    KIND_NAMES,
    RESTORE,
    VISIT_END,
)
from protocol.messages import Condition, Heartbeat, IncidentMessage, Query, Report, VisitStart


def take_uplink(batch: Batch, uplink: Uplink) -> None:
    """Record an authentic frame, judge whether it is late, and do what it says."""
    state = batch.draft(uplink.device)
    bearing = batch.known.bearing
    if shares_mark(uplink, state, bearing):
        take_condition(batch, Fault("gateway", "mark_shared", uplink.received.at, uplink.device))
    uplink = judged(uplink, state, batch.known.devices[uplink.device].heartbeat_s, bearing)
    _remember(state, uplink)
    message = uplink.message
    about_incident = isinstance(message, IncidentMessage) and message.kind != VISIT_END
    if uplink.verdict is Verdict.REUSED:
        detail: dict[str, object] = {"code": "counter_reuse", "counter": uplink.counter}
        _tell_of_device(batch, uplink, "fault", detail)
        if not (isinstance(message, IncidentMessage) and message.kind in ALERT_KINDS):
            return
    if about_incident:
        _take_incident(batch, uplink)
    elif isinstance(message, Heartbeat):
        _take_heartbeat(batch, uplink, message)
    elif isinstance(message, Query):
        _want_health(batch, uplink)
    elif isinstance(message, Condition):
        _take_condition(batch, uplink, message)
    else:
        _take_rest(batch, uplink)


def take_acknowledge(batch: Batch, command: Acknowledge) -> str:
    """A person takes an incident; return "done" or why not."""
    return _command(batch, command.incident, lambda known: incidents.acknowledge(known, command))


def take_close(batch: Batch, command: Close) -> str:
    """A person ends an incident; return "done" or why not."""
    return _command(batch, command.incident, lambda known: incidents.close(known, command))


def take_delivered(batch: Batch, delivered: Delivered) -> str:
    """An upstream has confirmed a notice."""
    batch.delivered.append(delivered)
    known = batch.incident(delivered.incident) if delivered.incident else None
    if known is not None:
        _apply(batch, known, incidents.deliver(known, delivered))
        _push(batch, known, delivered.at)
    return "done"


def take_condition(batch: Batch, event: Fault | Restore) -> str:
    """A part of the gateway fails or works again; told once."""
    begins = isinstance(event, Fault)
    if batch.failing(event.source, event.code) == begins:
        return "done"
    batch.faults[event.source, event.code] = event.at if begins else None
    name = "fault" if begins else "restore"
    detail = {"source": event.source, "code": event.code}
    if isinstance(event, Fault) and event.why:
        detail["why"] = event.why
    batch.journal.append(Entry(name, event.at, None, None, detail))
    batch.notices.append(notices.of_gateway(event, name))
    return "done"


def take_device(batch: Batch, device: Device) -> None:
    """Learn an enrolled device; a key that is new to us begins with nothing accepted."""
    known = batch.known.devices.get(device.id)
    if known == device:
        return
    batch.devices[device.id] = device
    if known is None or known.enrolled_at != device.enrolled_at:
        batch.states[device.id] = DeviceState(device.floor)


def _remember(state: DeviceState, uplink: Uplink) -> None:
    state.accept(uplink.counter, uplink.received.frame)
    if ends(uplink):  # a frame held back is no sign of life
        state.heard_at = uplink.received.at
    if uplink.in_order:
        state.contact_at = uplink.received.at
        state.heard_by = uplink.received.radio
        state.medium = uplink.received.medium


def _take_incident(batch: Batch, uplink: Uplink) -> None:
    message = uplink.message
    if not isinstance(message, IncidentMessage):
        raise TypeError("not a message about an incident")
    first = _first(batch, uplink, message)
    if first is None:
        return
    name = incident_id(batch.known.devices[uplink.device].keys, first).hex()
    known = batch.incident(name)
    if known is None:
        linked = batch.open_incident(uplink.device)
        outcome = incidents.raise_incident(name, first, uplink, linked)
    else:
        outcome = incidents.hear(known, uplink)
    _apply(batch, known, outcome)
    counter = outcome.incident.last_counter
    batch.want(Want(uplink.device, counter, name, Back.of(uplink.received)))


def _first(batch: Batch, uplink: Uplink, message: IncidentMessage) -> int | None:
    """Return the first counter of the incident, or None where it cannot be: somebody is told."""
    try:
        return first_counter(uplink.counter, message.block)
    except Malformed:  # authentic and impossible: the device is at fault
        detail: dict[str, object] = {"code": "impossible_block", "counter": uplink.counter}
        _tell_of_device(batch, uplink, "fault", detail)
        return None


def _take_heartbeat(batch: Batch, uplink: Uplink, message: Heartbeat) -> None:
    if ends(uplink):
        state = batch.draft(uplink.device)
        state.told = state.told.with_page(uplink.counter, message.data)
    if message.listening:
        _want_health(batch, uplink)


def _take_condition(batch: Batch, uplink: Uplink, message: Condition) -> None:
    restore = message.kind == RESTORE
    detail: dict[str, object] = {
        "code": CONDITION_NAMES.get(message.code, f"condition_{message.code}"),
        "value": message.value,
        "counter": uplink.counter,
    }
    if not restore:
        _tell_of_device(batch, uplink, "fault", detail)
    else:  # an old frame must not end a fault
        _tell_of_device(batch, uplink, _certain(uplink, "restore"), detail)
    _want_health(batch, uplink)


def _take_rest(batch: Batch, uplink: Uplink) -> None:
    """Record and tell what this gateway does not act on; of that only a visit is answered."""
    message = uplink.message
    detail: dict[str, object] = {"counter": uplink.counter}
    if isinstance(message, VisitStart):
        name = "visit_started"
        detail |= {"minutes": message.minutes, "duress": bool(message.duress)}
        _want_health(batch, uplink, visit=True)
    elif isinstance(message, IncidentMessage):
        if _first(batch, uplink, message) is None:
            return
        name = "visit_ended"
        detail |= {"duress": bool(message.duress)}
        _want_health(batch, uplink, visit=True)
    elif isinstance(message, Report):
        name = "reported"
        detail |= {"op": message.op, "seq": message.seq, "ok": bool(message.ok)}
    else:
        name = "fault"
        detail |= {"code": "unknown_kind"}
    if name != "fault":
        name = _certain(uplink, name)
    _tell_of_device(batch, uplink, name, detail)


def _certain(uplink: Uplink, name: str) -> str:
    """Return the event `name`, another where `uplink` may be an old frame: shown, not applied."""
    return name if ends(uplink) else f"{name}_unverified"


def _command(batch: Batch, name: str, decide: Callable[[Incident], Outcome]) -> str:
    known = batch.incident(name)
    if known is None:
        return "unknown_incident"
    if known.state is State.CLOSED:
        return "already_closed"
    outcome = decide(known)
    _apply(batch, known, outcome)
    _push(batch, known, outcome.incident.updated_at)
    return "done"


def _apply(batch: Batch, known: Incident | None, outcome: Outcome) -> None:
    incident = outcome.incident
    if incident != known:
        batch.incidents[incident.id] = incident
    device = batch.known.devices[incident.device]
    for change in outcome.changes:
        detail = {"kind": incident.kind, **change.detail}
        entry = Entry(change.name, change.at, incident.id, incident.device, detail)
        batch.journal.append(entry)
        if change.number is not None:
            batch.notices.append(notices.of_incident(incident, change, change.number, device))


def _push(batch: Batch, known: Incident, now: float) -> None:
    """Answer again where the stage has risen and the device may still listen.

    Always to a counter of this very incident, so that no other incident is ever answered by it.
    """
    incident = batch.incidents.get(known.id, known)
    state = batch.state(known.device)
    if best_stage(incident) <= best_stage(known) and not _estimate_changed(known, incident):
        return
    if state.contact_at is None or not 0 <= now - state.contact_at <= LISTENS_S:
        return
    if state.heard_by is not None and state.medium is not None:
        counter = incident.last_counter
        back = Back(state.heard_by, state.medium, float("-inf"))
        batch.want(Want(known.device, counter, known.id, back, pushed=True))


def _estimate_changed(known: Incident, incident: Incident) -> bool:
    return known.eta_minutes != incident.eta_minutes


def _want_health(batch: Batch, uplink: Uplink, *, visit: bool = False) -> None:
    batch.want(Want(uplink.device, uplink.counter, None, Back.of(uplink.received), visit))


def _tell_of_device(batch: Batch, uplink: Uplink, name: str, detail: dict[str, object]) -> None:
    at = uplink.received.at
    detail = {"kind": KIND_NAMES.get(getattr(uplink.message, "kind", 0), "other"), **detail}
    detail["verdict"] = uplink.freshness.value
    batch.journal.append(Entry(name, at, None, uplink.device, detail))
    device = batch.known.devices[uplink.device]
    batch.notices.append(notices.of_device(device, name, at, uplink.counter, detail))

"""What each event does to the batch: incidents, journal, notices, and who waits for an answer. Pure."""

from collections.abc import Callable

from gateway import notices, orders, requests
from gateway.cases import incidents, visits
from gateway.cases.incident import VISIT, Incident, Outcome, State, best_stage
from gateway.drafts import Entry, Want
from gateway.events import Acknowledge, Close, Delivered, Fault, Restore, Uplink, Verdict
from gateway.frames.bearing import Bearing, judged, shares_mark
from gateway.frames.device import Device
from gateway.frames.device_state import DeviceState
from gateway.frames.freshness import ends
from gateway.frames.hearing import LISTENS_S, Back
from gateway.ledger import Batch
from gateway.telling import apply, first_named, tell_of_frame, want_health
from gateway.watching import device_faults
from gateway.watching.device_faults import COUNTER_REUSE, Finding
from protocol.kinds import ALERT_KINDS, PAGE_STATUS, PAGES, RESTORE, VISIT_END
from protocol.messages import Condition, Heartbeat, IncidentMessage, Query, Report, VisitStart
from protocol.names import CONDITION_NAMES
from protocol.pages import Status


def take_uplink(batch: Batch, uplink: Uplink) -> None:
    """Record an authentic frame, judge whether it is late, and do what it says."""
    state = batch.draft(uplink.device)
    bearing = batch.known.bearing
    if shares_mark(uplink, state, bearing):
        take_condition(batch, Fault("gateway", "mark_shared", uplink.received.at, uplink.device))
    heartbeat_s = batch.known.devices[uplink.device].heartbeat_s
    uplink = judged(uplink, state, heartbeat_s, bearing)
    _remember(state, uplink, heartbeat_s, bearing)
    if uplink.verdict is Verdict.REUSED:
        detail: dict[str, object] = {"code": COUNTER_REUSE, "counter": uplink.counter}
        if device_faults.stands(batch, Finding(uplink.device, COUNTER_REUSE, uplink.received.at)):
            tell_of_frame(batch, uplink, "fault", detail)
        if getattr(uplink.message, "kind", None) not in ALERT_KINDS:
            return
    _take_message(batch, uplink)


def take_acknowledge(batch: Batch, command: Acknowledge) -> str:
    """A person takes an incident; return "done" or why not."""
    return _command(batch, command, lambda known: incidents.acknowledge(known, command))


def take_close(batch: Batch, command: Close) -> str:
    """A person ends an incident; return "done" or why not."""
    return _command(batch, command, lambda known: incidents.close(known, command))


def take_delivered(batch: Batch, delivered: Delivered) -> str:
    """An upstream has confirmed a notice."""
    batch.delivered.append(delivered)
    return somebody_told(batch, delivered)


def somebody_told(batch: Batch, delivered: Delivered) -> str:
    """Somebody was told of an incident, whoever has told them."""
    known = batch.incident(delivered.incident) if delivered.incident else None
    if known is not None:
        apply(batch, known, incidents.deliver(known, delivered))
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
        device_faults.forget(batch, device.id)


def _take_message(batch: Batch, uplink: Uplink) -> None:
    message = uplink.message
    if isinstance(message, IncidentMessage) and message.kind == VISIT_END:
        visits.take_end(batch, uplink, message)
    elif isinstance(message, IncidentMessage):
        _take_incident(batch, uplink, message)
    elif isinstance(message, VisitStart):
        visits.take_start(batch, uplink, message)
    elif isinstance(message, Heartbeat):
        _take_heartbeat(batch, uplink, message)
    elif isinstance(message, Query):
        want_health(batch, uplink)
    elif isinstance(message, Condition):
        _take_condition(batch, uplink, message)
    else:
        _take_rest(batch, uplink)


def note_signs(state: DeviceState, uplink: Uplink, heartbeat_s: int, bearing: Bearing) -> None:
    """Let supervision know of a frame, before its counter is accepted."""
    received, signs = uplink.received, state.signs
    signs = signs.heard(received.medium, received.rssi)
    if ends(uplink):
        skipped = uplink.counter - state.window.highest - 1
        now, asked = received.monotonic + bearing.base_s, isinstance(uplink.message, Query)
        signs = signs.missed(skipped, now, heartbeat_s).alive(now, asked=asked)
    state.signs = signs


def _remember(state: DeviceState, uplink: Uplink, heartbeat_s: int, bearing: Bearing) -> None:
    received = uplink.received
    note_signs(state, uplink, heartbeat_s, bearing)
    state.accept(uplink.counter, received.frame)
    if ends(uplink):  # a frame held back is no sign of life
        state.heard_at = received.at
    if uplink.in_order:
        state.contact_at = uplink.received.at
        state.heard_by = uplink.received.radio
        state.medium = uplink.received.medium


def _take_incident(batch: Batch, uplink: Uplink, message: IncidentMessage) -> None:
    first = first_named(batch, uplink, message)
    if first is None:
        return
    name = batch.known.next_ids.id_of(batch.known.devices[uplink.device], first)
    known = batch.incident(name)
    if known is None:
        linked = batch.open_incident(uplink.device)
        outcome = incidents.raise_incident(name, first, uplink, linked)
    else:
        outcome = incidents.hear(known, uplink)
    apply(batch, known, outcome)
    counter = outcome.incident.last_counter
    batch.want(Want(uplink.device, counter, name, Back.of(uplink.received)))


def _take_heartbeat(batch: Batch, uplink: Uplink, message: Heartbeat) -> None:
    if ends(uplink):
        state = batch.draft(uplink.device)
        state.told = state.told.with_page(uplink.counter, message.data)
        if uplink.counter % PAGES == PAGE_STATUS:
            status = Status(message.data)
            device_faults.take_status(batch, uplink.device, status, uplink.received.at)
    if message.listening:
        want_health(batch, uplink)


def _take_condition(batch: Batch, uplink: Uplink, message: Condition) -> None:
    restore = message.kind == RESTORE
    detail: dict[str, object] = {
        "code": CONDITION_NAMES.get(message.code, f"condition_{message.code}"),
        "value": message.value,
        "counter": uplink.counter,
    }
    found = Finding(uplink.device, str(detail["code"]), uplink.received.at, message.value)
    if not restore:
        if device_faults.stands(batch, found):  # it says so until it has heard an answer
            tell_of_frame(batch, uplink, "fault", detail)
    elif not ends(uplink):  # an old frame must not end a fault
        tell_of_frame(batch, uplink, _certain(uplink, "restore"), detail)
    elif device_faults.ended(batch, found):
        tell_of_frame(batch, uplink, "restore", detail)
    want_health(batch, uplink)


def _take_rest(batch: Batch, uplink: Uplink) -> None:
    """Record and tell what this gateway does not act on, nor answer."""
    message = uplink.message
    detail: dict[str, object] = {"counter": uplink.counter}
    if isinstance(message, Report):
        orders.take_report(batch, uplink, message)
        detail |= {"op": message.op, "seq": message.seq, "ok": bool(message.ok)}
        tell_of_frame(batch, uplink, _certain(uplink, "reported"), detail)
    else:
        tell_of_frame(batch, uplink, "fault", detail | {"code": "unknown_kind"})


def _certain(uplink: Uplink, name: str) -> str:
    """Return the event `name`, another where `uplink` may be an old frame: shown, not applied."""
    return name if ends(uplink) else f"{name}_unverified"


def _command(
    batch: Batch, command: Acknowledge | Close, decide: Callable[[Incident], Outcome]
) -> str:
    mandate = command.mandate
    if mandate.once:
        if batch.was_used(mandate.once):
            return "used_before"
        batch.used[mandate.once] = mandate.expires
    if command.incident in batch.known.trials:
        return requests.take_trial_answer(batch, command)
    known = batch.incident(command.incident)
    if known is None:
        return "unknown_incident"
    if known.state is State.CLOSED:
        return "already_closed"
    if mandate.answers is not None and mandate.answers < known.told:
        return "pressed_again"  # nobody who answers has seen that
    outcome = decide(known)
    apply(batch, known, outcome)
    _push(batch, known, outcome.incident.updated_at)
    return "done"


def _push(batch: Batch, known: Incident, now: float) -> None:
    """Answer again where the stage has risen and the device may still listen.

    Always to a counter of this very incident, so that no other incident is ever answered by it.
    """
    incident = batch.incidents.get(known.id, known)
    state = batch.state(known.device)
    if best_stage(incident) <= best_stage(known) and not _estimate_changed(known, incident):
        return
    if incident.kind == VISIT:  # no frame of it is an alert: to a visit a stage means nothing
        return
    if state.contact_at is None or not 0 <= now - state.contact_at <= LISTENS_S:
        return
    if state.heard_by is not None and state.medium is not None:
        counter = incident.last_counter
        back = Back(state.heard_by, state.medium, float("-inf"))
        batch.want(Want(known.device, counter, known.id, back, pushed=True))


def _estimate_changed(known: Incident, incident: Incident) -> bool:
    return known.eta_minutes != incident.eta_minutes

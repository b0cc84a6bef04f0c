"""Timed visits: a start, more of them, an end; and where none comes in time, an incident. Pure.

    visit_start, applied       runs, or runs on, for `minutes` from its reception
    visit_end, applied         over; told again it is answered again, and is no news
    due and not ended          overdue: an incident, whose first counter is that of the last start
    visit_end after that       told of this incident, which a person closes
    visit_end of nothing known an incident: a person should look
    duress in any of them      an incident, silent; all else goes on as if there was none

Applied is what is fresh and in order (SPEC 5.5). The rest is told as `.._unverified`, and ends nothing.
"""

import math
from dataclasses import replace

from gateway.cases import visit_calls
from gateway.cases.incidents import heard
from gateway.cases.visit import Visit, nameable
from gateway.cases.visit_calls import VisitCall
from gateway.events import Freshness, Uplink
from gateway.frames.freshness import ends
from gateway.ledger import Batch
from gateway.telling import apply, first_named, tell_of_frame, want_health
from protocol.identity import incident_id
from protocol.messages import IncidentMessage, VisitStart


class VisitWatch:
    """Raises what is overdue."""

    def __init__(self, grace_s: float) -> None:
        """Wait `grace_s` longer than the visit: a visit_end may be on its way."""
        self._grace_s = grace_s

    def judge(self, batch: Batch) -> float:
        """Raise what is overdue at `batch.now`; return when the next visit will be."""
        next_s = math.inf
        for visit in batch.running_visits():
            due_s = visit.due_s + self._grace_s
            if due_s <= batch.now:
                _overdue(batch, visit)
            else:
                next_s = min(next_s, due_s)
        return next_s


def take_start(batch: Batch, uplink: Uplink, message: VisitStart) -> None:
    """Begin a visit, or extend the one that runs."""
    applied = ends(uplink) and message.minutes > 0  # 0 is reserved (SPEC 4)
    known = batch.visit(uplink.device) or Visit(uplink.device)
    batch.visits[uplink.device] = (
        _started(batch, known, uplink, message.minutes)
        if applied
        else _known(known, uplink.counter)
    )
    name = "visit_extended" if applied and known.runs else "visit_started"
    _tell(batch, uplink, name if applied else f"{name}_unverified", minutes=message.minutes)
    if message.duress:
        _call(batch, uplink, uplink.counter, "duress")
    want_health(batch, uplink, visit=True, applied=applied)


def take_end(batch: Batch, uplink: Uplink, message: IncidentMessage) -> None:
    """End the visit that `message` names, if that runs."""
    first = first_named(batch, uplink, message)
    if first is None:
        return
    known = batch.visit(uplink.device) or Visit(uplink.device)
    applied = ends(uplink) and first in known.starts
    if applied:
        _end(batch, uplink, known)
    elif first in known.starts + known.others:
        _show_end(batch, uplink, known)
    elif not message.duress:
        _call(batch, uplink, first, "unknown_end")
    if message.duress:
        _call(batch, uplink, first, "duress")
    want_health(batch, uplink, visit=True, applied=applied)


def _started(batch: Batch, known: Visit, uplink: Uplink, minutes: int) -> Visit:
    """Return the visit from this start on; the time counts from when the frame was received."""
    received_s = uplink.received.monotonic + batch.known.bearing.base_s
    before = known.starts if known.runs else ()
    others = known.others if known.runs else known.others + known.starts
    return Visit(
        device=uplink.device,
        starts=(*nameable(before, uplink.counter), uplink.counter),
        others=nameable(others, uplink.counter),
        minutes=minutes,
        started_at=uplink.received.at,
        due_s=received_s + 60.0 * minutes,
    )


def _known(known: Visit, counter: int) -> Visit:
    """Return the visit unchanged, but for a start that is not unknown any more."""
    return replace(known, others=(*nameable(known.others, counter), counter))


def _end(batch: Batch, uplink: Uplink, known: Visit) -> None:
    """End what runs; of what is overdue, tell those who look after it. The rest is no news."""
    if known.ended_at is not None:
        return
    batch.visits[uplink.device] = replace(known, ended_at=uplink.received.at)
    _tell(batch, uplink, "visit_ended")
    if known.overdue:
        incident = batch.incident(_name(batch, uplink.device, known.starts[-1]))
        if incident is not None:
            apply(batch, incident, visit_calls.ended_late(incident, uplink))


def _show_end(batch: Batch, uplink: Uplink, known: Visit) -> None:
    """Tell, once, of an end that does not apply."""
    if not known.end_shown:
        batch.visits[uplink.device] = replace(known, end_shown=True)
        _tell(batch, uplink, "visit_ended_unverified")


def _overdue(batch: Batch, visit: Visit) -> None:
    batch.visits[visit.device] = replace(visit, overdue=True)
    if visit.device not in batch.known.devices:  # taken off the register meanwhile
        return
    first = visit.starts[-1]
    detail: dict[str, object] = {"minutes": visit.minutes, "started_at": visit.started_at}
    call = VisitCall("overdue", visit.device, first, first, batch.at, Freshness.FRESH, detail)
    _raise(batch, call)


def _call(batch: Batch, uplink: Uplink, first: int, why: str) -> None:
    at, counter = uplink.received.at, uplink.counter
    detail = heard(uplink)
    _raise(batch, VisitCall(why, uplink.device, first, counter, at, uplink.freshness, detail))


def _raise(batch: Batch, call: VisitCall) -> None:
    name = _name(batch, call.device, call.first)
    known = batch.incident(name)
    if known is None:
        linked = batch.open_incident(call.device)
        apply(batch, None, visit_calls.open_call(name, call, linked))
    else:
        apply(batch, known, visit_calls.call_again(known, call))


def _tell(batch: Batch, uplink: Uplink, name: str, **detail: object) -> None:
    duress = bool(getattr(uplink.message, "duress", 0))
    tell_of_frame(batch, uplink, name, {"counter": uplink.counter, **detail, "duress": duress})


def _name(batch: Batch, device: str, first: int) -> str:
    return incident_id(batch.known.devices[device].keys, first).hex()

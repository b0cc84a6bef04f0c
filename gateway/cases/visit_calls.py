"""What a timed visit does to an incident of its own: it calls for a person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.cases.incident import TRANSITIONS, VISIT, Incident, Outcome, State, tell
from gateway.cases.incidents import heard
from gateway.events import Freshness, Uplink
from gateway.frames.freshness import freshest


@dataclass(frozen=True, slots=True)
class VisitCall:
    """Why a visit needs a person: it is "overdue", under "duress", or an "unknown_end".

    `first` and `counter` are of the frame that speaks of it, `at` is Unix seconds.
    """

    why: str
    device: str
    first: int
    counter: int
    at: float
    freshness: Freshness
    detail: Mapping[str, object]

    def shown(self) -> dict[str, object]:
        """Return what people are told."""
        return {"visit": self.why, **self.detail}


def open_call(incident_id: str, call: VisitCall, linked: str | None) -> Outcome:
    """Open an incident about a visit; `linked` is one still open."""
    incident = Incident(
        id=incident_id,
        device=call.device,
        first_counter=call.first,
        last_counter=call.counter,
        kind=VISIT,
        opened_at=call.at,
        updated_at=call.at,
        state=TRANSITIONS[State.NEW, "visit"],
        duress=call.why == "duress",
        linked=linked,
        freshness=call.freshness,
    )
    return tell(incident, "raised", call.at, call.shown(), people=True)


def call_again(incident: Incident, call: VisitCall) -> Outcome:
    """Tell people again, where `call` is worse than what they know; a repeated frame is not."""
    duress = call.why == "duress"
    incident = incident._replace(
        last_counter=max(incident.last_counter, call.counter),
        updated_at=max(incident.updated_at, call.at),
        freshness=freshest(incident.freshness, call.freshness),
    )
    if call.why == "unknown_end" or (duress and incident.duress):
        return Outcome(incident)
    incident = incident._replace(
        duress=incident.duress or duress,
        state=TRANSITIONS[incident.state, "visit"],
        delivered=False,
        closed_at=None,
        closed_by=None,
    )
    return tell(incident, "updated", call.at, call.shown(), people=True)


def ended_late(incident: Incident, uplink: Uplink) -> Outcome:
    """Tell that a visit which was overdue has been ended by its wearer."""
    at = uplink.received.at
    state = TRANSITIONS[incident.state, "visit_end"]
    incident = incident._replace(state=state, updated_at=max(incident.updated_at, at))
    return tell(incident, "visit_ended", at, heard(uplink))

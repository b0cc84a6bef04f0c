"""What every rule writes into a batch: changes of an incident, news of a device, who waits. Pure."""

from gateway import notices
from gateway.cases.incident import Incident, Outcome, leave_out_numbers
from gateway.drafts import Entry, Want
from gateway.events import Uplink
from gateway.frames.hearing import Back
from gateway.ledger import Batch
from gateway.response import callout
from protocol.errors import Malformed
from protocol.identity import first_counter
from protocol.messages import IncidentMessage
from protocol.names import KIND_NAMES


def apply(batch: Batch, known: Incident | None, outcome: Outcome) -> None:
    """Draft the incident of `outcome`; journal what happened to it, and tell people where they are."""
    incident = outcome.incident
    if known is None and _may_be_forgotten(batch, incident):
        incident = leave_out_numbers(incident, batch.at)
    if incident != known:
        batch.incidents[incident.id] = incident
    for change in outcome.changes:
        detail = {"kind": incident.kind, **change.detail}
        entry = Entry(change.name, change.at, incident.id, incident.device, detail)
        batch.journal.append(entry)
        if change.number is not None:
            batch.notices.append(callout.notice(batch, incident, change, change.number))
    callout.follow(batch, incident)


def _may_be_forgotten(batch: Batch, incident: Incident) -> bool:
    """Say whether a database that was lost may have known this incident."""
    return batch.state(incident.device).doubt.covers(incident.first_counter, batch.now)


def tell_of_frame(batch: Batch, uplink: Uplink, name: str, detail: dict[str, object]) -> None:
    """Journal and tell what a frame says of its device."""
    at = uplink.received.at
    detail = {"kind": KIND_NAMES.get(getattr(uplink.message, "kind", 0), "other"), **detail}
    detail["verdict"] = uplink.freshness.value
    batch.journal.append(Entry(name, at, None, uplink.device, detail))
    device = batch.known.devices[uplink.device]
    batch.notices.append(notices.of_device(device, name, at, uplink.counter, detail))


def first_named(batch: Batch, uplink: Uplink, message: IncidentMessage) -> int | None:
    """Return the first counter of the incident, or None where it cannot be: somebody is told."""
    try:
        return first_counter(uplink.counter, message.block)
    except Malformed:  # authentic and impossible: the device is at fault
        detail: dict[str, object] = {"code": "impossible_block", "counter": uplink.counter}
        tell_of_frame(batch, uplink, "fault", detail)
        return None


def want_health(
    batch: Batch, uplink: Uplink, *, visit: bool = False, applied: bool = False
) -> None:
    """Answer the frame itself, with how this gateway fares; `applied`: its visit is as it says."""
    back = Back.of(uplink.received)
    batch.want(Want(uplink.device, uplink.counter, None, back, visit=visit, applied=applied))

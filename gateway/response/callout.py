"""To whom a change of an incident is told, as far as the plan has gone for it. Pure."""

from gateway import notices
from gateway.cases.incident import Change, Incident, State
from gateway.drafts import Notice
from gateway.ledger import Batch
from gateway.response import escalation


def notice(batch: Batch, incident: Incident, change: Change, number: int) -> Notice:
    """Return event `number` of `incident` for those the plan has told so far.

    What tells people begins the plan, or begins it anew. A test is told to every upstream and to nobody
    after that.
    """
    device = batch.known.devices[incident.device]
    if incident.test:
        return notices.of_incident(incident, change, number, device)
    if number == incident.told and incident.state is State.OPEN:
        _begin(batch, incident, change.at)
    known = batch.escalation(incident.id)
    targets = escalation.upstreams(known.told) if known else None
    told = notices.of_incident(incident, change, number, device, targets)
    return with_access(batch, told)


def with_access(batch: Batch, told: Notice) -> Notice:
    """Return a notice of an alert with the site's access sheet, where it has one."""
    access = batch.known.plan.access
    return told._replace(data={**told.data, "access": dict(access)}) if access else told


def follow(batch: Batch, incident: Incident) -> None:
    """Let the plan rest, or know that somebody was told, as `incident` says."""
    known = batch.escalation(incident.id)
    if known is None or not known.active:
        return
    if incident.state is not State.OPEN:
        batch.escalations[incident.id] = escalation.rest(known)
    elif incident.delivered:
        batch.escalations[incident.id] = escalation.somebody_told(known)


def _begin(batch: Batch, incident: Incident, at: float) -> None:
    plan, before = batch.known.plan, batch.escalation(incident.id)
    counter = incident.last_counter if before else incident.first_counter
    begun = escalation.begin(incident.id, before, plan, batch.now, at)
    batch.escalations[incident.id] = escalation.take_due(
        begun, incident.kind, plan, batch.now, counter
    )

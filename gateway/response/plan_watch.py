"""Does what the plan asks for when its time has come: who next, and that nobody was told. Pure."""

import math

from gateway import decisions, notices
from gateway.cases.incident import Incident, tell
from gateway.drafts import Entry
from gateway.events import Fault, Restore
from gateway.ledger import Batch, Ledger
from gateway.response import escalation
from gateway.response.callout import with_access
from gateway.response.escalation import Escalation, Telling

NOBODY_TOLD = ("plan", "nobody_told")


def judge(batch: Batch) -> float:
    """Take the steps that are due at `batch.now`; return when the next is, gateway time."""
    due_s = math.inf
    for known in batch.all_escalations():
        if not known.active:
            continue
        if known.next_s > batch.now:
            due_s = min(due_s, known.next_s)
            continue
        incident = batch.incident(known.incident)
        if incident is not None:
            due_s = min(due_s, _advance(batch, known, incident).next_s)
    _judge_fault(batch)
    return due_s


def works(ledger: Ledger, at: float) -> bool:
    """Say whether the plan tells somebody of whatever is raised `at`, Unix seconds, as far as is known."""
    return NOBODY_TOLD not in ledger.faults and not ledger.plan.left_out(at)


def _advance(batch: Batch, known: Escalation, incident: Incident) -> Escalation:
    plan = batch.known.plan
    after, tellings = escalation.advance(known, incident.kind, plan, batch.now, batch.at)
    batch.escalations[incident.id] = after
    for telling in tellings:
        incident = _say(batch, incident, telling)
    return after


def _say(batch: Batch, incident: Incident, telling: Telling) -> Incident:
    """Note in the journal what the plan did, and tell those it names; return the incident after it."""
    detail = {"round": telling.round, "targets": list(telling.targets)}
    outcome = tell(incident, telling.name, batch.at, detail)
    incident = batch.incidents[incident.id] = outcome.incident
    (change,) = outcome.changes
    shown = {"kind": incident.kind, **detail}
    batch.journal.append(Entry(change.name, change.at, incident.id, incident.device, shown))
    device = batch.known.devices[incident.device]
    targets = escalation.upstreams(telling.targets)
    notice = notices.of_incident(incident, change, incident.events, device, targets)
    batch.notices.append(with_access(batch, notice))
    return incident


def _judge_fault(batch: Batch) -> None:
    """Nobody told of an incident is a fault of the gateway, until somebody was told of every one."""
    untold = [known.incident for known in batch.all_escalations() if known.nobody_told]
    if untold:
        fault = Fault(*NOBODY_TOLD, batch.at, untold[0])
    decisions.take_condition(batch, fault if untold else Restore(*NOBODY_TOLD, batch.at))

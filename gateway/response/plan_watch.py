"""Does what the plan asks for when its time has come: who next, and that nobody was told. Pure."""

import math
from collections.abc import Iterable

from gateway import decisions, notices
from gateway.cases.incident import Incident, tell
from gateway.drafts import Entry
from gateway.events import Fault, Restore
from gateway.ledger import Batch, Ledger
from gateway.response import escalation
from gateway.response.callout import with_access
from gateway.response.escalation import Escalation, Telling

NOBODY_TOLD = ("plan", "nobody_told")


class PlanWatch:
    """The watcher of the plan. What it keeps beside the ledger is when something of it is due."""

    def __init__(self) -> None:
        """Look at everything at first."""
        self._due_s = -math.inf
        self._changed: dict[str, Escalation] = {}  # by the last batch

    def judge(self, batch: Batch) -> float:
        """Take the steps that are due at `batch.now`; return when the next is, gateway time."""
        looked_at = self._to_look_at(batch)
        for known in looked_at:
            if known.active:
                self._due_s = min(self._due_s, _look(batch, known))
        _judge_fault(batch, looked_at)
        self._changed = batch.escalations  # what the watchers behind this one change, too
        return self._due_s

    def _to_look_at(self, batch: Batch) -> list[Escalation]:
        """Return what has changed; where something else is due, or a change was not committed, all."""
        known = batch.known.escalations
        stands = all(known.get(name) is one for name, one in self._changed.items())
        if stands and batch.now < self._due_s:
            return list((self._changed | batch.escalations).values())
        self._due_s = math.inf
        return batch.all_escalations()


def works(ledger: Ledger, at: float) -> bool:
    """Say whether the plan tells somebody of whatever is raised `at`, Unix seconds, as far as is known."""
    return NOBODY_TOLD not in ledger.faults and not ledger.plan.left_out(at)


def _look(batch: Batch, known: Escalation) -> float:
    """Take what is due of one incident; return when to look at it again."""
    if known.next_s > batch.now:
        return known.next_s
    incident = batch.incident(known.incident)
    return _advance(batch, known, incident).next_s if incident is not None else math.inf


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


def _judge_fault(batch: Batch, looked_at: Iterable[Escalation]) -> None:
    """Nobody told of an incident is a fault of the gateway, until somebody was told of every one."""
    if batch.failing(*NOBODY_TOLD):
        looked_at = batch.all_escalations()
    changed = (batch.escalations.get(known.incident, known) for known in looked_at)
    untold = [known.incident for known in changed if known.nobody_told]
    if untold:
        decisions.take_condition(batch, Fault(*NOBODY_TOLD, batch.at, untold[0]))
    elif batch.failing(*NOBODY_TOLD):
        decisions.take_condition(batch, Restore(*NOBODY_TOLD, batch.at))

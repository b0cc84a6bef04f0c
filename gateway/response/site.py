"""What the gateways of a site tell each other of an incident, and what each makes of it. Pure.

Each tells the others what it knows of an incident whenever that changes; what it learned from one of
them it does not pass on: all are on the same broker.

| another gateway says | this one |
|---|---|
| it has the incident, and a lower mark | takes each later step `takeover_s` later |
| it has told some targets | tells them no more in this round |
| an upstream has confirmed it | knows that somebody was told |
| a person has taken or ended it | takes or ends it, and so answers the wearer |
| two persons have taken or ended it, neither knowing of the other | all keep what the lowest mark says |

The first step waits for nobody: whoever hears an alert tells of it. What others say of a press that was
followed by another one heard here is old, and changes nothing.
"""

import math
from dataclasses import replace

from gateway import decisions
from gateway.cases import incidents
from gateway.cases.incident import Incident, State
from gateway.drafts import Notice
from gateway.events import SHARED_TYPE, Acknowledge, Close, Delivered, Mandate, Shared
from gateway.ledger import Batch
from gateway.response import escalation
from gateway.response.escalation import Escalation
from gateway.response.sharing import Sharing
from gateway.telling import apply

_BY_SITE = Mandate("site")


def take(batch: Batch, shared: Shared) -> str:
    """Remember what another gateway says, and follow it where the incident is known here."""
    said = shared.incident, shared.gateway
    before = batch.peers.get(said) or batch.known.peers.get(said)
    batch.peers[said] = shared
    incident = batch.incident(shared.incident)
    if before is not None and replace(before, at=shared.at) == shared:
        return "done"  # the broker gives it once more: what came after it stands
    if incident is not None:
        _stand_by(batch, incident.id)
        _follow(batch, incident, shared)
    return "done"


def judge(batch: Batch) -> float:
    """Tell the others what has changed in this batch; of itself, nothing is ever due."""
    sharing = batch.known.sharing
    if sharing is not None:
        for incident in list(batch.incidents.values()):
            if not incident.test:
                if incident.id not in batch.known.incidents:
                    _catch_up(batch, incident)
                _share(batch, batch.incidents[incident.id], sharing)
    return math.inf


def _catch_up(batch: Batch, incident: Incident) -> None:
    """Follow what the others said of an incident before it was heard here."""
    _stand_by(batch, incident.id)
    for shared in batch.peers_of(incident.id):
        _follow(batch, batch.incidents[incident.id], shared)


def _stand_by(batch: Batch, incident: str) -> None:
    """Let those with a lower mark go first, each in its turn."""
    sharing, known = batch.known.sharing, batch.escalation(incident)
    if sharing is None or known is None:
        return
    own = sharing.mark, sharing.gateway
    first = [peer for peer in batch.peers_of(incident) if (peer.mark, peer.gateway) < own]
    batch.escalations[incident] = escalation.stand_by(known, len(first) * sharing.takeover_s)


def _follow(batch: Batch, incident: Incident, shared: Shared) -> None:
    known = batch.escalation(incident.id)
    if known is not None and shared.counter < known.counter:
        return
    if shared.state == State.OPEN:
        if known is not None and known.active:
            batch.escalations[incident.id] = escalation.told_elsewhere(
                known, shared.round, shared.told, batch.now, batch.at
            )
    elif shared.state == State.ACKNOWLEDGED:
        if not _overruled(batch, incident, shared):
            by = Acknowledge(incident.id, shared.by, shared.eta_minutes, shared.at, _BY_SITE)
            decisions.take_acknowledge(batch, by)
    else:
        close = Close(incident.id, shared.by, shared.at, _BY_SITE)
        _follow_close(batch, incident, close, shared)
    if shared.delivered and not incident.delivered:
        name = f"gateway {shared.gateway}"
        confirmed = Delivered(0, name, incident.id, incident.told, shared.at)
        decisions.somebody_told(batch, confirmed)


def _follow_close(batch: Batch, incident: Incident, close: Close, shared: Shared) -> None:
    """End it. Nobody closes what he knows to be closed: of two names all keep that of the lowest mark."""
    ended_by = incident.closed_by
    if incident.state is not State.CLOSED:
        decisions.take_close(batch, close)
    elif ended_by != close.by and _goes_first(batch, incident, ended_by, shared):
        apply(batch, incident, incidents.closed_elsewhere(incident, close))


def _overruled(batch: Batch, incident: Incident, shared: Shared) -> bool:
    """Say whether who has it was unknown to the other gateway, and has it by one with a lower mark."""
    taken_by = incident.acknowledged_by
    if incident.state is not State.ACKNOWLEDGED or shared.instead_of == taken_by:
        return False
    return not _goes_first(batch, incident, taken_by, shared)


def _goes_first(batch: Batch, incident: Incident, known_by: str | None, shared: Shared) -> bool:
    """Say whether `shared` has a lower mark than all others that say it was `known_by`, or else than we."""
    sharing = batch.known.sharing
    if sharing is None:
        return True
    by = [
        (peer.mark, peer.gateway)
        for peer in batch.peers_of(incident.id)
        if (peer.state, peer.by) == (shared.state, known_by) and peer.gateway != shared.gateway
    ]
    return (shared.mark, shared.gateway) < min(by, default=(sharing.mark, sharing.gateway))


def _share(batch: Batch, incident: Incident, sharing: Sharing) -> None:
    said = _said(incident, batch.escalation(incident.id), sharing)
    before = batch.known.incidents.get(incident.id)
    if before is not None:
        known = batch.known.escalations.get(incident.id)
        if _said(before, known, sharing) | {"counter": incident.last_counter} == said:
            return
    if any(
        (peer.state, peer.by) == (said["state"], said["by"]) and peer.by
        for (name, _), peer in batch.peers.items()
        if name == incident.id
    ):
        return
    batch.notices.append(
        Notice(
            id=f"{incident.id}.{incident.events}.{incident.delivered:d}.{sharing.gateway}",
            subject=f"site.{incident.id}",
            urgent=False,  # no alert by itself: it may expire
            type=SHARED_TYPE,
            at=incident.updated_at,
            incident=None,
            number=0,
            data=said | {"instead_of": _taken_by(before) if before else None},
            targets=(sharing.broker,),
        )
    )


def _said(incident: Incident, known: Escalation | None, sharing: Sharing) -> dict[str, object]:
    closed = incident.state is State.CLOSED
    return {
        "incident": incident.id,
        "gateway": sharing.gateway,
        "mark": sharing.mark,
        "state": incident.state.value,
        "counter": incident.last_counter,
        "delivered": incident.delivered,
        "round": known.round if known else 1,
        "told": list(known.told_now) if known else [],
        "by": incident.closed_by if closed else _taken_by(incident),
        "eta_minutes": incident.eta_minutes,
    }


def _taken_by(incident: Incident) -> str | None:
    return incident.acknowledged_by if incident.state is State.ACKNOWLEDGED else None

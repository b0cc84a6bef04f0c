"""What a person asks: a trial, to forget a device, to order it something; what was refused. Pure."""

from gateway import orders
from gateway.drafts import Entry, Notice
from gateway.events import Acknowledge, Close, Order, Refusal, Trial, Unenrol
from gateway.ledger import Batch


def take(batch: Batch, event: Trial | Unenrol | Refusal | Order) -> str:
    """Do what is asked; return "done" or why not."""
    match event:
        case Trial():
            return take_trial(batch, event)
        case Unenrol():
            return take_unenrol(batch, event)
        case Refusal():
            return take_refusal(batch, event)
        case Order():
            return orders.take(batch, event)


def take_trial(batch: Batch, trial: Trial) -> str:
    """Send a marked event the way that alerts go: journal, outbox, every upstream."""
    batch.journal.append(Entry("trial", trial.at, None, None, {"by": trial.by}))
    batch.notices.append(
        Notice(
            id=trial.id,
            subject=trial.id,
            urgent=True,
            type="tocsin.test.trial",
            at=trial.at,
            incident=None,
            number=0,
            data={"test": True, "by": trial.by},
            targets=trial.targets,
        )
    )
    batch.trials.append(trial.id)
    return "done"


def take_trial_answer(batch: Batch, command: Acknowledge | Close) -> str:
    """Note that somebody has answered a trial: the way back works."""
    detail: dict[str, object] = {"by": command.by, "via": command.mandate.via}
    detail["id"] = command.incident
    batch.journal.append(Entry("trial_answered", command.at, None, None, detail))
    return "done"


def take_refusal(batch: Batch, refusal: Refusal) -> str:
    """Note that a command was not obeyed, and why."""
    told = {"by": refusal.by, "id": refusal.id, "times": refusal.times}
    detail: dict[str, object] = {"code": refusal.reason, "via": refusal.via}
    detail |= {name: value for name, value in told.items() if value}
    batch.journal.append(Entry("command_refused", refusal.at, refusal.incident, None, detail))
    return "done"


def take_unenrol(batch: Batch, event: Unenrol) -> str:
    """Forget a device, unless somebody still counts on it; return "done" or why not."""
    if event.device not in batch.known.devices:
        return "unknown_device"
    if batch.open_incident(event.device) is not None:
        return "open_incident"
    if any(visit.device == event.device for visit in batch.running_visits()):
        return "running_visit"
    batch.unenrolled.add(event.device)
    batch.devices.pop(event.device, None)
    batch.states.pop(event.device, None)
    batch.wants.pop(event.device, None)
    batch.journal.append(Entry("unenrolled", event.at, None, event.device, {}))
    return "done"

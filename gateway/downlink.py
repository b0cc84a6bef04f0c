"""What a device is answered, for which counter, for how long: decided from a receipt. Pure."""

from dataclasses import dataclass

from gateway.events import Transmission
from gateway.incident import Incident, best_stage
from gateway.ledger import Committed, Ledger, Want
from protocol.constants import BODY_MIN, OVERHEAD
from protocol.kinds import (
    ACKNOWLEDGED,
    CLOSED,
    ESTIMATE_UNKNOWN,
    PLAN_OK,
    STORE_OK,
    STORED,
    UPSTREAM_OK,
)
from protocol.messages import Answer
from protocol.protect import Downlink

# A button listens after each of its adverts, and all but always while it waits for "stored".
BRIEF_MS = 400
# Waiting for a person it listens a fifth of the time only.
LONG_MS = 3_000
REPEAT_WITHIN_S = 10.0
REPEAT_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Health:
    """What the wearer's "covered" stands for."""

    store: bool = True
    upstream: bool = False
    plan: bool = False

    def bits(self) -> int:
        """Return the three bits of an ack."""
        return self.store * STORE_OK | self.upstream * UPSTREAM_OK | self.plan * PLAN_OK


def answer(
    committed: Committed, want: Want, ledger: Ledger, health: Health, now: float
) -> Transmission:
    """Return the answer to `want`, which is of the `committed` batch: there is none before that."""
    if committed.batch.wants.get(want.device) != want:
        raise ValueError("an answer to what was not committed")
    incident = ledger.incidents.get(want.incident) if want.incident else None
    op = best_stage(incident) if incident else STORED
    minutes = _minutes_left(incident, now) if incident else ESTIMATE_UNKNOWN
    device = ledger.devices[want.device]
    frame = bytearray(BODY_MIN + OVERHEAD)
    content = Answer(op, health.bits() | minutes, mark=ledger.bearing.mark).to_bytes()
    Downlink(device.keys).protect(want.counter, content, frame)
    ms = LONG_MS if op in (ACKNOWLEDGED, CLOSED) else BRIEF_MS
    urgent = incident is not None
    return Transmission(want.radio, device.slot, want.medium, bytes(frame), ms, urgent)


def _minutes_left(incident: Incident, now: float) -> int:
    """Return the estimate less what has passed; longer than the field holds is unknown."""
    if incident.eta_minutes is None or incident.acknowledged_at is None:
        return ESTIMATE_UNKNOWN
    left = max(incident.eta_minutes - int((now - incident.acknowledged_at) // 60), 0)
    return min(left, ESTIMATE_UNKNOWN)


@dataclass(slots=True)
class _Answered:
    committed: Committed
    want: Want
    first: float
    last: float


class Repeats:
    """Answers given lately: a frame heard again is answered again, for 10 s, once a second."""

    def __init__(self) -> None:
        """Begin with nothing answered."""
        self._answered: dict[bytes, _Answered] = {}

    def note(self, frame: bytes, committed: Committed, want: Want, now: float) -> None:
        """Remember that `frame`, first heard `now` (monotonic seconds), was answered."""
        self._forget(now)
        self._answered[frame] = _Answered(committed, want, now, now)

    def due(self, frame: bytes, now: float) -> tuple[Committed, Want] | None:
        """Return what to answer again now that `frame` is heard again."""
        answered = self._answered.get(frame)
        if answered is None or now - answered.first > REPEAT_WITHIN_S:
            return None
        if now - answered.last < REPEAT_EVERY_S:
            return None
        answered.last = now
        return answered.committed, answered.want

    def _forget(self, now: float) -> None:
        for frame, answered in list(self._answered.items()):
            if now - answered.first <= REPEAT_WITHIN_S:
                break  # noted in the order of time
            del self._answered[frame]

"""What a device is answered, for which counter, for how long: decided from a receipt. Pure."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from gateway.cases.incident import Incident, best_stage
from gateway.drafts import Command, Want
from gateway.events import Transmission
from gateway.frames.hearing import Back
from gateway.ledger import Committed, Ledger
from protocol.constants import BODY_MIN, OVERHEAD
from protocol.kinds import (
    ACKNOWLEDGED,
    CLOSED,
    ESTIMATE_UNKNOWN,
    PAGE_WIDE,
    PAGES,
    PLAN_OK,
    STORE_OK,
    STORED,
    UPSTREAM_OK,
)
from protocol.link_messages import LORA, MEDIUM_NAMES
from protocol.messages import Answer
from protocol.protect import Downlink

# A button listens after each of its adverts, and all but always while it waits for "stored".
BRIEF_MS = 400
# Waiting for a person it listens a fifth of the time only.
LONG_MS = 3_000
# A call box accepts an answer for longer; by then it has sent four frames more, and asks about those.
LORA_WITHIN_MS = 10_000
# At a head each device has a slot for answers, and this one besides for commands.
COMMAND_SLOTS = 0x8000
# So long a command is on air alone: a worn device may close its window at the first ack.
COMMAND_FIRST_S = 0.15
# One that listens always hears its ack first: its report must not meet that on the channel, at any
# spreading factor.
ACK_FIRST_S = 5.0
REPEAT_WITHIN_S = 10.0
REPEAT_EVERY_S = 1.0
REPEATS_MAX = 2_048  # each keeps what its transaction wrote: some 4 kB


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
    """Return the answer to `want`, which is of the `committed` batch: there is none before that.

    It takes the way back that `want` names, which may be another than that of the batch.
    """
    asked = committed.batch.wants.get(want.device)
    if asked is None or asked._replace(back=want.back) != want:
        raise ValueError("an answer to what was not committed")
    incident = ledger.incidents.get(want.incident) if want.incident else None
    op = best_stage(incident) if incident else STORED
    minutes = _minutes_left(incident, now) if incident else ESTIMATE_UNKNOWN
    if want.visit and not want.applied:  # nobody watches: she must not feel covered (SPEC 7.4)
        health = replace(health, plan=False)
    device = ledger.devices[want.device]
    frame = bytearray(BODY_MIN + OVERHEAD)
    content = Answer(op, health.bits() | minutes, mark=ledger.bearing.mark).to_bytes()
    Downlink(device.keys).protect(want.counter, content, frame)
    back = want.back
    lora = back.medium == MEDIUM_NAMES[LORA]
    return Transmission(
        back.radio,
        device.slot,
        back.medium,
        bytes(frame),
        ms=LORA_WITHIN_MS if lora else _ms_on_air(op),
        # Its repeats never use the reserve: who plays frames again could empty it (SPEC 6.2).
        urgent=(incident is not None or want.visit) and not back.again,
        always=incident is None and want.counter % PAGES == PAGE_WIDE,
        heard=back.heard if lora and not device.listens_always else None,
        after_s=0.0 if device.listens_always else _after_s(committed, want),
    )


def command(committed: Committed, said: Command, back: Back, ledger: Ledger) -> Transmission:
    """Return the frame of a command, which is of the `committed` batch, by the way `back`."""
    if committed.batch.commands.get(said.device) != said:
        raise ValueError("a command that was not committed")
    device = ledger.devices[said.device]
    frame = bytearray(BODY_MIN + OVERHEAD)
    content = Answer(said.op, said.arg, said.seq).to_bytes()
    Downlink(device.keys).protect(said.counter, content, frame)
    lora = back.medium == MEDIUM_NAMES[LORA]
    asked = said.device in committed.batch.wants
    return Transmission(
        back.radio,
        device.slot | COMMAND_SLOTS,
        back.medium,
        bytes(frame),
        ms=LORA_WITHIN_MS if lora else BRIEF_MS,
        urgent=False,
        always=True,  # the ack of another gateway has the same hint, and is no command
        heard=back.heard if lora and not device.listens_always else None,
        after_s=ACK_FIRST_S if device.listens_always and asked else 0.0,
    )


def _after_s(committed: Committed, want: Want) -> float:
    return COMMAND_FIRST_S if want.device in committed.batch.commands else 0.0


def _ms_on_air(op: int) -> int:
    return LONG_MS if op in (ACKNOWLEDGED, CLOSED) else BRIEF_MS


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
    last: dict[str, float]  # by way


class Again(NamedTuple):
    """What to answer once more, and whether it was answered that way before."""

    committed: Committed
    want: Want
    again: bool


class Repeats:
    """Answers given lately: for 10 s a frame heard again is answered, once a second by each way."""

    def __init__(self) -> None:
        """Begin with nothing answered."""
        self._answered: dict[bytes, _Answered] = {}

    def note(self, frame: bytes, committed: Committed, want: Want, way: str, now: float) -> None:
        """Remember that `frame`, first heard `now` (monotonic seconds), was answered by `way`."""
        self._forget(now)
        self._answered[frame] = _Answered(committed, want, now, {way: now})

    def due(self, frame: bytes, way: str, now: float) -> Again | None:
        """Return what to answer by `way`, where `frame` is heard again: there at once for the first."""
        answered = self._answered.get(frame)
        if answered is None or now - answered.first > REPEAT_WITHIN_S:
            return None
        last = answered.last.get(way)
        if last is not None and now - last < REPEAT_EVERY_S:
            return None
        answered.last[way] = now
        return Again(answered.committed, answered.want, last is not None)

    def _forget(self, now: float) -> None:
        while self._answered:
            frame = next(iter(self._answered))
            lately = now - self._answered[frame].first <= REPEAT_WITHIN_S
            if lately and len(self._answered) < REPEATS_MAX:
                break  # noted in the order of time
            del self._answered[frame]

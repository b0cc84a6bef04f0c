"""What a batch adds, beside what it changes: entries of the journal, notices, who waits, orders. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.events import Order
from gateway.frames.hearing import Back


class Entry(NamedTuple):
    """A line of the journal."""

    name: str
    at: float
    incident: str | None
    device: str | None
    detail: Mapping[str, object]


class Notice(NamedTuple):
    """An event for upstream. Those of one `subject` keep their order; `urgent` ones go first.

    `targets` names the upstreams it is for, none where it is empty; None stands for every one.
    """

    id: str
    subject: str
    urgent: bool
    type: str
    at: float
    incident: str | None
    number: int
    data: Mapping[str, object]
    targets: tuple[str, ...] | None = None


class Written(NamedTuple):
    """What the outbox of `target` holds of a notice, column by column."""

    target: str
    urgent: bool
    columns: tuple[Any, ...]


class Want(NamedTuple):
    """A device that waits for an answer to `counter`, about an incident or (None) about health.

    `visit`: it speaks of a timed visit, which is as it says only where it was `applied` (SPEC 7.4).
    `pushed`: no frame asked, a stage has risen.
    """

    device: str
    counter: int
    incident: str | None
    back: Back
    visit: bool = False
    applied: bool = False
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """What a device is told to do behind its frame `counter`; `seq` is the number of that (SPEC 7.2).

    `back` is the last way it was heard by, for when no better one is known.
    """

    device: str
    counter: int
    op: int
    arg: int
    seq: int
    back: Back


@dataclass(frozen=True, slots=True)
class Pending:
    """An order that is not over, and the numbers it was given: the last for `counter`, -1 before any.

    `until_s` and `sent_s` are gateway time.
    """

    order: Order
    until_s: float
    counter: int = -1
    seqs: tuple[int, ...] = ()
    sent_s: float = -math.inf

"""What the gateway's journal tells of presses: `tocsin-gateway journal export`, line by line."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

TEST = "test"
HELP = "acknowledged"


class NotAJournal(Exception):
    """What the gateway printed is no journal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened; Unix seconds of the gateway's clock."""

    n: int
    at: float
    event: str
    incident: str | None
    device: str | None
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journal:
    """The entries behind one, and the head: number and SHA-256 of the newest."""

    head: dict[str, object]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """A press as the gateway heard it first."""

    at: float
    kind: str
    medium: str
    rssi: int


@dataclass(frozen=True, slots=True)
class Escalation:
    """An alert on its way to a person and back, in seconds from when the gateway heard it; None: not.

    `wearer_knows_s` is what the button said, which a gateway believes of a button whose clock it knows;
    `felt` is what the wearer said.
    """

    incident: str
    device: str
    kind: str
    at: float
    delivered: dict[str, float]  # by target
    acknowledged_s: float | None
    by: str | None
    wearer_knows_s: float | None
    felt: bool = False

    @property
    def taken(self) -> bool:
        """Say whether a person took it."""
        return self.acknowledged_s is not None

    @property
    def complete(self) -> bool:
        """Say whether a person took it and the wearer felt so."""
        return self.taken and self.felt


def read(lines: Iterable[str], after: int = 0) -> Journal:
    """Return what `journal export` printed, entries behind number `after`; raise `NotAJournal`."""
    head: dict[str, object] = {}
    entries = []
    try:
        for line in lines:
            table = json.loads(line)
            if "head" in table:
                head = dict(table["head"])
            elif table["n"] > after:
                content = json.loads(table["content"] or "{}")
                entries.append(_entry(table, content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAJournal from error
    if "n" not in head:
        raise NotAJournal
    return Journal(head, tuple(entries))


def _entry(table: dict[str, object], content: dict[str, object]) -> Entry:
    detail = content.get("detail", {})
    device = content.get("device")
    return Entry(
        int(str(table["n"])),
        float(str(table["at"])),
        str(table["event"]),
        None if table["incident"] is None else str(table["incident"]),
        None if device is None else str(device),
        dict(detail) if isinstance(detail, dict) else {},
    )


def presses(entries: Iterable[Entry], device: str) -> list[Heard]:
    """Return the presses of `device` that were heard, tests and alerts: each opens an incident."""
    return [
        Heard(entry.at, str(entry.detail["kind"]), str(entry.detail["medium"]), rssi)
        for entry in entries
        if entry.event == "raised" and entry.device == device
        if isinstance(rssi := entry.detail.get("rssi"), int)
    ]


def escalation(entries: Sequence[Entry]) -> Escalation | None:
    """Return the newest alert that is no test, as far as it went, or None where there was none."""
    raised = [e for e in entries if e.event == "raised" and e.detail.get("kind") != TEST]
    if not raised:
        return None
    first = raised[-1]
    own = [entry for entry in entries if entry.incident == first.incident]
    taken = next((entry for entry in own if entry.event == HELP), None)
    return Escalation(
        str(first.incident),
        str(first.device),
        str(first.detail["kind"]),
        first.at,
        _delivered(own, first.at),
        None if taken is None else round(taken.at - first.at, 1),
        None if taken is None else str(taken.detail.get("by")),
        _wearer_knows(own, first.at),
    )


def _delivered(own: Sequence[Entry], begin: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for entry in own:
        if entry.event == "delivered":
            found.setdefault(str(entry.detail.get("target")), round(entry.at - begin, 1))
    return found


def _wearer_knows(own: Sequence[Entry], begin: float) -> float | None:
    felt = (e.at for e in own if e.event == "wearer_felt" and e.detail.get("stage") == HELP)
    at = next(felt, None)
    return None if at is None else round(at - begin, 1)

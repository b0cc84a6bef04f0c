"""What is to be done about the keys: read from the store, pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from tools.provision.custody.content import GATEWAY, READER, Content, Held
from tools.provision.words import say


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: whom it is about, and what to do."""

    subject: str
    reason: str  # a stable word, for programs
    what: str


def findings(content: Content) -> list[Finding]:
    """Return all there is to do, in the order in which it should be done."""
    found = [] if len(content.active(READER)) > 1 else [_finding("-", "one_reader")]
    for device in content.devices:
        found += _of_device(device)
    for party in content.active(GATEWAY):
        found += _of_gateway(content, party.name)
    return found


def _of_device(device: Held) -> Iterator[Finding]:
    if device.due:
        yield _finding(device.id, "due", why=device.due)
    if device.pending is not None:
        yield _finding(device.id, "pending", since=device.pending.issued)


def _of_gateway(content: Content, gateway: str) -> Iterator[Finding]:
    lacking = [
        device.id
        for device in content.devices
        if device.held is not None and gateway not in device.held.gateways
    ]
    if lacking:
        yield _finding(gateway, "not_enrolled", count=len(lacking), devices=", ".join(lacking))


def _finding(subject: str, reason: str, **values: object) -> Finding:
    return Finding(subject, reason, say(f"audit.{reason}", subject=subject, **values))

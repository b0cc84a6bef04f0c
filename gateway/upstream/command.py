"""What a person may command, as JSON that nobody has signed: acknowledge or close an incident. Pure.

`event`, the id of the event that is answered, may stand for `incident`: where the wearer has pressed again
since, such a command answers nothing. `signed_command` has what an operator signs.
"""

import json
import re

from gateway.events import Acknowledge, Close, Mandate

PAYLOAD_MAX = 4096
BY_MAX = 100
ETA_MAX_MINUTES = 24 * 60
_INCIDENT = re.compile(r"[0-9a-f]{32}")
_EVENT = re.compile(r"(?P<incident>[0-9a-f]{32})\.(?P<number>\d{1,12})", re.ASCII)
_TRIAL = re.compile(r"trial\.[0-9a-f]{16}")
_KEYS = {"command", "incident", "event", "by", "eta_minutes"}


class BadCommand(Exception):
    """The sender is to blame; `reason` names the field and holds none of the content."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


def parse(payload: bytes, at: float, via: str = "command_line") -> Acknowledge | Close:
    """Return the command that arrived `at`, by the way `via`; raise `BadCommand`."""
    if len(payload) > PAYLOAD_MAX:
        raise BadCommand("too_long")
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadCommand("not_json") from error
    if not isinstance(fields, dict):
        raise BadCommand("not_an_object")
    if not fields.keys() <= _KEYS:
        raise BadCommand("unknown_key")
    incident, number = _answered(fields)
    by, mandate = name_of(fields.get("by")), Mandate(via, number)
    command = fields.get("command")
    if command == "acknowledge":
        return Acknowledge(incident, by, eta(fields.get("eta_minutes")), at, mandate)
    if command == "close":
        return Close(incident, by, at, mandate)
    raise BadCommand("command")


def event_named(value: object) -> tuple[str, int]:
    """Return the incident of an event's id, and the number of the event; raise `BadCommand`.

    A trial has no incident: it is answered by its own name.
    """
    if isinstance(value, str) and _TRIAL.fullmatch(value):
        return value, 0
    found = _EVENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadCommand("event")
    return found["incident"], int(found["number"])


def name_of(value: object) -> str:
    """Return the name that a person has given; raise `BadCommand`."""
    if not isinstance(value, str) or not 1 <= len(value) <= BY_MAX or not value.isprintable():
        raise BadCommand("by")
    return value


def eta(value: object) -> int | None:
    """Return in how many minutes help arrives, None where nobody says so; raise `BadCommand`."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= ETA_MAX_MINUTES:
        raise BadCommand("eta_minutes")
    return value


def _answered(fields: dict[str, object]) -> tuple[str, int | None]:
    if "event" in fields:
        incident, number = event_named(fields["event"])
        if fields.get("incident", incident) != incident:
            raise BadCommand("incident")
        return incident, number
    value = fields.get("incident")
    if not isinstance(value, str) or not _INCIDENT.fullmatch(value):
        raise BadCommand("incident")
    return value, None

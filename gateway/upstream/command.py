"""What a person may command, as JSON: acknowledge or close an incident. Pure."""

import json
import re

from gateway.events import Acknowledge, Close

PAYLOAD_MAX = 4096
BY_MAX = 100
ETA_MAX_MINUTES = 24 * 60
_INCIDENT = re.compile(r"[0-9a-f]{32}")
_KEYS = {"command", "incident", "by", "eta_minutes"}


class BadCommand(Exception):
    """The sender is to blame; `reason` names the field and holds none of the content."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


def parse(payload: bytes, at: float) -> Acknowledge | Close:
    """Return the command that arrived `at`; raise `BadCommand`."""
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
    incident = fields.get("incident")
    if not isinstance(incident, str) or not _INCIDENT.fullmatch(incident):
        raise BadCommand("incident")
    by = fields.get("by")
    if not isinstance(by, str) or not 1 <= len(by) <= BY_MAX or not by.isprintable():
        raise BadCommand("by")
    command = fields.get("command")
    if command == "acknowledge":
        return Acknowledge(incident, by, _eta(fields.get("eta_minutes")), at)
    if command == "close":
        return Close(incident, by, at)
    raise BadCommand("command")


def _eta(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= ETA_MAX_MINUTES:
        raise BadCommand("eta_minutes")
    return value

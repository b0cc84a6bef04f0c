"""An enrolment: what a provisioning bench tells a gateway of a device, as JSON inside an age file."""

import json
import re
from dataclasses import dataclass, field
from datetime import date

from gateway.fields import Fields, Problem
from gateway.watching.discharge import CURVES
from gateway.words import say
from protocol.constants import COUNTER_LIMIT

ROLES = ("button", "call_box")
_KEY = re.compile(r"[0-9a-fA-F]{32}")
_HEARTBEAT_MAX_S = 7 * 24 * 3600


class EnrolmentError(Exception):
    """The file is not an enrolment; `problems` names every field that is wrong, never a value."""

    def __init__(self, problems: list[Problem]) -> None:
        """Take all that is wrong."""
        self.problems = problems
        super().__init__("; ".join(f"{problem.key}: {problem.what}" for problem in problems))


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A device, its key, and the counter it will not fall below."""

    id: str
    key: bytes = field(repr=False)
    role: str
    label: str
    place: str
    heartbeat_s: int
    counter: int
    date: str
    chemistry: str | None = None  # of its battery


def parse(plain: bytes) -> Enrolment:
    """Return the enrolment in decrypted bytes; raise `EnrolmentError`."""
    problems: list[Problem] = []
    try:
        table = json.loads(plain)
    except (ValueError, RecursionError):  # brackets nested without end
        table = None
    if not isinstance(table, dict):
        raise EnrolmentError([Problem("-", say("not_json"))])
    fields = Fields(table, "", problems)
    key = fields.text("key", "32 hexadecimal digits")
    if not _KEY.fullmatch(key):
        fields.bad_form("key", "form.key", "000102...")
    dated = fields.text("date", "2026-01-31")
    if not _is_date(dated):
        fields.bad_form("date", "form.date", "2026-01-31")
    enrolment = Enrolment(
        id=fields.name("id", "button-01"),
        key=bytes.fromhex(key) if _KEY.fullmatch(key) else b"",
        role=fields.choice("role", ROLES),
        label=fields.text("label", "Dr Martin"),
        place=fields.text("place", "Room 3"),
        heartbeat_s=fields.number("heartbeat_s", 10, _HEARTBEAT_MAX_S),
        counter=fields.number("counter", 0, COUNTER_LIMIT - 1),
        date=dated,
        chemistry=_chemistry(fields),
    )
    fields.finish()
    if problems:
        raise EnrolmentError(problems)
    return enrolment


def _chemistry(fields: Fields) -> str | None:
    known = tuple(CURVES)
    value = fields.optional("chemistry", known[0])
    if value is not None and value not in known:
        fields.problem("chemistry", say("not_one_of", known=", ".join(known)))
    return value


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text  # no other form of ISO 8601
    except ValueError:
        return False

"""A command that an operator has signed: a compact JWS (EdDSA), a JWT to most libraries. Pure.

    {"aud": "tocsin/<site>/command",       which site: no other obeys it
     "jti": "6f1c...",                     works once
     "iat": 1790000000, "exp": 1790000300, Unix seconds; at most an hour apart
     "command": "acknowledge",             or "close"
     "event": "<incident>.<number>",       the id of the event that is answered
     "by": "Jo", "eta_minutes": 5}         may be left out

`event` says what the operator has seen. Where the wearer has pressed again since, people were told by an
event of a higher number, and the command answers nothing: however late a broker hands it over.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.events import Acknowledge, Close, Mandate
from gateway.upstream.command import BY_MAX, PAYLOAD_MAX, BadCommand, eta, event_named, name_of
from gateway.upstream.jws import BadSignature, json_object, opened

LIFE_MAX_S = 3600
CLOCKS_APART_S = 60
MAY = ("acknowledge", "close")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_KEYS = {"aud", "jti", "iat", "exp", "command", "event", "by", "eta_minutes"}


class BadOrder(BadCommand):
    """A command that `operator` has signed, under `id`, and that is refused all the same."""

    def __init__(self, reason: str, operator: str, name: str) -> None:
        """Take the reason, and who is to blame."""
        super().__init__(reason)
        self.operator = operator
        self.id = name


@dataclass(frozen=True, slots=True)
class Operator:
    """A person or a desk, by the public half of an Ed25519 key, and what it may do to an incident."""

    name: str
    key: bytes
    may: tuple[str, ...] = MAY


class Operators:
    """Who may command the gateways of `site`."""

    def __init__(self, site: str, operators: Iterable[Operator] = ()) -> None:
        """Know these and no other."""
        self.audience = f"tocsin/{site}/command"
        self._by_key = {operator.key: operator for operator in operators}

    def read(self, content: bytes, now: float) -> Acknowledge | Close:
        """Return the command that stands at `now`, Unix seconds; raise `BadCommand`."""
        if len(content) > PAYLOAD_MAX:
            raise BadCommand("too_long")
        try:
            payload, key = opened(content, self._by_key)
        except BadSignature as error:
            unknown = error.reason == "unknown_key"
            raise BadCommand("unknown_operator" if unknown else "forged") from error
        operator = self._by_key[key]
        try:
            fields = json_object(payload)
        except ValueError as error:
            raise BadOrder("not_json", operator.name, "") from error
        name = fields.get("jti")
        if not isinstance(name, str) or not _ID.fullmatch(name):
            raise BadOrder("id", operator.name, "")
        try:
            return self._command(fields, operator, name, now)
        except BadCommand as error:
            raise BadOrder(error.reason, operator.name, name) from error

    def _command(
        self, fields: dict[str, object], operator: Operator, name: str, now: float
    ) -> Acknowledge | Close:
        if not fields.keys() <= _KEYS:
            raise BadCommand("unknown_key")
        if fields.get("aud") != self.audience:
            raise BadCommand("audience")
        expires = _expiry(fields, now)
        command = fields.get("command")
        if command not in operator.may:
            raise BadCommand("not_permitted" if command in MAY else "command")
        incident, number = event_named(fields.get("event"))
        mandate = Mandate("operator", number, f"{operator.name}/{name}", expires)
        by = _by(fields, operator.name)
        if command == "close":
            return Close(incident, by, now, mandate)
        return Acknowledge(incident, by, eta(fields.get("eta_minutes")), now, mandate)


def _expiry(fields: dict[str, object], now: float) -> float:
    """Return when a command ends, Unix seconds, where it stands at `now`."""
    begin, end = _time(fields, "iat"), _time(fields, "exp")
    if not 0 < end - begin <= LIFE_MAX_S:
        raise BadCommand("lifetime")
    if now < begin - CLOCKS_APART_S:
        raise BadCommand("not_yet_valid")
    if now >= end:
        raise BadCommand("expired")
    return end


def _time(fields: dict[str, object], key: str) -> float:
    value = fields.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 2**40:
        raise BadCommand(key)
    return float(value)


def _by(fields: dict[str, object], operator: str) -> str:
    """Return who answers: the operator, and whoever it says sits there."""
    return f"{name_of(fields['by'])} ({operator})"[:BY_MAX] if "by" in fields else operator

"""What another gateway of the site says of an incident, as it comes from the broker. Pure.

Where gateway.toml lists the keys of the others, only what one of them has signed, of itself, is believed.
Without them whoever may publish to the topic can say anything.
"""

import re
from collections.abc import Mapping

from gateway.events import SHARED_TYPE, Shared
from gateway.upstream.command import BY_MAX, ETA_MAX_MINUTES, PAYLOAD_MAX, BadCommand
from gateway.upstream.jws import BadSignature, detached_by, json_object

_INCIDENT = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_STATES = ("open", "acknowledged", "closed")
_TARGETS_MAX = 32


class Peers:
    """The other gateways of `site`, with their keys by name; this one is called `own`."""

    def __init__(self, site: str, own: str, keys: Mapping[str, bytes]) -> None:
        """Without `keys` believe everybody."""
        self._site = site
        self._own = own
        self._keys = keys

    def read(self, payload: bytes, at: float) -> Shared | None:
        """Return what arrived `at`, None where we have said it; raise `BadCommand` naming the field."""
        event, fields = _opened(payload)
        if fields.get("gateway") == self._own:
            return None
        if self._keys:
            self._judge(event, fields)
        return _shared(fields, at)

    def _judge(self, event: dict[str, object], fields: dict[str, object]) -> None:
        """Raise `BadCommand` unless the gateway that this is about has signed it."""
        name = str(fields.get("gateway"))
        if name not in self._keys:
            raise BadCommand("unknown_gateway")
        try:
            detached_by(event, (self._keys[name],))
        except BadSignature as error:
            raise BadCommand("forged") from error
        source = f"/tocsin/{self._site}/{name}"
        if (event.get("type"), event.get("source")) != (SHARED_TYPE, source):
            raise BadCommand("source")


def _opened(payload: bytes) -> tuple[dict[str, object], dict[str, object]]:
    """Return the event and its data."""
    if len(payload) > PAYLOAD_MAX:
        raise BadCommand("too_long")
    try:
        event = json_object(payload)
    except ValueError as error:
        raise BadCommand("not_json") from error
    fields = event.get("data")
    if not isinstance(fields, dict):
        raise BadCommand("not_an_object")
    return event, fields


def _shared(fields: dict[str, object], at: float) -> Shared:
    state = fields.get("state")
    if state not in _STATES:
        raise BadCommand("state")
    return Shared(
        incident=_matching(fields, "incident", _INCIDENT),
        gateway=_matching(fields, "gateway", _NAME),
        mark=_number(fields, "mark", 7),
        state=state,
        counter=_number(fields, "counter", 2**32 - 1),
        delivered=fields.get("delivered") is True,
        round=_number(fields, "round", 2**31),
        told=_targets(fields.get("told")),
        by=_by(fields.get("by"), wanted=state != "open"),
        eta_minutes=None
        if fields.get("eta_minutes") is None
        else _number(fields, "eta_minutes", ETA_MAX_MINUTES),
        at=at,
        instead_of=_by(fields.get("instead_of"), wanted=bool(fields.get("instead_of"))),
    )


def _matching(fields: dict[str, object], key: str, form: re.Pattern[str]) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadCommand(key)
    return value


def _number(fields: dict[str, object], key: str, highest: int) -> int:
    value = fields.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
        raise BadCommand(key)
    return value


def _targets(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _TARGETS_MAX:
        raise BadCommand("told")
    if not all(isinstance(one, str) and _NAME.fullmatch(one) for one in value):
        raise BadCommand("told")
    return tuple(value)


def _by(value: object, *, wanted: bool) -> str:
    """Return who took or ended it; "" while it is open."""
    if not wanted:
        return ""
    if not isinstance(value, str) or not 1 <= len(value) <= BY_MAX or not value.isprintable():
        raise BadCommand("by")
    return value

"""Commands from outside: read or refused by field, never repeated."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Acknowledge, Close
from gateway.upstream.command import BadCommand, parse

ID = "ab" * 16
GOOD = {"command": "acknowledge", "incident": ID, "by": "Jo", "eta_minutes": 4}


def test_both_commands() -> None:
    assert parse(json.dumps(GOOD).encode(), 5.0) == Acknowledge(ID, "Jo", 4, 5.0)
    close = {"command": "close", "incident": ID, "by": "Jo"}
    assert parse(json.dumps(close).encode(), 5.0) == Close(ID, "Jo", 5.0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"command": "open"}, "command"),
        ({"command": None}, "command"),
        ({"incident": "AB" * 16}, "incident"),
        ({"incident": 7}, "incident"),
        ({"by": ""}, "by"),
        ({"by": "x" * 101}, "by"),
        ({"by": "a\nb"}, "by"),
        ({"eta_minutes": -1}, "eta_minutes"),
        ({"eta_minutes": True}, "eta_minutes"),
        ({"eta_minutes": 1.5}, "eta_minutes"),
        ({"eta_minutes": 1441}, "eta_minutes"),
        ({"etaminutes": 4}, "unknown_key"),
        ({"by": "x" * 5000}, "too_long"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(BadCommand) as caught:
        parse(json.dumps(GOOD | fields).encode(), 0.0)
    assert caught.value.reason == reason


VALUES: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.text("ab0é\n\0", max_size=5) | st.just([{}])
)
NEAR = st.dictionaries(st.sampled_from([*GOOD, "other"]), VALUES, max_size=3)


@given(st.binary() | NEAR.map(lambda fields: json.dumps(GOOD | fields).encode()))
def test_no_bytes_raise_anything_but_bad_command(payload: bytes) -> None:
    with contextlib.suppress(BadCommand):
        parse(payload, 0.0)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(BadCommand):
        parse(b"[" * 4000, 0.0)

"""`tocsin verify`: a good event in any spelling, and every way in which it may be another."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.disk.outbox_rows import Row
from gateway.tests.arbitrary import JSON, spliced
from gateway.upstream.cloudevent import to_json
from gateway.upstream.signature import Signer
from tools.verify import Invalid, check, verify

SIGNER = Signer(bytes(range(32)))
KEY = json.dumps(SIGNER.jwk())
DATA = {"incident": "ab" * 16, "place": "Étage 2 €", "rssi": -60, "opened_at": 1e9, "linked": None}
ROW = Row(1, "x.1", "x", "tocsin.alert.raised", 1_000.25, "x", 1, DATA)
EVENT = to_json(ROW, "/tocsin/site/gateway", SIGNER).decode()


def changed(**keys: object) -> str:
    return json.dumps(json.loads(EVENT) | keys)


def test_what_the_gateway_signed_is_valid() -> None:
    assert check(EVENT, KEY)["type"] == "tocsin.alert.raised"


def test_another_spelling_of_the_same_content_is_valid() -> None:
    respelled = dict(reversed(json.loads(EVENT).items()))
    respelled["data"]["opened_at"] = 1_000_000_000  # as JavaScript writes 1e9
    check(json.dumps(respelled, indent=4, ensure_ascii=True), KEY)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (changed(type="tocsin.alert.closed"), "does not fit"),
        (changed(data={**DATA, "rssi": -61}), "does not fit"),
        (changed(more=1), "does not fit"),
        (changed(signature=None), "no signature"),
        (changed(signature="a.b"), "three parts"),
        (changed(signature=json.loads(EVENT)["signature"].replace("..", ".e30.")), "detached"),
        (changed(signature="e30..AA"), "another kind"),
        (changed(signature="!..AA"), "base64url"),
        (EVENT[:-1], "not JSON"),
        ("[]", "no JSON object"),
        (EVENT[:-1] + ', "type": "tocsin.alert.raised"}', "not JSON"),
        (changed(data={"n": 2**60}), "RFC 8785"),
    ],
)
def test_what_was_changed_is_not(event: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        check(event, KEY)


def test_another_key_verifies_nothing() -> None:
    other = Signer(bytes(32)).jwk()
    with pytest.raises(Invalid, match="another key"):
        check(EVENT, json.dumps(other))
    with pytest.raises(Invalid, match="does not fit"):
        check(EVENT, json.dumps({**other, "kid": SIGNER.key_id}))
    with pytest.raises(Invalid, match="no Ed25519"):
        check(EVENT, "{}")
    with pytest.raises(Invalid, match="damaged"):
        check(EVENT, json.dumps({**SIGNER.jwk(), "x": "AA"}))


def test_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    event, key = tmp_path / "event.json", tmp_path / "key.json"
    event.write_text(EVENT, encoding="utf-8")
    key.write_text(KEY)
    assert verify(event, key) == 0
    assert "valid: tocsin.alert.raised x.1 of /tocsin/site/gateway" in capsys.readouterr().out
    event.write_text(changed(id="x.2"), encoding="utf-8")
    assert verify(event, key) == 1
    assert verify(tmp_path / "none", key) == 1
    assert "NOT VALID" in capsys.readouterr().out


@given(st.dictionaries(st.sampled_from(["id", "data", "\ud800"]), JSON))
@example({"data": "\ud800"})
@example({"data": float("nan")})
def test_whatever_the_event_is_it_is_only_not_valid(event: dict[str, object]) -> None:
    signature = json.loads(EVENT)["signature"]
    with pytest.raises(Invalid):
        check(json.dumps(event | {"signature": signature}), KEY)


@given(spliced(EVENT.encode()))
def test_an_event_that_was_changed_anywhere_is_not_valid_or_the_same(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    try:
        found = check(text, KEY)
    except Invalid:
        return
    assert found == check(EVENT, KEY)

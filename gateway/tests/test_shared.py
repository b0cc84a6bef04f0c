"""What another gateway says is taken apart with care: anybody may be at the broker."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.events import Shared
from gateway.tests.arbitrary import JSON, fields, spliced
from gateway.upstream.command import BadCommand
from gateway.upstream.shared import Peers
from gateway.upstream.signature import Signer

SAID = {
    "incident": "ab" * 16,
    "gateway": "gateway-2",
    "mark": 2,
    "state": "acknowledged",
    "counter": 17,
    "delivered": True,
    "round": 1,
    "told": ["desk", "guard"],
    "by": "Jo",
    "eta_minutes": 5,
    "journal_head": "of another journal",
}


ANYBODY = Peers("clinic", "gateway-1", {})


def parse_shared(payload: bytes, at: float) -> Shared:
    shared = ANYBODY.read(payload, at)
    assert shared is not None
    return shared


def event(**fields: object) -> bytes:
    return json.dumps({"type": "tocsin.site.incident", "data": SAID | fields}).encode()


def test_a_good_one_is_taken_whole() -> None:
    targets = ("desk", "guard")
    wanted = Shared(
        "ab" * 16, "gateway-2", 2, "acknowledged", 17, True, 1, targets, "Jo", 5, 1_000.0
    )
    assert parse_shared(event(), 1_000.0) == wanted
    assert parse_shared(event(state="open", by=None, eta_minutes=None), 1.0).by == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("incident", "x"),
        ("gateway", "a/b"),
        ("gateway", None),
        ("mark", 8),
        ("mark", True),
        ("state", "new"),
        ("counter", -1),
        ("counter", 2**32),
        ("round", 1.5),
        ("told", "desk"),
        ("told", [1]),
        ("told", ["x"] * 33),
        ("by", ""),
        ("by", None),
        ("by", "a\nb"),
        ("by", "x" * 101),
        ("eta_minutes", 100_000),
    ],
)
def test_a_bad_field_is_named_and_not_shown(field: str, value: object) -> None:
    with pytest.raises(BadCommand) as caught:
        parse_shared(event(**{field: value}), 1.0)
    assert caught.value.reason == field


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\xff", "not_json"),
        (b"[" * 3_000, "not_json"),
        (b"[]", "not_json"),
        (b'{"data": 1}', "not_an_object"),
        (b" " * 5_000, "too_long"),
    ],
)
def test_what_is_no_event_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(BadCommand) as caught:
        parse_shared(payload, 1.0)
    assert caught.value.reason == reason


SIGNER = Signer(b"2" * 32)
SIGNED = Peers("clinic", "gateway-1", {"gateway-2": SIGNER.public, "gateway-3": b"3" * 32})


def said(signer: Signer, **changes: object) -> bytes:
    """Return what gateway 2 says, as `signer` signs it."""
    fields: dict[str, object] = {
        "type": "tocsin.site.incident",
        "source": "/tocsin/clinic/gateway-2",
        "data": SAID,
    } | changes
    return json.dumps(fields | {"signature": signer.detached(fields)}).encode()


def test_what_a_listed_gateway_has_signed_of_itself_is_believed() -> None:
    shared = SIGNED.read(said(SIGNER), 1.0)
    assert shared is not None
    assert shared.by == "Jo"


def test_what_this_gateway_has_said_is_no_news_to_it() -> None:
    assert SIGNED.read(event(gateway="gateway-1"), 1.0) is None


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (said(Signer(b"e" * 32)), "forged"),
        (event(), "forged"),
        (said(SIGNER).replace(b"Jo", b"Al"), "forged"),
        (said(SIGNER, data=SAID | {"gateway": "gateway-3"}), "forged"),
        (said(SIGNER, data=SAID | {"gateway": "gateway-4"}), "unknown_gateway"),
        (said(SIGNER, source="/tocsin/other/gateway-2"), "source"),
        (said(SIGNER, type="tocsin.alert.raised"), "source"),
        (said(SIGNER).replace(b'{"type"', b'{"type": "x", "type"'), "not_json"),
    ],
)
def test_what_it_has_not_signed_of_itself_for_this_site_is_refused(
    payload: bytes, reason: str
) -> None:
    with pytest.raises(BadCommand) as caught:
        SIGNED.read(payload, 1.0)
    assert caught.value.reason == reason


REASONS = {"too_long", "not_json", "not_an_object", "unknown_gateway", "forged", "source"}


def refused(peers: Peers, payload: bytes) -> str:
    """Return why a payload is refused, "" where it is not; nothing else may come of it."""
    try:
        peers.read(payload, 1.0)
    except BadCommand as error:
        return error.reason
    return ""


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_refused_with_a_reason(payload: bytes) -> None:
    for peers in (ANYBODY, SIGNED):
        assert refused(peers, payload) in {*REASONS, *SAID}


@given(fields(*SAID, "instead_of"))
@example({"told": ["\ud800"]})
@example({"told": ["a\nb"]})
@example({"eta_minutes": True})
def test_any_field_is_taken_or_named(changes: dict[str, object]) -> None:
    why = refused(ANYBODY, event(**changes))
    assert why in {"", *changes, "by"}, (
        "`by` stands for `instead_of`, too; and is wanted by a state"
    )
    if not why:
        shared = parse_shared(event(**changes), 1.0)
        repr(shared).encode()  # nothing in it that could not be kept or told
        assert all(name.isprintable() for name in (*shared.told, shared.by, shared.gateway))


@given(changes=fields("signature", "type", "source"), data=fields(*SAID))
@example(changes={"signature": "\ud800"}, data={})
@example(changes={"type": "\ud800"}, data={})
def test_whatever_stands_around_it_is_no_signature(
    changes: dict[str, object], data: dict[str, object]
) -> None:
    payload = json.loads(said(SIGNER)) | changes | {"data": SAID | data}
    if payload != json.loads(said(SIGNER)) and payload["data"]["gateway"] != "gateway-1":
        assert refused(SIGNED, json.dumps(payload).encode()) in REASONS


@given(spliced(said(SIGNER)))
def test_a_signed_one_that_was_changed_anywhere_is_refused_or_the_same(payload: bytes) -> None:
    if not refused(SIGNED, payload):
        assert SIGNED.read(payload, 1.0) == SIGNED.read(said(SIGNER), 1.0)

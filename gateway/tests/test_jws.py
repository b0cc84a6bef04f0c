"""Whatever anybody sends, what checks signatures says that it is forged, and nothing else comes of it."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.tests.arbitrary import JSON, OBJECTS, spliced
from gateway.upstream.jws import BadSignature, detached_by, is_compact, json_object, opened
from gateway.upstream.signature import Signer

SEED = b"o" * 32
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
EVENT: dict[str, object] = {"id": "ab.1", "type": "x", "data": {"place": "réception", "n": 1.5}}


def base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def compact(payload: bytes, header: object = None) -> bytes:
    """Return `payload` as the key signs it, under any header."""
    head = json.dumps({"alg": "EdDSA"} if header is None else header).encode()
    content = base64url(head) + b"." + base64url(payload)
    return content + b"." + base64url(KEY.sign(content))


GOOD = compact(b'{"a": 1}')


@given(st.binary(max_size=300))
@example(b"=")
def test_any_bytes_are_a_forgery(content: bytes) -> None:
    for one in (content, content + b"." + content + b".", GOOD + content or b"."):
        if one != GOOD:
            with pytest.raises(BadSignature):
                opened(one, [PUBLIC])


@given(spliced(GOOD))
def test_a_good_one_that_was_changed_anywhere_is_forged_or_the_same(content: bytes) -> None:
    try:
        payload, key = opened(content, [PUBLIC])
    except BadSignature as error:
        assert error.reason in {"forged", "unknown_key"}  # noqa: PT017 - or it raises nothing
    else:
        assert (payload, key) == (b'{"a": 1}', PUBLIC)


@given(payload=st.binary(max_size=100))
def test_whatever_was_signed_is_opened_as_it_was(payload: bytes) -> None:
    assert opened(compact(payload), [b"x" * 32, PUBLIC]) == (payload, PUBLIC)


@given(header=JSON)
def test_any_header_is_one_of_ours_or_a_forgery(header: object) -> None:
    if header is not None and not (isinstance(header, dict) and header.get("alg") == "EdDSA"):
        with pytest.raises(BadSignature, match="forged"):
            opened(compact(b"{}", header), [PUBLIC])


@given(event=OBJECTS, signature=JSON)
@example(event={}, signature="\ud800..")
@example(event={"a": "\ud800"}, signature="e30..")
@example(event={"a": float("nan")}, signature="e30..")
@example(event={"a": 10**30}, signature="e30..")
def test_any_event_with_any_signature_is_a_forgery(
    event: dict[str, object], signature: object
) -> None:
    header = base64url(b'{"alg": "EdDSA"}').decode()
    for one in (signature, f"{header}..{signature}", f"{header}..{'A' * 86}"):
        with pytest.raises(BadSignature):
            detached_by(event | {"signature": one}, [PUBLIC])


@given(event=OBJECTS)
def test_an_event_that_was_signed_stands_for_itself_alone(event: dict[str, object]) -> None:
    signature = Signer(SEED).detached(EVENT)
    assert detached_by(EVENT | {"signature": signature}, [PUBLIC]) == PUBLIC
    event.pop("signature", None)
    if event != EVENT:
        with pytest.raises(BadSignature):
            detached_by(event | {"signature": signature}, [PUBLIC])


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"\xff\xfe\x00")
@example(b"9" * 5_000)
def test_any_bytes_are_an_object_or_a_value_error(content: bytes) -> None:
    try:
        found = json_object(content)
    except ValueError:
        return
    assert found == json.loads(content) or found != found  # noqa: PLR0124 - NaN is not itself


@pytest.mark.parametrize(("content", "wanted"), [(GOOD, True), (b"{}", False), (b"e..", True)])
def test_a_compact_one_is_told_from_json_by_its_look(content: bytes, wanted: bool) -> None:
    assert is_compact(content) is wanted

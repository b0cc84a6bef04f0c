"""Checks the signature of an event with nothing but the event and the public key of its gateway.

Knows none of the gateway's own code: what it accepts, any receiver can check in the same way.
"""

import base64
import binascii
import json
import sys
from pathlib import Path

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Invalid(Exception):
    """The event is not what the gateway signed; the message says in which way."""


def verify(event_path: Path | None, key_path: Path) -> int:
    """Check an event (None: from stdin); print what was found; return 0, or 1 where it is not signed so."""
    try:
        text = sys.stdin.read() if event_path is None else event_path.read_text(encoding="utf-8")
        event = check(text, key_path.read_text(encoding="utf-8"))
    except (Invalid, OSError, UnicodeDecodeError) as error:
        print(f"NOT VALID: {error}")
        return 1
    print(f"valid: {event.get('type')} {event.get('id')} of {event.get('source')}")
    return 0


def check(text: str, key: str) -> dict[str, object]:
    """Return the event in `text` without its signature; raise `Invalid`. `key` is a JWK (RFC 8037).

    It may also be all of what `tocsin-gateway key signing --json` prints.
    """
    event = _object(text, "the event")
    signature = event.pop("signature", None)
    if not isinstance(signature, str):
        raise Invalid("the event has no signature")
    header, payload, raw = _three(signature)
    if payload:
        raise Invalid("the payload of the signature is not detached")
    found = _object(key, "the key")
    inner = found.get("jwk")
    jwk = inner if isinstance(inner, dict) else found
    _judge_header(_object(_bytes(header).decode("utf-8", "replace"), "the header"), jwk)
    signed = f"{header}.{_base64url(_canonical(event))}"
    try:
        _public(jwk).verify(_bytes(raw), signed.encode())
    except InvalidSignature:
        raise Invalid("the signature does not fit the event and the key") from None
    return event


def _judge_header(header: dict[str, object], jwk: dict[str, object]) -> None:
    if header.get("alg") != "EdDSA" or "crit" in header:
        raise Invalid("the signature is of another kind")
    if "kid" in jwk and header.get("kid") != jwk["kid"]:
        raise Invalid("another key has signed the event")


def _public(jwk: dict[str, object]) -> Ed25519PublicKey:
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise Invalid("the key is no Ed25519 key")
    try:
        return Ed25519PublicKey.from_public_bytes(_bytes(str(jwk.get("x"))))
    except ValueError:
        raise Invalid("the key is damaged") from None


def _canonical(event: dict[str, object]) -> bytes:
    try:
        return rfc8785.dumps(event)  # type: ignore[arg-type]  # JSON
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError):
        raise Invalid("the event holds what RFC 8785 cannot write") from None


def _three(signature: str) -> tuple[str, str, str]:
    parts = signature.split(".")
    if len(parts) != 3:
        raise Invalid("the signature has not three parts")
    return parts[0], parts[1], parts[2]


def _object(text: str, what: str) -> dict[str, object]:
    try:
        found = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise Invalid(f"{what} is not JSON") from None
    if not isinstance(found, dict):
        raise Invalid(f"{what} is no JSON object")
    return found


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a name that stands twice: one reader would take the first, another the last."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("not base64url") from None


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

"""Checks what others have signed with Ed25519 (RFC 7515, RFC 8037): a compact JWS, or a detached one. Pure.

What is signed is read only after its signature was found good, and from the very bytes that were signed.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.upstream.signature import ATTRIBUTE, key_id


class BadSignature(Exception):
    """Nobody whom we know has signed it so; `reason` is "forged" or "unknown_key"."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


def is_compact(content: bytes) -> bool:
    """Say whether `content` looks like a compact JWS rather than JSON."""
    return content[:1] == b"e" and content.count(b".") == 2


def opened(content: bytes, keys: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Return what a compact JWS holds and the public key among `keys` that fits; raise `BadSignature`."""
    header, payload, signature = _three(content)
    key = _signer(header, f"{header}.{payload}".encode("ascii"), signature, keys)
    return _bytes(payload), key


def detached_by(event: Mapping[str, object], keys: Iterable[bytes]) -> bytes:
    """Return the public key among `keys` that has signed an event; raise `BadSignature`."""
    unsigned = dict(event)
    try:  # JSON can hold halves of surrogate pairs, which no UTF has
        header, payload, signature = _three(str(unsigned.pop(ATTRIBUTE, "")).encode())
        content = rfc8785.dumps(unsigned)  # type: ignore[arg-type]  # JSON
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as error:
        raise BadSignature("forged") from error
    if payload:
        raise BadSignature("forged")
    return _signer(header, f"{header}.{_base64url(content)}".encode("ascii"), signature, keys)


def json_object(content: bytes) -> dict[str, object]:
    """Return a JSON object; raise `ValueError` where it is none, or has a name twice.

    Of two values under one name, one reader takes the first and another the last.
    """
    try:
        found = json.loads(content, object_pairs_hook=_each_once)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - what came is wrong, not our type
    return found


def _signer(header: str, signed: bytes, signature: str, keys: Iterable[bytes]) -> bytes:
    named = _key_named_in(header)
    suitable = [key for key in keys if named is None or key_id(key) == named]
    if not suitable:
        raise BadSignature("unknown_key")
    raw = _bytes(signature)
    for key in suitable:
        if _fits(key, raw, signed):
            return key
    raise BadSignature("forged")


def _key_named_in(header: str) -> str | None:
    """Return the thumbprint of the key that a header names, None where it names none."""
    try:
        fields = json_object(_bytes(header))
    except ValueError as error:
        raise BadSignature("forged") from error
    named = fields.get("kid")
    if fields.get("alg") != "EdDSA" or "crit" in fields or not isinstance(named, str | None):
        raise BadSignature("forged")
    return named


def _fits(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _three(content: bytes) -> tuple[str, str, str]:
    try:
        header, payload, signature = content.decode("ascii").split(".")
    except ValueError as error:
        raise BadSignature("forged") from error
    return header, payload, signature


def _bytes(text: str) -> bytes:
    if "=" in text:  # RFC 7515 leaves padding out: one signature, one spelling
        raise BadSignature("forged")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadSignature("forged") from error


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)

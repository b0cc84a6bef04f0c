"""The organisation's signature under a record: a detached JWS (RFC 7515) over its RFC 8785 form.

The same form as that of a gateway's events, so `tocsin verify RECORD --key FILE` checks it.
"""

import base64
import hashlib
import json

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tools.provision.custody.content import Content


def signed(content: Content, record: dict[str, object]) -> dict[str, object]:
    """Return `record` with the attribute `signature`."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(content.signing))
    header = _base64url(json.dumps({"alg": "EdDSA", "kid": jwk(content)["kid"]}).encode())
    payload = _base64url(rfc8785.dumps(record))  # type: ignore[arg-type]  # JSON
    signature = _base64url(key.sign(f"{header}.{payload}".encode()))
    return record | {"signature": f"{header}..{signature}"}


def jwk(content: Content) -> dict[str, str]:
    """Return the public half of the key that signs now (RFC 8037), its thumbprint as `kid` (RFC 7638)."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(content.signing))
    return _jwk(key.public_key().public_bytes_raw())


def past_jwks(content: Content) -> list[dict[str, str]]:
    """Return the public halves of the keys that signed before, the oldest first."""
    return [_jwk(bytes.fromhex(public)) for public in content.past_signing]


def _jwk(public: bytes) -> dict[str, str]:
    members = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
    thumbprint = hashlib.sha256(rfc8785.dumps(members)).digest()
    return {**members, "kid": _base64url(thumbprint)}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

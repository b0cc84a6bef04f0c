"""The gateway's signature of an event: it belongs to the content, so that it survives every transport.

```
event without `signature`  -- RFC 8785 -->  the same bytes everywhere
header {"alg":"EdDSA","kid":...} . (nothing) . Ed25519      JWS, payload detached (RFC 7515, appendix F)
```
It travels as the extension attribute `signature` of the CloudEvent. `kid` is the thumbprint of the public
key (RFC 7638, RFC 8037). What is signed for a webhook has another form (it holds the body in clear), so
that neither can be passed off as the other.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.upstream.canonical import canonical

ATTRIBUTE = "signature"


class Signer:
    """Signs with one Ed25519 key."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32 bytes of the private key; raise `ValueError`."""
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = key_id(self.public)
        self._header = _base64url(canonical({"alg": "EdDSA", "kid": self.key_id}))

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature (RFC 8032)."""
        return self._key.sign(message)

    def detached(self, event: Mapping[str, object]) -> str:
        """Return the JWS of `event`, which has no signature yet; its payload is left out."""
        payload = _base64url(canonical(dict(event)))
        signature = self.sign(f"{self._header}.{payload}".encode())
        return f"{self._header}..{_base64url(signature)}"

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes that only this key gives: a key for `purpose`, and for nothing else."""
        return hmac.digest(self._seed, f"tocsin {purpose}".encode(), hashlib.sha256)

    def jwk(self) -> dict[str, str]:
        """Return the public half as a receiver wants it (RFC 8037)."""
        return {**_jwk(self.public), "kid": self.key_id, "alg": "EdDSA", "use": "sig"}

    def webhook_key(self) -> str:
        """Return the public half as libraries for Standard Webhooks want it."""
        return f"whpk_{base64.b64encode(self.public).decode()}"


def key_id(public: bytes) -> str:
    """Return the thumbprint of a public key (RFC 7638, section 3)."""
    return _base64url(hashlib.sha256(canonical(_jwk(public))).digest())


def _jwk(public: bytes) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

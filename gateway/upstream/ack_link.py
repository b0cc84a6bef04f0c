"""The link by which a person acknowledges: signed, for one incident and one reader, for a while. Pure.

    token = base64url( body | tag ), body =
    0      1            17          33              37            41
    | 01 | incident 16 | nonce 16 | expires u32 s | number u32 | by, UTF-8 |

`tag` is the first 16 bytes of an HMAC-SHA256. `nonce` tells one link from another:
whoever obeys them keeps the used ones. Where people were told by an event of a higher number since, a link
acknowledges nothing: nobody who has this letter has seen that.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

_VERSION = 1
_TAG = 16
_FIXED = 41
_TOKEN_MAX = 400


class BadLink(Exception):
    """The link acknowledges nothing; `reason` is "forged" or "expired"."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Link:
    """Event `number` of `incident` may be acknowledged in the name `by` until `expires`, Unix seconds."""

    incident: str
    nonce: bytes
    expires: int
    number: int
    by: str


def to_token(link: Link, key: bytes) -> str:
    """Return what stands in the URL."""
    body = (
        bytes([_VERSION])
        + bytes.fromhex(link.incident)
        + link.nonce
        + link.expires.to_bytes(4, "big")
        + link.number.to_bytes(4, "big")
        + link.by.encode()
    )
    return base64.urlsafe_b64encode(body + _tag(key, body)).rstrip(b"=").decode()


def from_token(token: str, key: bytes, now: float) -> Link:
    """Return the link that `key` has signed and that stands at `now`; raise `BadLink`."""
    if len(token) > _TOKEN_MAX:
        raise BadLink("forged")
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadLink("forged") from error
    body, tag = raw[:-_TAG], raw[-_TAG:]
    if not hmac.compare_digest(tag, _tag(key, body)) or len(body) < _FIXED or body[0] != _VERSION:
        raise BadLink("forged")
    expires = int.from_bytes(body[33:37], "big")
    if now >= expires:
        raise BadLink("expired")
    number = int.from_bytes(body[37:_FIXED], "big")
    return Link(body[1:17].hex(), body[17:33], expires, number, body[_FIXED:].decode())


def _tag(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"tocsin acknowledge\0" + body, hashlib.sha256).digest()[:_TAG]

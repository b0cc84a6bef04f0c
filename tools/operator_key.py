"""An operator's key, and the commands it signs: what `[[operator]]` of a gateway obeys.

Knows none of the gateway's own code: whoever can make a JWS (RFC 7515) with Ed25519 can command as well.
"""

import base64
import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Unusable(Exception):
    """The file of the key cannot be used; the message says why."""


def new(path: Path, name: str) -> int:
    """Make a key in `path`, never over another; print what enrols it. Return 0, or 1 where that fails."""
    key = Ed25519PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        print(f"{path}: {error.strerror}")
        return 1
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(_public(key) | {"d": _base64url(key.private_bytes_raw())}, file)
        file.write("\n")
    print(table(key, name))
    return 0


def table(key: Ed25519PrivateKey, name: str) -> str:
    """Return what enrols the key in a gateway.toml."""
    return f'[[operator]]\nname = "{name}"\nkey = "{_public(key)["x"]}"'


def sign(path: Path, fields: Mapping[str, object], site: str, life_s: int) -> int:
    """Print a signed command; return 0, or 1 where the key cannot be used."""
    try:
        print(signed(load(path), fields, site, time.time(), life_s))
    except Unusable as error:
        print(error)
        return 1
    return 0


def load(path: Path) -> Ed25519PrivateKey:
    """Return the key of a file; raise `Unusable`."""
    try:
        if path.stat().st_mode & 0o077:
            raise Unusable(f"{path}: others may read it; chmod 600 {path}")
        text = json.loads(path.read_text(encoding="ascii"))["d"]
        return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(text + "=="))
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{path}: no key") from error


def signed(
    key: Ed25519PrivateKey, fields: Mapping[str, object], site: str, now: float, life_s: int
) -> str:
    """Return the command of `fields` as a compact JWS that stands for `life_s` seconds from `now`."""
    header = {"alg": "EdDSA"}
    payload = {
        "aud": f"tocsin/{site}/command",
        "jti": secrets.token_hex(16),
        "iat": int(now),
        "exp": int(now) + life_s,
        **fields,
    }
    content = ".".join(_base64url(json.dumps(part).encode()) for part in (header, payload))
    return f"{content}.{_base64url(key.sign(content.encode()))}"


def _public(key: Ed25519PrivateKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(key.public_key().public_bytes_raw())}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

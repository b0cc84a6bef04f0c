"""The gateway's Ed25519 key, with which it signs what it tells people upstream.

Its file holds the 32 bytes in base64 and is made at the first start: who receives events learns the
public half on site (`tocsin-gateway key signing`). A credential of systemd goes before the file.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path

from gateway.disk.gateway_key import KeyFault
from gateway.upstream.signature import Signer

FILE_NAME = "signing.key"
_BYTES = 32


def load_or_make(state_dir: Path) -> Signer:
    """Return the key of `state_dir`, made where there is none; raise `KeyFault`."""
    path = _place(state_dir)
    try:
        seed = secrets.token_bytes(_BYTES)
        _write(path, seed)
    except FileExistsError:
        seed = _read(path)
    except OSError as error:
        raise KeyFault("key_unreadable", str(path)) from error
    return Signer(seed)


def _place(state_dir: Path) -> Path:
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    if handed and (Path(handed) / FILE_NAME).exists():
        return Path(handed) / FILE_NAME
    return state_dir / FILE_NAME


def _write(path: Path, seed: bytes) -> None:
    """Make the file, whole or not at all, readable by the gateway's user only; never overwrite one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if path.exists():
        raise FileExistsError(path)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(seed) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    try:
        seed = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, binascii.Error) as error:
        raise KeyFault("key_unreadable", str(path)) from error
    if len(seed) != _BYTES:
        raise KeyFault("key_unreadable", str(path))
    return seed

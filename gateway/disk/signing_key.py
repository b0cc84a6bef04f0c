"""The gateway's Ed25519 key, with which it signs what it tells people upstream.

Its file holds the 32 bytes in base64 and is made at the first start: who receives events learns the
public half on site (`tocsin-gateway key signing`). A credential of systemd goes before the file.
"""

import base64
import binascii
import os
import secrets
import time
from pathlib import Path

from gateway.disk.gateway_key import KeyFault
from gateway.events import Fault, Restore
from gateway.upstream.signature import Signer

FILE_NAME = "signing.key"
_BYTES = 32
_UNUSABLE = "signing_key"


def load_or_stand_in(state_dir: Path) -> tuple[Signer, Fault | Restore]:
    """Return the key, and the end of the fault that it cannot be had.

    Where it cannot, one that is gone with the process, and that fault: an alert that nobody can check is
    told all the same.
    """
    try:
        return load_or_make(state_dir), Restore("gateway", _UNUSABLE, time.time())
    except KeyFault as error:
        fault = Fault("gateway", _UNUSABLE, time.time(), str(error.args[0]))
        return Signer(secrets.token_bytes(_BYTES)), fault


def load_or_make(state_dir: Path) -> Signer:
    """Return the key of `state_dir`, made where there is none; raise `KeyFault`."""
    path = place(state_dir)
    try:
        seed = secrets.token_bytes(_BYTES)
        _write(path, seed)
    except FileExistsError:
        seed = _read(path)
    except OSError as error:
        raise KeyFault("key_unreadable", str(path)) from error
    return Signer(seed)


def place(state_dir: Path) -> Path:
    """Return the file of the key: the credential, else that of `state_dir`."""
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

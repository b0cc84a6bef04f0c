"""The gateway's own age key: enrolments are encrypted to it, device keys are sealed with it."""

import os
from pathlib import Path

import pyrage

FILE_NAME = "gateway.key"


class KeyFault(Exception):
    """The gateway's key is missing, unreadable, or not the one something was sealed for."""


class GatewayKey:
    """An X25519 identity. Its secret never leaves the file but to this object."""

    __slots__ = ("_identity",)

    def __init__(self, identity: pyrage.x25519.Identity) -> None:
        """Take the identity."""
        self._identity = identity

    @classmethod
    def make(cls, state_dir: Path) -> "GatewayKey":
        """Make the key and its file, readable by the gateway's user only; never overwrite one."""
        identity = pyrage.x25519.Identity.generate()
        path = state_dir / FILE_NAME
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise KeyFault("key_exists", str(path)) from error
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{identity}\n")
            file.flush()
            os.fsync(file.fileno())
        return cls(identity)

    @classmethod
    def load(cls, state_dir: Path) -> "GatewayKey":
        """Read the key; raise `KeyFault`."""
        path = state_dir / FILE_NAME
        try:
            text = path.read_text(encoding="ascii").strip()
            return cls(pyrage.x25519.Identity.from_str(text))
        except FileNotFoundError as error:
            raise KeyFault("key_missing", str(path)) from error
        except (OSError, ValueError, pyrage.IdentityError) as error:
            raise KeyFault("key_unreadable", str(path)) from error

    @property
    def recipient(self) -> str:
        """The public half: what an installer encrypts enrolments to."""
        return str(self._identity.to_public())

    def seal(self, secret: bytes) -> bytes:
        """Encrypt `secret` so that only this gateway can read it."""
        return bytes(pyrage.encrypt(secret, [self._identity.to_public()]))

    def unseal(self, sealed: bytes) -> bytes:
        """Return the secret; raise `KeyFault`."""
        try:
            return bytes(pyrage.decrypt(sealed, [self._identity]))
        except pyrage.DecryptError as error:
            raise KeyFault("not_for_this_gateway") from error

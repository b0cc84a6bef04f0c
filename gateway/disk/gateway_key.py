"""The gateway's own age key: enrolments are encrypted to it, device keys are sealed with it."""

import os
from pathlib import Path

import pyrage

FILE_NAME = "gateway.key"


class KeyFault(Exception):
    """The gateway's key is missing, unreadable, or not the one something was sealed for."""


def place(state_dir: Path) -> Path:
    """Return the file of the key: the credential that systemd hands over, else that of `state_dir`.

    A credential may be sealed to the machine (systemd-creds), so that the disk alone discloses nothing.
    """
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    if handed and (Path(handed) / FILE_NAME).exists():
        return Path(handed) / FILE_NAME
    return state_dir / FILE_NAME


def exposed(state_dir: Path) -> bool:
    """Say whether others than the gateway's user may read the key or write where it stands."""
    try:
        return any(
            path.stat().st_mode & bits
            for path, bits in ((place(state_dir), 0o077), (state_dir, 0o022))
        )
    except OSError:
        return False


class GatewayKey:
    """An X25519 identity. Its secret leaves the file only to this object, and into a backup."""

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
        path = place(state_dir)
        try:
            return cls.from_text(path.read_text(encoding="ascii"))
        except FileNotFoundError as error:
            raise KeyFault("key_missing", str(path)) from error
        except (OSError, ValueError, pyrage.IdentityError) as error:
            raise KeyFault("key_unreadable", str(path)) from error

    @classmethod
    def from_text(cls, text: str) -> "GatewayKey":
        """Take the content of a key file; raise `pyrage.IdentityError`."""
        return cls(pyrage.x25519.Identity.from_str(text.strip()))

    @property
    def secret(self) -> str:
        """The private half, as its file has it: for a backup, and for nothing else."""
        return str(self._identity)

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

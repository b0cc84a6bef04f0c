"""The age identity of who may read the store: a person, a laptop, a safe.

Its file is an age file too, encrypted with a passphrase (scrypt): a lost laptop has nothing in clear.
"""

from collections.abc import Callable
from pathlib import Path

import pyrage

from tools.provision.custody import sealed_file
from tools.provision.custody.errors import CustodyRefused

PASSPHRASE_MIN = 12
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how every such key begins


class Reader:
    """An X25519 identity. Its secret leaves this object only into its encrypted file."""

    __slots__ = ("_identity",)

    def __init__(self, identity: pyrage.x25519.Identity) -> None:
        """Take the identity."""
        self._identity = identity

    @classmethod
    def make(cls) -> "Reader":
        """Return a new one, on no disk."""
        return cls(pyrage.x25519.Identity.generate())

    @classmethod
    def load(cls, path: Path, ask: Callable[[], str]) -> "Reader":
        """Read its file with the passphrase that `ask` returns; raise `CustodyRefused`."""
        sealed = sealed_file.read(path)
        if _SECRET.encode() in sealed:
            raise CustodyRefused("identity_in_clear", path=path)
        try:
            text = pyrage.passphrase.decrypt(sealed, ask())
            return cls(pyrage.x25519.Identity.from_str(_secret_in(text.decode("utf-8"))))
        except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
            raise CustodyRefused("identity_closed", path=path) from error

    def save(self, path: Path, passphrase: str) -> None:
        """Write its file, never over another; raise `CustodyRefused`."""
        if len(passphrase) < PASSPHRASE_MIN:
            raise CustodyRefused("passphrase_short", least=PASSPHRASE_MIN)
        sealed = pyrage.passphrase.encrypt(f"{self._identity}\n".encode(), passphrase)
        sealed_file.create(path, bytes(sealed))

    @property
    def recipient(self) -> str:
        """The public half: what the store is encrypted to."""
        return str(self._identity.to_public())

    def open(self, sealed: bytes) -> bytes:
        """Return what is in an age file; raise `CustodyRefused`."""
        try:
            return bytes(pyrage.decrypt(sealed, [self._identity]))
        except pyrage.DecryptError as error:
            raise CustodyRefused("not_a_reader") from error


def _secret_in(text: str) -> str:
    """Return the key in a file of age, which may have remarks, too."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line.startswith(_SECRET)), "")


def seal(content: bytes, recipients: list[str]) -> bytes:
    """Encrypt `content` to all of `recipients`."""
    return bytes(pyrage.encrypt(content, [recipient_of(text) for text in recipients]))


def recipient_of(text: str) -> pyrage.x25519.Recipient:
    """Return the recipient that `age1...` stands for; raise `CustodyRefused`."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise CustodyRefused("bad_recipient", text=text.strip()[:8]) from error

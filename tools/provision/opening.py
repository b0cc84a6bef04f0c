"""How a command comes to the key store, and to the passphrase, which is never an argument."""

import resource
from pathlib import Path

import typer

from tools.provision.custody.errors import CustodyRefused
from tools.provision.custody.reader import Reader
from tools.provision.custody.store import Custody
from tools.provision.options import Access
from tools.provision.words import say


def open_custody(access: Access) -> Custody:
    """Return the store, opened by who sits here; raise `CustodyRefused`."""
    return Custody(access.store, open_reader(access))


def open_reader(access: Access) -> Reader:
    """Return the identity of who sits here; raise `CustodyRefused`."""
    no_core_dump()

    def ask() -> str:
        return _passphrase(say("keys.passphrase", path=access.identity), access.passphrase_file)

    return Reader.load(access.identity, ask)


def new_passphrase(access: Access) -> str:
    """Return a passphrase that was typed twice alike, or the file's; raise `CustodyRefused`."""
    question = say("keys.new_passphrase", path=access.identity)
    typed = _passphrase(question, access.passphrase_file)
    if access.passphrase_file is None and _passphrase(say("keys.again"), None) != typed:
        raise CustodyRefused("passphrases_differ")
    return typed


def no_core_dump() -> None:
    """Let a crash of this process leave no copy of its memory on disk."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _passphrase(question: str, file: Path | None) -> str:
    """Return the first line of `file`, or what is typed unseen."""
    if file is None:
        return str(typer.prompt(question, hide_input=True, err=True))
    try:
        with file.open(encoding="utf-8") as lines:
            return lines.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CustodyRefused("unreadable", path=file, why=type(error).__name__) from error

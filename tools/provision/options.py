"""The options by which every command comes to the key store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

HOME = Path.home() / ".config" / "tocsin"
STORE_FILE = HOME / "keys.age"
IDENTITY_FILE = HOME / "identity.age"
Store = Annotated[
    Path,
    typer.Option("--store", metavar="FILE", envvar="TOCSIN_STORE", help="The key store."),
]
IdentityFile = Annotated[
    Path,
    typer.Option(
        "--identity", metavar="FILE", envvar="TOCSIN_IDENTITY", help="Your identity, encrypted."
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Read the passphrase from the first line of this file, such as /dev/fd/3; else ask.",
    ),
]


@dataclass(frozen=True, slots=True)
class Access:
    """Which store, who asks, and where the passphrase comes from (None: it is asked for)."""

    store: Path
    identity: Path
    passphrase_file: Path | None = None

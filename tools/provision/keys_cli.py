"""`tocsin keys`: the organisation's keys, from the command line."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tools.provision.options import (
    IDENTITY_FILE,
    STORE_FILE,
    Access,
    IdentityFile,
    PassphraseFile,
    Store,
)

keys = typer.Typer(
    help="The organisation's keys: one encrypted file, its readers, what each gateway is told.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Of a reader, a gateway or a device.")]
Recipient = Annotated[str, typer.Argument(metavar="RECIPIENT", help="age1..., a public half.")]
Devices = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Of devices.")]


class Kind(StrEnum):
    """Who is allowed."""

    READER = "reader"
    GATEWAY = "gateway"


@keys.command()
def reader(
    *, identity: IdentityFile = IDENTITY_FILE, passphrase_file: PassphraseFile = None
) -> None:
    """Make your identity, encrypted with a passphrase; print its public half."""
    from tools.provision import keys_commands  # noqa: PLC0415  # keeps --help quick

    keys_commands.make_reader(Access(STORE_FILE, identity, passphrase_file))


@keys.command()
def new(
    *,
    organisation: Annotated[str, typer.Option(help="Whose keys they are.")],
    name: Annotated[str, typer.Option(help="Your name among the readers.")] = "first",
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make the key store; where you have no identity yet, that too."""
    from tools.provision import keys_commands  # noqa: PLC0415

    access = Access(store, identity, passphrase_file)
    keys_commands.make_store(access, organisation, name)


@keys.command()
def allow(  # noqa: PLR0913 - what the command line offers
    kind: Annotated[
        Kind, typer.Argument(help="A reader opens the store, a gateway is enrolled at.")
    ],
    name: Name,
    recipient: Recipient,
    *,
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Let a reader open the store, or a gateway have enrolments (`tocsin-gateway key show`)."""
    from tools.provision import keys_commands  # noqa: PLC0415

    access = Access(store, identity, passphrase_file)
    keys_commands.allow(access, kind.value, name, recipient)


@keys.command()
def enrol(  # noqa: PLR0913 - what the command line offers
    gateway: Annotated[str, typer.Argument(metavar="GATEWAY")],
    devices: Devices = None,
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")],
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write the enrolment files of a gateway, encrypted to it: of all devices, or of some."""
    from tools.provision import keys_commands  # noqa: PLC0415

    access = Access(store, identity, passphrase_file)
    keys_commands.enrol(access, gateway, devices or None, out)


@keys.command()
def rotate(  # noqa: PLR0913 - what the command line offers
    devices: Devices = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every device.")] = False,
    sign: Annotated[bool, typer.Option("--signing", help="The key that signs records.")] = False,
    age: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="NAME RECIPIENT", help="Another age key of a reader or gateway."),
    ] = None,
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Let devices be due for a new key, or change the age key of somebody, or the key that signs."""
    from tools.provision import keys_commands  # noqa: PLC0415

    if sum(map(bool, (devices, everything, sign, age))) != 1:
        raise typer.BadParameter("one of ID, --all, --signing, --age")
    access = Access(store, identity, passphrase_file)
    if age:
        keys_commands.rotate_age(access, *age)
    elif sign:
        keys_commands.rotate_signing(access)
    else:
        keys_commands.rotate_devices(access, set(devices) if devices else None)


@keys.command()
def revoke(
    name: Name,
    *,
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Revoke a lost laptop or gateway: its devices are due for new keys. Or drop a lost device."""
    from tools.provision import keys_commands  # noqa: PLC0415

    keys_commands.revoke(Access(store, identity, passphrase_file), name)


@keys.command()
def audit(
    *,
    look_in: Annotated[
        list[Path] | None,
        typer.Option("--search", metavar="PATH", help="Look for keys in clear there, too."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Say who can open what, and what is to be done; exit with 1 where something is."""
    from tools.provision import keys_commands  # noqa: PLC0415

    access = Access(store, identity, passphrase_file)
    keys_commands.audit(access, look_in or (), as_json=as_json)


@keys.command()
def public(
    *,
    past: Annotated[bool, typer.Option("--past", help="Those that signed before.")] = False,
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Print the public half of the key that signs records, for `tocsin verify`."""
    from tools.provision import keys_commands  # noqa: PLC0415

    keys_commands.public(Access(store, identity, passphrase_file), past=past)

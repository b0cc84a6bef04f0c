"""`tocsin provision`: from the command line, boards become devices."""

from pathlib import Path
from typing import Annotated

import typer

from tools.provision.options import (
    HOME,
    IDENTITY_FILE,
    STORE_FILE,
    Access,
    IdentityFile,
    PassphraseFile,
    Store,
)

provision = typer.Typer(
    help="Make boards devices: flash, program, key, settings, test, record.",
    invoke_without_command=True,
)


@provision.callback()
def boards(  # noqa: PLR0913 - what the command line offers
    context: typer.Context,
    *,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The devices: plan.toml, or .csv.")
    ] = None,
    image: Annotated[
        Path,
        typer.Option(
            metavar="FILE|KIT", envvar="TOCSIN_KIT", help="MicroPython: a .bin, or a kit's folder."
        ),
    ] = HOME / "kit",
    port: Annotated[
        list[str] | None, typer.Option(metavar="PORT", help="Of the board; more for a batch.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="ID", help="This device of the plan; else the next ones.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="That device though it has a record: with a new key.")
    ] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="All boards that are plugged in, at the same time.")
    ] = False,
    records: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the records are.")] = Path(
        "records"
    ),
    baud: Annotated[int, typer.Option(help="Speed while MicroPython is written.")] = 921_600,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="PORT",
            envvar="TOCSIN_HEAD",
            help="A radio head within a metre: each board is heard by it, and hears it.",
        ),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Nobody presses: the record says so.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check plan and images, say what would be done.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, a line for each step.")
    ] = False,
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Provision the board that is plugged in, or several; run it again after an unplugged cable."""
    if context.invoked_subcommand is not None:
        return
    if plan is None:
        raise typer.BadParameter("--plan is needed: see --help")
    from tools.provision import provision_commands as commands  # noqa: PLC0415  # keeps --help quick

    wanted = commands.Wanted(
        plan=plan,
        image=image,
        ports=tuple(port or ()),
        device=device,
        again=again,
        batch=batch,
        records=records,
        baud=baud,
        head=head,
        press=not alone,
        dry_run=dry_run,
        as_json=as_json,
    )
    raise typer.Exit(commands.provision(wanted, Access(store, identity, passphrase_file)))


@provision.command()
def kit(
    folder: Annotated[Path, typer.Argument(metavar="KIT", help="Images and their SHA256SUMS.")],
) -> None:
    """Check a kit: every image whole, as listed, and for which chip."""
    from tools.provision import provision_commands as commands  # noqa: PLC0415

    raise typer.Exit(commands.check_kit(folder))

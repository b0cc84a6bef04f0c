"""`tocsin fuses`: what cannot be undone. Off by default: nothing else here burns a fuse."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tools.provision.fuses.burner import Chip

fuses = typer.Typer(
    help="Fuses of the chip, burned for good: explained, confirmed by typing, recorded.",
    no_args_is_help=True,
)


class Kind(StrEnum):
    """Of chip."""

    C3 = "esp32c3"
    S3 = "esp32s3"


class Name(StrEnum):
    """Of an option; `tools.provision.fuses.table` has them."""

    JTAG = "jtag"
    SECURE_DOWNLOAD = "secure-download"
    NO_DOWNLOAD = "no-download"
    ENCRYPTION = "encryption"
    SECURE_BOOT = "secure-boot"


ChipKind = Annotated[Kind, typer.Option("--chip", help="Of the board.")]
Port = Annotated[str, typer.Option(metavar="PORT", help="Where the board is.")]
Practice = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="No chip: a file that stands for the fuses of one."),
]


@fuses.command()
def explain() -> None:
    """Say what each option is worth, and what it costs."""
    from tools.provision import fuses_commands  # noqa: PLC0415  # keeps --help quick

    fuses_commands.explain()


@fuses.command()
def show(*, chip: ChipKind, port: Port = "", practice: Practice = None) -> None:
    """Say what is burned already."""
    from tools.provision import fuses_commands  # noqa: PLC0415

    raise typer.Exit(fuses_commands.show(_chip(chip, port, practice)))


@fuses.command()
def burn(  # noqa: PLR0913 - what the command line offers
    name: Name,
    *,
    chip: ChipKind,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who does it; it is recorded.")],
    port: Port = "",
    record: Annotated[
        Path, typer.Option(metavar="FILE", help="Where it is written down, a line each.")
    ] = Path("fuses.jsonl"),
    practice: Practice = None,
) -> None:
    """Burn the fuses of one option, once you have typed that you mean it."""
    from tools.provision import fuses_commands  # noqa: PLC0415

    raise typer.Exit(fuses_commands.burn(_chip(chip, port, practice), name.value, by, record))


def _chip(kind: Kind, port: str, practice: Path | None) -> "Chip":
    from tools.provision.fuses.burner import Chip  # noqa: PLC0415

    if bool(port) == (practice is not None):
        raise typer.BadParameter("one of --port, --practice")
    return Chip(kind.value, port, practice)

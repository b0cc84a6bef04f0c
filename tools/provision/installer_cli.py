"""`tocsin plan`, `labels`, `cards`: what an installer does before and beside the boards."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

PlanFile = Annotated[
    Path, typer.Argument(metavar="PLAN", help="plan.toml, or a spreadsheet's .csv")
]


class Stickers(StrEnum):
    """What is sold; `tools.provision.paper.sheets` has their sizes."""

    L7651 = "L7651"
    L7160 = "L7160"
    L7163 = "L7163"
    ROLL_57X32 = "roll-57x32"
    ROLL_89X36 = "roll-89x36"


class Language(StrEnum):
    """Of the paper."""

    FR = "fr"
    EN = "en"


def add(app: typer.Typer) -> None:
    """Offer the commands of this module."""
    app.command()(plan)
    app.command()(labels)
    app.command()(cards)


def plan(file: PlanFile) -> None:
    """Check a plan: every mistake at once, with line, field and fix. No board is needed."""
    from tools.provision import papers  # noqa: PLC0415  # keeps --help quick

    raise typer.Exit(papers.check(file))


def labels(
    file: PlanFile,
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The PDF.")] = Path("labels.pdf"),
    sheet: Annotated[Stickers, typer.Option(help="The stickers, by their common number.")] = (
        Stickers.L7651
    ),
    first: Annotated[int, typer.Option(min=1, help="The first free sticker of the sheet.")] = 1,
    lang: Annotated[Language, typer.Option(help="Of the labels.")] = Language.FR,
) -> None:
    """Print labels: a QR code with id, role and check digits, never a key."""
    from tools.provision import papers  # noqa: PLC0415

    raise typer.Exit(papers.labels(file, out, sheet.value, first, lang.value))


def cards(
    file: PlanFile,
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The PDF.")] = Path("cards.pdf"),
) -> None:
    """Print each wearer's card, A6, French and English: presses and vibrations."""
    from tools.provision import papers  # noqa: PLC0415

    raise typer.Exit(papers.cards(file, out))

"""The command `tocsin`: a thin skin over the tools, each imported when it is called."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="tocsin",
    help="Tools for Tocsin's panic buttons, call boxes and gateways.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def tocsin() -> None:
    """Keep `demo` a command of its own while it is the only one."""


@app.command()
def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="Play a script instead of showing a screen.")
    ] = False,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every press's times.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What the virtual air's chances come from.")] = 1,
    lang: Annotated[
        str | None, typer.Option(help="Language of the screen, for instance fr.")
    ] = None,
) -> None:
    """Run the whole system on this machine: buttons, radio head, gateway, broker."""
    from tools.demonstration.cli import demo as play  # noqa: PLC0415  # keeps --help quick

    raise typer.Exit(play(headless=headless, json_path=json_path, seed=seed, lang=lang))


def main() -> None:
    """Run the command line."""
    app()

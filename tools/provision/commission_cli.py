"""`tocsin commission`: acceptance on site, from the walk test to the signed record."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.provision.installer_cli import Language, PlanFile
from tools.provision.options import (
    IDENTITY_FILE,
    STORE_FILE,
    Access,
    IdentityFile,
    PassphraseFile,
    Store,
)

if TYPE_CHECKING:
    from tools.provision.commission_commands import Site

commission = typer.Typer(
    help="Acceptance on site: walk test, every device, the escalation, a signed record.",
    no_args_is_help=True,
)
PROGRESS_FILE = Path("commission-progress.json")
Progress = Annotated[
    Path, typer.Option("--progress", metavar="FILE", help="What was done so far is kept there.")
]
Gateway = Annotated[
    str, typer.Option(help='Its command line, also far away: "ssh gateway tocsin-gateway".')
]
Config = Annotated[
    str | None, typer.Option(metavar="FILE", help="gateway.toml, as the gateway's machine has it.")
]
Device = Annotated[str, typer.Option("--device", metavar="ID", help="The button in your hand.")]
LOCAL = "tocsin-gateway"


@commission.command()
def walk(  # noqa: PLR0913 - what the command line offers
    plan: PlanFile,
    *,
    device: Device,
    place: Annotated[
        list[str] | None, typer.Option(help="Only there; else all of the plan.")
    ] = None,
    times: Annotated[int, typer.Option(min=1, max=20, help="Presses at each place.")] = 3,
    progress: Progress = PROGRESS_FILE,
    gateway: Gateway = LOCAL,
    config: Config = None,
) -> None:
    """Walk from room to room with a button in test mode, and see whether each is covered."""
    from tools.provision import commission_commands  # noqa: PLC0415  # keeps --help quick

    site = _site(plan, progress, gateway, config)
    commission_commands.walk(site, device, place or (), times)


@commission.command()
def press(
    plan: PlanFile,
    devices: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    *,
    progress: Progress = PROGRESS_FILE,
    gateway: Gateway = LOCAL,
    config: Config = None,
) -> None:
    """Press every device once in test mode: those that have not answered yet, or some."""
    from tools.provision import commission_commands  # noqa: PLC0415

    commission_commands.press(_site(plan, progress, gateway, config), devices or ())


@commission.command()
def escalate(  # noqa: PLR0913 - what the command line offers
    plan: PlanFile,
    *,
    device: Device,
    within_s: Annotated[float, typer.Option(min=0, help="How long a person is waited for.")] = 300,
    progress: Progress = PROGRESS_FILE,
    gateway: Gateway = LOCAL,
    config: Config = None,
) -> None:
    """Raise a real alert that everybody knows to be a test, until a person takes it."""
    from tools.provision import commission_commands  # noqa: PLC0415

    site = _site(plan, progress, gateway, config)
    commission_commands.escalate(site, device, within_s)


@commission.command()
def status(plan: PlanFile, *, progress: Progress = PROGRESS_FILE) -> None:
    """Say what is missing; exit with 1 where something is."""
    from tools.provision import commission_commands  # noqa: PLC0415

    commission_commands.status(_site(plan, progress, LOCAL, None))


@commission.command("map")
def draw(
    plan: PlanFile,
    *,
    floors: Annotated[
        Path, typer.Option(metavar="FILE", help="Pictures, and where each place is on them.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The PDF.")] = Path("coverage.pdf"),
    lang: Annotated[Language, typer.Option(help="Of the paper.")] = Language.FR,
    progress: Progress = PROGRESS_FILE,
) -> None:
    """Draw what was walked so far on floor plans."""
    from tools.provision import commission_papers  # noqa: PLC0415

    site = _site(plan, progress, LOCAL, None)
    commission_papers.draw(site, floors, out=out, language=lang.value)


@commission.command()
def sign(  # noqa: PLR0913 - what the command line offers
    plan: PlanFile,
    *,
    installer: Annotated[str, typer.Option(metavar="NAME", help="Who did it.")],
    accepted_by: Annotated[str, typer.Option(metavar="NAME", help="Who takes the site over.")],
    reservation: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="What is accepted although it is wrong."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="FILE.pdf and FILE.json are written.")
    ] = Path("commission"),
    floors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Floor plans, for a map beside the chart.")
    ] = None,
    records: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Those of `tocsin provision`.")
    ] = Path("records"),
    lang: Annotated[Language, typer.Option(help="Of the paper.")] = Language.FR,
    progress: Progress = PROGRESS_FILE,
    gateway: Gateway = LOCAL,
    config: Config = None,
    store: Store = STORE_FILE,
    identity: IdentityFile = IDENTITY_FILE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write the record: PDF, and JSON signed with the organisation's key."""
    from tools.provision import commission_papers  # noqa: PLC0415

    commission_papers.sign(
        _site(plan, progress, gateway, config),
        Access(store, identity, passphrase_file),
        installer,
        accepted_by,
        reservation or (),
        records=records,
        floor_plans=floors,
        out=out,
        language=lang.value,
    )


def _site(plan: Path, progress: Path, gateway: str, config: str | None) -> "Site":
    from tools.provision.commission.gateway import GatewayLine  # noqa: PLC0415
    from tools.provision.commission_commands import Site  # noqa: PLC0415

    options = [] if config is None else ["--config", config]
    return Site(plan, progress, GatewayLine(shlex.split(gateway), options))

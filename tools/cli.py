"""The command `tocsin`: a thin skin over the tools, each imported when it is called."""

from pathlib import Path
from typing import Annotated

import typer

from tools.provision import installer_cli
from tools.provision.commission_cli import commission
from tools.provision.fuses_cli import fuses
from tools.provision.keys_cli import keys
from tools.provision.provision_cli import provision

app = typer.Typer(
    name="tocsin",
    help="Tools for Tocsin's panic buttons, call boxes and gateways.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may be keys
)

app.add_typer(keys, name="keys")
app.add_typer(commission, name="commission")
app.add_typer(fuses, name="fuses")
app.add_typer(provision, name="provision")
installer_cli.add(app)
bench = typer.Typer(
    help="Measure: figures and ratios, side by side in one run.", no_args_is_help=True
)
app.add_typer(bench, name="bench")
operator = typer.Typer(
    help="An operator's key, and the commands that a gateway obeys.", no_args_is_help=True
)
app.add_typer(operator, name="operator")
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the figures, name: number.")
]


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


@app.command()
def decode(
    hexadecimal: Annotated[
        str, typer.Argument(metavar="HEX", help="A frame, an advertisement, a serial capture.")
    ],
    *,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Lines of `id key`, or an enrolment; mode 600."),
    ] = None,
    counter: Annotated[
        int | None, typer.Option(help="The counter, where it is known; else 0 to 2^20 are tried.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--as", help="frame, advert or serial; else what it looks like.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain bytes from the air or the serial line field by field, or say why not."""
    from tools.decode import decode as explain  # noqa: PLC0415

    status = explain(hexadecimal, keys=keys, kind=kind, counter=counter, as_json_text=as_json)
    raise typer.Exit(status)


@app.command()
def package(
    *,
    suite: Annotated[str, typer.Option(help="bookworm or trixie; Raspberry Pi OS of that name.")],
    arch: Annotated[str, typer.Option(help="amd64 or arm64.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the .deb is to be.")] = Path(),
) -> None:
    """Build the Debian package of the gateway."""
    from tools.package.build import build  # noqa: PLC0415
    from tools.package.suites import PackageFault  # noqa: PLC0415

    try:
        typer.echo(build(suite, arch, out))
    except PackageFault as fault:
        typer.echo(fault, err=True)
        raise typer.Exit(1) from fault


@app.command()
def verify(
    event: Annotated[
        Path | None, typer.Argument(metavar="[EVENT]", help="The event's JSON; else from stdin.")
    ] = None,
    *,
    key: Annotated[
        Path, typer.Option(metavar="FILE", help="What `tocsin-gateway key signing --json` printed.")
    ],
) -> None:
    """Say whether a gateway has signed an event just so."""
    from tools.verify import verify as check  # noqa: PLC0415

    raise typer.Exit(check(event, key))


@operator.command("new")
def new_operator(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key is to be.")],
    *,
    name: Annotated[str, typer.Option(help="The operator, as incidents show it.")] = "desk",
) -> None:
    """Make a key; print the [[operator]] of gateway.toml that enrols it."""
    from tools.operator_key import new  # noqa: PLC0415

    raise typer.Exit(new(file, name))


@operator.command("sign")
def sign_command(  # noqa: PLR0913 - what the command line offers
    command: Annotated[str, typer.Argument(help="acknowledge or close.")],
    event: Annotated[str, typer.Argument(help="The id of the event that is answered.")],
    *,
    key: Annotated[Path, typer.Option(metavar="FILE", help="What `operator new` has made.")],
    site: Annotated[str, typer.Option(help="gateway.site of the gateway.")],
    by: Annotated[str | None, typer.Option(help="Who answers, beside the operator.")] = None,
    eta_minutes: Annotated[
        int | None, typer.Option(min=0, max=1440, help="In how many minutes help arrives.")
    ] = None,
    expires_s: Annotated[int, typer.Option(min=1, max=3600, help="For how long it stands.")] = 300,
) -> None:
    """Print a signed command: publish it to tocsin/SITE/command with QoS 1."""
    from tools.operator_key import sign  # noqa: PLC0415

    said = {"command": command, "event": event, "by": by, "eta_minutes": eta_minutes}
    fields = {name: value for name, value in said.items() if value is not None}
    raise typer.Exit(sign(key, fields, site, expires_s))


@bench.command()
def protocol(*, json_path: JsonFile = None) -> None:
    """Cost of a frame at the gateway and on a button, memory, time on air; beside others."""
    from tools.bench.protocol import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(json_path))


@bench.command()
def fuzz(
    *,
    minutes: Annotated[float, typer.Option(min=0.1, help="For all targets together.")] = 2.0,
    json_path: JsonFile = None,
) -> None:
    """Feed everything that takes bytes from outside with bad ones, guided by coverage."""
    from tools.bench.fuzz import bench as search  # noqa: PLC0415

    raise typer.Exit(search(minutes, json_path))


@bench.command()
def air(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer boxes and power cuts: a look, no proof.")
    ] = False,
    sites: Annotated[int, typer.Option(min=1, help="How many sites, each with its chances.")] = 1,
    json_path: JsonFile = None,
) -> None:
    """Fifty call boxes pressed at once, at SF 7 and SF 9; 10,000 random power cuts."""
    from tools.bench.air import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(json_path, quick=quick, sites=sites))


@bench.command()
def battery(*, json_path: JsonFile = None) -> None:
    """Months of life, from the states the firmware was really in and data sheets' currents."""
    from tools.bench.battery import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(json_path))


@bench.command("provision")
def provision_bench(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Pull 4 cables instead of 100 (20 minutes).")
    ] = False,
    json_path: JsonFile = None,
) -> None:
    """A board's time beyond its transfer, a batch of four, boards unplugged at random."""
    from tools.bench.provision import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(json_path, quick=quick))


@bench.command()
def firmware(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="A day with 10 alerts instead of 30 days with 200.")
    ] = False,
    json_path: JsonFile = None,
) -> None:
    """Heap of each program over a month (20 minutes), allocations of an alert, wakes, sizes."""
    from tools.bench.firmware import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(json_path, quick=quick))


@bench.command()
def gateway(
    *,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Fewer presses, half a day of heartbeats instead of a month."),
    ] = False,
    json_path: JsonFile = None,
) -> None:
    """Latency of each stage, CPU and memory of the gateway under load, beside disk and broker."""
    from tools.bench.gateway import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(json_path, quick=quick))


@bench.command()
def chaos(
    *,
    kills: Annotated[int, typer.Option(min=1, help="How often the gateway is killed.")] = 1_000,
    seed: Annotated[int, typer.Option(help="What happens when comes from it.")] = 1,
    json_path: JsonFile = None,
) -> None:
    """Kill the gateway again and again, break all around it, and account for every press."""
    from tools.bench.chaos import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(kills, seed, json_path))


@bench.command()
def upstream(*, json_path: JsonFile = None) -> None:
    """Time of each way out beside a bare client or the receiver's own; of a signature."""
    from tools.bench.upstream import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(json_path))


@bench.command()
def fleet(
    *,
    gateways: Annotated[
        int,
        typer.Option(min=1, help="The largest fleet; those of 100, 1,000, 5,000 below it, too."),
    ] = 1_000,
    command_qos: Annotated[
        int, typer.Option(min=0, max=1, help="With which gateways subscribe to their commands.")
    ] = 0,
    json_path: JsonFile = None,
) -> None:
    """Thousands of gateways on mosquitto and on a cluster of three, whose leader is killed."""
    from tools.bench.fleet import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(gateways, json_path, command_qos=command_qos))


@bench.command("pi")
def pi_bench(
    *,
    hours: Annotated[
        float | None,
        typer.Option(min=0.01, help="How long its adapter fails at random; else 5 minutes."),
    ] = None,
    suite: Annotated[
        str | None, typer.Option(help="bookworm or trixie; else this machine's own.")
    ] = None,
    json_path: JsonFile = None,
) -> None:
    """The package on a Debian with real BlueZ: alerts in a crowd, an adapter that fails, the disk."""
    from tools.bench.pi import bench as measure  # noqa: PLC0415

    raise typer.Exit(measure(hours, json_path, suite))


def main() -> None:
    """Run the command line."""
    app()

"""What the commands of `tocsin commission` do on site: ask, look into the gateway's journal, note."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from tools.provision.commission import (
    evidence,
    findings,
    progress,
)
from tools.provision.commission.evidence import Heard
from tools.provision.commission.findings import Pressed, Room, Visit
from tools.provision.commission.floors import FloorsRefused
from tools.provision.commission.gateway import GatewayLine, GatewayRefused
from tools.provision.custody.errors import CustodyRefused
from tools.provision.plan import Plan, PlanRefused, read
from tools.provision.words import say

_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """The plan, the file of the progress, and the way to the gateway."""

    plan: Path
    progress: Path
    gateway: GatewayLine


def walk(site: Site, device: str, places: Sequence[str], times: int) -> None:
    """Go to each place with `device`, press, and note what was heard and felt."""
    with refusals():
        plan, visit = read(site.plan), progress.load(site.progress)
        _known(plan, device)
        for place in places or findings.rooms_of(plan):
            typer.echo(say("walk.go", place=place, device=device))
            typer.echo(say("walk.press", times=times))
            heard = _heard_meanwhile(site.gateway, device)
            felt = _count(say("walk.felt"), times)
            room = Room(place, device, _now(), times, felt, tuple(heard[:times]))
            visit.rooms[place] = room
            progress.save(site.progress, visit)
            typer.echo(_told(room))


def press(site: Site, devices: Sequence[str]) -> None:
    """Press each device once in test mode; by default those that have not answered yet."""
    with refusals():
        plan, visit = read(site.plan), progress.load(site.progress)
        for device in devices or _open(plan, visit):
            planned = _known(plan, device)
            typer.echo(say("press.go", device=device, place=planned))
            heard = _heard_meanwhile(site.gateway, device)
            felt = typer.confirm(say("press.felt"))
            pressed = Pressed(device, _now(), heard[0] if heard else None, felt)
            visit.devices[device] = pressed
            progress.save(site.progress, visit)
            result = say("record.works" if pressed.good else "record.works_not")
            typer.echo(say("press.result", device=device, result=result))


def escalate(site: Site, device: str, within_s: float) -> None:
    """Let an alert go to a person, and note how far it went."""
    with refusals():
        plan, visit = read(site.plan), progress.load(site.progress)
        _known(plan, device)
        begun = _number(site.gateway.journal())
        typer.echo(say("escalate.go", device=device, seconds=round(within_s)))
        found = _awaited(site.gateway, begun, within_s)
        progress.save(site.progress, replace(visit, escalation=found or visit.escalation))
        if found is None:
            typer.echo(say("escalate.none"))
        elif found.complete:
            typer.echo(say("escalate.done", by=found.by, taken=found.acknowledged_s))
        else:
            typer.echo(say("escalate.open"))
        if found is None or not found.complete:
            raise typer.Exit(1)


def status(site: Site) -> None:
    """Say what is missing or not good; exit with 1 where something is."""
    with refusals():
        plan, visit = read(site.plan), progress.load(site.progress)
        _show_rooms(list(visit.rooms.values()))
        lacking = findings.lacks(plan, visit)
        tell(lacking)
        raise typer.Exit(1 if lacking else 0)


def _heard_meanwhile(gateway: GatewayLine, device: str) -> list[Heard]:
    """Return the presses that the gateway heard until the person says that it is done."""
    begun = _number(gateway.journal())
    typer.prompt(say("walk.ready"), default="", show_default=False)
    return evidence.presses(gateway.journal(begun).entries, device)


def _count(question: str, most: int) -> int:
    """Ask until the answer is a number from 0 to `most`."""
    while True:
        answer = int(typer.prompt(f"{question} (0-{most})", type=int))
        if 0 <= answer <= most:
            return answer


def _awaited(gateway: GatewayLine, begun: int, within_s: float) -> evidence.Escalation | None:
    """Return the alert behind entry `begun`, as soon as a person took it or the time is over."""
    until_s = time.monotonic() + within_s
    while True:
        found = evidence.escalation(gateway.journal(begun).entries)
        if found is not None and found.taken:
            felt = typer.confirm(say("escalate.felt"))
            newest = evidence.escalation(gateway.journal(begun).entries) or found
            return replace(newest, felt=felt)
        if time.monotonic() >= until_s:
            return found
        time.sleep(_LOOK_EVERY_S)


def _open(plan: Plan, visit: Visit) -> list[str]:
    answered = {name for name, pressed in visit.devices.items() if pressed.good}
    return [device.id for device in findings.tested(plan) if device.id not in answered]


def _known(plan: Plan, device: str) -> str:
    """Return the place of a device that people press."""
    planned = plan.named(device)
    if planned is None or not planned.has_key:
        typer.echo(say("commission.unknown_device", device=device), err=True)
        raise typer.Exit(1)
    return planned.place


def _number(journal: evidence.Journal) -> int:
    return int(str(journal.head["n"]))


def _told(room: Room) -> str:
    rssi = [f"{name} {room.middle(name):.0f} dBm" for name in findings.WEAK_DBM if room.rssi(name)]
    verdict = say(f"verdict.{room.verdict}")
    return say(
        "walk.result",
        place=room.place,
        verdict=verdict,
        heard=len(room.heard),
        pressed=room.pressed,
        felt=room.felt,
        rssi=", ".join(rssi) or "-",
    )


def _show_rooms(rooms: Sequence[Room]) -> None:
    table = Table()
    for name in ("place", "verdict", "pressed", "heard", "felt", *findings.WEAK_DBM):
        table.add_column(say(f"coverage.{name}"))
    for room in rooms:
        counts = (str(n) for n in (room.pressed, len(room.heard), room.felt))
        middles = [room.middle(medium) for medium in findings.WEAK_DBM]
        shown = ("" if middle is None else f"{middle:.0f}" for middle in middles)
        table.add_row(room.place, say(f"verdict.{room.verdict}"), *counts, *shown)
    if rooms:
        Console().print(table)


def tell(lacking: Sequence[findings.Lack]) -> None:
    """Say what stands against a sign-off."""
    for lack in lacking:
        typer.echo(say(f"lack.{lack.reason}", subject=lack.subject))
    sentence = "commission.lacking" if lacking else "commission.nothing_lacks"
    typer.echo(say(sentence, count=len(lacking)))


def _now() -> float:
    return round(time.time(), 1)


@contextmanager
def refusals() -> Iterator[None]:
    """Say what cannot be done, and end with 1."""
    try:
        yield
    except GatewayRefused as error:
        told = say("commission.no_gateway", why=error)
    except progress.ProgressBroken as error:
        told = say("commission.broken", path=error.args[0])
    except OSError as error:
        told = say("commission.unwritable", path=error.filename, why=error.strerror)
    except (PlanRefused, CustodyRefused, FloorsRefused) as error:
        told = str(error)
    else:
        return
    typer.echo(told, err=True)
    raise typer.Exit(1)

"""What `tocsin provision` does.

0   every board is done
1   one cannot be: its sentence says what to put right
3   one was lost on the way, none was refused: the same command goes on
"""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from tools.provision import batch, images, plan, ports, steps
from tools.provision.chips import CHIPS
from tools.provision.custody.errors import CustodyRefused
from tools.provision.head import Head
from tools.provision.identity import Planned
from tools.provision.job import Job, Keeper
from tools.provision.journal import Journal
from tools.provision.opening import open_custody
from tools.provision.options import Access
from tools.provision.plan import PlanRefused
from tools.provision.queue import Queue
from tools.provision.screen import Bars, Lines
from tools.provision.stopped import Stopped
from tools.provision.words import say

DONE, REFUSED, RESUMES = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    plan: Path
    image: Path
    ports: tuple[str, ...]
    device: str | None
    again: bool
    batch: bool
    records: Path
    baud: int
    head: str | None
    press: bool
    dry_run: bool
    as_json: bool


def provision(wanted: Wanted, access: Access) -> int:
    """Check all that can be checked without a board, then do the boards; return the exit status."""
    try:
        journal = Journal(wanted.records)
        queue = Queue(_devices(wanted), journal, again=wanted.again)
        _check_images(wanted.image)
        _check_some_wait(queue)
        if wanted.dry_run:
            return _say_what(wanted, queue)
        head_port = None if wanted.head is None else ports.one(wanted.head)
        ports_wanted = _ports(wanted, head_port)
        keeper: Keeper = open_custody(access)
        with nullcontext() if head_port is None else Head(head_port) as head:
            job = partial(
                Job,
                images=wanted.image,
                queue=queue,
                journal=journal,
                keeper=keeper,
                baud=wanted.baud,
                press=wanted.press,
                head=head,
            )
            screen = Lines() if wanted.as_json else Bars(press=wanted.press)
            ended = batch.run([job(port) for port in ports_wanted], screen)
    except (PlanRefused, CustodyRefused, Stopped) as error:
        typer.echo(str(error), err=True)
        return REFUSED
    if all(one.device for one in ended):
        return DONE
    return RESUMES if all(one.device or one.resumes for one in ended) else REFUSED


def check_kit(folder: Path) -> int:
    """Print what a kit holds; return the exit status."""
    try:
        found = images.kit(folder)
    except Stopped as error:
        typer.echo(str(error), err=True)
        return REFUSED
    table = Table("chip", "version", "offset", "file", box=None)
    for image in found:
        firmware = image.firmware
        chip = CHIPS.get(firmware.chip)
        called = chip.called if chip else firmware.chip
        table.add_row(called, firmware.version, f"0x{firmware.starts_at:x}", image.path.name)
    Console().print(table)
    typer.echo(say("board.kit_whole", count=len(found)))
    return DONE


def _devices(wanted: Wanted) -> tuple[Planned, ...]:
    devices = plan.read(wanted.plan).devices
    if wanted.device is None:
        if wanted.again:
            raise Stopped("again_all")
        return devices
    chosen = tuple(device for device in devices if device.id == wanted.device)
    if not chosen:
        raise Stopped("device_unknown", device=wanted.device, plan=wanted.plan)
    return chosen


def _check_images(source: Path) -> None:
    """Look at all images before a board is touched."""
    if source.is_dir():
        images.kit(source)
    else:
        images.load(source)


def _check_some_wait(queue: Queue) -> None:
    if not queue.waiting:
        raise Stopped("none_left")


def _ports(wanted: Wanted, head: str | None) -> list[str]:
    found = [ports.stable(port) for port in wanted.ports] or ports.plugged()
    if wanted.ports and head in found:
        raise Stopped("head_is_board", port=head)
    found = [port for port in found if port != head]
    if not found:
        raise Stopped("no_ports")
    if len(found) > 1 and not wanted.batch and not wanted.ports:
        raise Stopped("several_ports", ports=", ".join(found))
    return found


def _say_what(wanted: Wanted, queue: Queue) -> int:
    typer.echo(say("board.would_do"))
    for name in steps.NAMES:
        alone = "_alone" if name == "self_test" and not wanted.press else ""
        typer.echo(f"  {name:10} {say(f'board.step_{name}{alone}')}")
    for device in queue.waiting:
        typer.echo(
            f"  {device.id:16} {device.role:13} {device.board:18} {device.label}, {device.place}"
        )
    return DONE

"""A disk that is really full: people are called, the wearer is not told STORED."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.disk.heard import read_states
from gateway.disk.rows import read_incidents
from gateway.disk.store import connect
from gateway.tests.bench import Bench, limit_pages, small_disk
from gateway.tests.brokers import Mosquitto, listen
from gateway.tests.builders import DEVICE, KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import STORED


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        yield folder


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def told(wearer: Wearer, head: PtyHead) -> list[int]:
    answers = [wearer.read(message.frame) for message in head.sent]
    return [answer[1].op for answer in answers if answer is not None]


def store_faults(events: list[dict[str, object]]) -> list[object]:
    """Return the types of what was told of the store that cannot be written."""
    return [event["type"] for event in events if "'write_failed'" in str(event["data"])]


class Case(NamedTuple):
    head: PtyHead
    wearer: Wearer
    events: list[dict[str, object]]


@pytest.fixture
def process(disk: Path, tmp_path: Path, broker: Mosquitto) -> GatewayProcess:
    """Return a gateway that keeps its state on `disk`, and knows one button."""
    folder = tmp_path / "g"
    folder.mkdir()
    (folder / "state").symlink_to(disk)
    process = GatewayProcess(folder, broker.port)
    assert process.call("enrol", process.enrolment("button-01", KEY)).returncode == 0
    return process


@asynccontextmanager
async def running(process: GatewayProcess, broker: Mosquitto) -> AsyncIterator[Case]:
    events: list[dict[str, object]] = []
    listening = asyncio.create_task(listen(broker.port, f"tocsin/{SITE}/event", events.append))
    process.start()
    head = PtyHead(process.port)
    try:
        await eventually(lambda: len(process.lines("up")) >= 2)
        yield Case(head, Wearer(KEY), events)
    finally:
        process.kill()
        head.unplug()
        listening.cancel()


def stored(disk: Path) -> list[str]:
    with closing(connect(disk / "gateway.sqlite")) as connection:
        return [incident.id for incident in read_incidents(connection)]


def writable(disk: Path, *, yes: bool) -> None:
    mode = "remount,rw" if yes else "remount,ro"
    subprocess.run(["mount", "-o", mode, str(disk)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["full", "read_only", "damaged_and_full"])
async def test_a_start_on_a_disk_that_takes_nothing_hears_and_tells_all_the_same(
    how: str, disk: Path, process: GatewayProcess, broker: Mosquitto
) -> None:
    async with running(process, broker) as (head, wearer, events):
        head.hear(wearer.press())
        await head.answered(wearer, STORED)
        process.kill()
        if how == "damaged_and_full":
            os.truncate(disk / "gateway.sqlite", 5_000)
        if how == "read_only":
            writable(disk, yes=False)
        else:
            (disk / "gateway.sqlite-shm").unlink()  # made anew at a start, where there is room
            fill(disk / "filler")
        process.start()
        await eventually(lambda: len(process.lines("started")) >= 2)
        await eventually(lambda: len(process.lines("up")) >= 4)
        head.hear(wearer.press())
        alert = f"{wearer.incident}.1"
        await eventually(lambda: alert in [event["id"] for event in events])
        (event,) = [event for event in events if event["id"] == alert]
        assert "'stored': False" in str(event["data"])
        assert store_faults(events) == ["tocsin.gateway.fault"]
        assert not told(wearer, head)
        if how == "read_only":
            writable(disk, yes=True)
        else:
            (disk / "filler").unlink()
        head.hear(wearer.refresh())
        await head.answered(wearer, STORED)
        await eventually(lambda: "tocsin.gateway.restore" in store_faults(events))
        assert store_faults(events) == ["tocsin.gateway.fault", "tocsin.gateway.restore"]
        assert [event["id"] for event in events].count(alert) == 1
        assert process.running
        assert not (process.folder / "run" / "stand-in").exists()
    assert wearer.incident in stored(disk)


@pytest.mark.slow
async def test_alerts_go_out_and_are_stored_and_answered_once_there_is_room(
    disk: Path, process: GatewayProcess, broker: Mosquitto
) -> None:
    async with running(process, broker) as (head, wearer, events):
        fill(disk / "filler")
        while not process.lines("fault") or "store" not in str(process.lines("fault")):
            head.hear(wearer.press())  # until what was left of the log is used
            await asyncio.sleep(0.05)
        answered = len(told(wearer, head))
        head.hear(wearer.press())
        alert = f"{wearer.incident}.1"
        await eventually(lambda: alert in [event["id"] for event in events])
        (event,) = [event for event in events if event["id"] == alert]
        assert "'stored': False" in str(event["data"])
        assert len(told(wearer, head)) == answered
        (disk / "filler").unlink()
        head.hear(wearer.refresh())
        await head.answered(wearer, STORED)
        await asyncio.sleep(0.5)  # time enough to tell it twice
        assert [event["id"] for event in events].count(alert) == 1
    assert wearer.incident in stored(disk)


async def test_what_is_known_is_what_is_on_disk_and_nothing_else_is_answered(
    tmp_path: Path,
) -> None:
    wearer = Wearer(KEY)
    folder = tmp_path / "small"
    folder.mkdir()
    with small_disk(folder) as mounted:
        bench = await Bench(folder).open()
        filler = folder / "filler"
        if mounted:
            fill(filler)
        else:
            await bench.store.read(lambda connection: limit_pages(connection, full=True))
        pressed = 0
        while not bench.log.getvalue().count('"source": "store"'):
            await bench.hear(wearer.press())
            pressed += 1
            assert pressed < 500
        stored = await bench.store.read(read_incidents)
        assert len(bench.rim.sent) == len(stored) == pressed - 1
        on_disk = await bench.store.read(read_states)
        highest = on_disk[DEVICE].window.highest if on_disk else -1
        assert bench.ledger.states[DEVICE].window.highest == highest
        if mounted:
            filler.unlink()
        else:
            await bench.store.read(lambda connection: limit_pages(connection, full=False))
        await bench.hear(wearer.refresh())
        assert len(bench.rim.sent) == pressed
        assert wearer.incident in bench.ledger.incidents
        await bench.store.close()

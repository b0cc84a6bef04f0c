"""How much an idle gateway writes, which wears an SD card: 100 call boxes, a beat each in five minutes.

A bench does not wait until a gateway is as it is after days, so that is made (`_age`): the clocks of the
boxes were certified when they would have been (`patient_site`), and the ring of what was heard is full.
What goes to the card `card` counts. Two things happen less often than this looks, and are measured apart:
the log of the database is written back, and the ring comes round, whereupon each device has a long row
written. What is said to the journal of systemd is counted as the bytes of its lines.
"""

import asyncio
import re
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx

from gateway.disk import heard
from gateway.disk.rows import LATEST_COLUMNS
from gateway.frames.device_clock import DeviceClock
from gateway.frames.freshness import MARK_PAGES
from gateway.tests.brokers import Mosquitto, free_port
from gateway.tests.player import Wearer
from protocol.kinds import PAGES
from tools.bench.card import Card, tidied
from tools.bench.gateway_head import Head
from tools.bench.gateway_process import GatewayProcess
from tools.bench.patient_site import Beat, last_beats

DEVICES = 100
HEARTBEAT_S = 300.0
_LISTENS_S = 8.0  # SPEC 9: on the mains
_TURNS = 3
_SETTLE_S = 35.0  # a group of heartbeats, and what a start writes
_START_WITHIN_S = 20.0
_DAY_S = 86_400.0
_MEMORY = Path("/dev/shm")  # noqa: S108 - what /run is on a Pi
_COMMITS = re.compile(r"^tocsin_commit_seconds_count (\S+)$", re.MULTILINE)
_SHORT = ", ".join(("device", "counter", "frame", *LATEST_COLUMNS))


@dataclass(frozen=True)
class Writes:
    """What was written in `seconds`, bytes; `tidying`: by writing the log of so long back.

    `long_rows`: by a long row of each device.
    """

    seconds: float
    log: int
    others: int
    said: int
    commits: int
    tidying: int
    long_rows: int

    @property
    def parts(self) -> dict[str, float]:
        """Return what goes to the card in a day, MB of 10^6 bytes, without what is said."""
        a_day = _DAY_S / self.seconds / 1e6
        beats = DEVICES * _DAY_S / HEARTBEAT_S
        return {
            "log": self.log * a_day,
            "other files": self.others * a_day,
            "log written back": self.tidying * a_day,
            "long rows": self.long_rows * beats / heard.SIZE / 1e6,
        }

    @property
    def idle_mb_per_day(self) -> float:
        """Return all of it together."""
        return sum(self.parts.values())

    @property
    def said_mb_per_day(self) -> float:
        """Return how much is said to the journal of systemd in a day, MB of 10^6 bytes."""
        return self.said * _DAY_S / self.seconds / 1e6


class Box:
    """A call box on the mains: beats, and says with the next beat whether it was answered in time."""

    def __init__(self, key: bytes) -> None:
        """Switch it on."""
        self._wearer = Wearer(key)
        self._beat_at = 0.0
        self._answered = False

    def beat(self) -> bytes:
        """Return the frame of a heartbeat."""
        self._beat_at = time.monotonic()
        self._wearer.shows(self._beat_at)
        heard = int(self._answered)
        mark = heard if self._wearer.counter % PAGES in MARK_PAGES else 0  # SPEC 5.3: ours is 1
        self._answered = False
        return self._wearer.heartbeat(data=mark, heard=heard)

    def hear(self, frame: bytes) -> None:
        """Hear what the radio head transmits, if it still listens."""
        if self._wearer.read(frame, behind=1) and time.monotonic() - self._beat_at < _LISTENS_S:
            self._answered = True


def measure(seconds: float = HEARTBEAT_S) -> Writes:
    """Let a gateway idle for so long, and count."""
    with TemporaryDirectory(prefix="tocsin-writes-", dir=_MEMORY) as folder:
        return asyncio.run(_idle(Path(folder), seconds))


async def _idle(folder: Path, seconds: float) -> Writes:
    (folder / "broker").mkdir()
    broker = Mosquitto(folder / "broker")
    broker.start()
    gateway, port = GatewayProcess(folder / "gateway", broker.port), free_port()
    keys = {f"box-{number}": number.to_bytes(16, "big") for number in range(1, DEVICES + 1)}
    gateway.enrol_many(keys, role="call_box")
    text = gateway.config.read_text(encoding="utf-8")
    text = text.replace('listen = ""', f'listen = "127.0.0.1:{port}"')
    text = text.replace(f'"{folder}/gateway/run"', f'"{folder}/run"\nclock = "believed"')
    gateway.config.write_text(text, encoding="utf-8")
    boxes = [Box(key) for key in keys.values()]
    beats = last_beats(DEVICES, HEARTBEAT_S, Random(1))

    def transmitted(frame: bytes, _: float) -> None:
        for box in boxes:
            box.hear(frame)

    head = Head(gateway.tty / "head0", transmitted)
    try:
        await _begin(gateway, head, boxes, beats)
        await _start(gateway, head)
        beginning = Card(gateway.database)
        await _beat_once(head, boxes)
        await asyncio.sleep(_SETTLE_S)
        beginning.look_at_log()
        long_rows = beginning.log + await asyncio.to_thread(tidied, gateway.database)
        with closing(sqlite3.connect(gateway.database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        card = Card(gateway.database)
        said, count = gateway.log.stat().st_size, await _commits(port)
        watching = asyncio.create_task(card.watch())
        await _beat_all(head, boxes, beats, seconds)
        watching.cancel()
        card.settle()
        said, count = gateway.log.stat().st_size - said, await _commits(port) - count
        gateway.kill()  # it would write the log back itself
        tidying = await asyncio.to_thread(tidied, gateway.database)
    finally:
        gateway.close()
        head.unplug()
        broker.stop()
    return Writes(seconds, card.log, card.others, said, count, tidying, long_rows)


async def _start(gateway: GatewayProcess, head: Head) -> None:
    head.greeted.clear()
    gateway.start()
    await asyncio.wait_for(head.greeted.wait(), _START_WITHIN_S)


async def _begin(gateway: GatewayProcess, head: Head, boxes: list[Box], beats: list[Beat]) -> None:
    """Let all be heard, and be as they are two beats before those of `beats`."""
    await _start(gateway, head)
    for _ in range(_TURNS):
        await _beat_once(head, boxes)
        await asyncio.sleep(_LISTENS_S)
    await _beat_once(head, [boxes[beat.box] for beat in beats if beat.counter % 2 == _TURNS % 2])
    await asyncio.sleep(_SETTLE_S)
    await asyncio.to_thread(gateway.stop)
    with closing(sqlite3.connect(gateway.database)) as connection, connection:
        _age(connection, {f"box-{beat.box + 1}": beat for beat in beats})


def _age(connection: sqlite3.Connection, beats: Mapping[str, Beat]) -> None:
    """Let clocks be certified as they were when those of `beats` came, and the ring be full."""
    first_s = time.time() + _SETTLE_S
    clocks = connection.execute("SELECT device, clock FROM state").fetchall()
    for device, stored in clocks:
        clock = DeviceClock.from_bytes(stored)
        if clock.line is None:
            raise ValueError(f"{device} was not certified")
        beat = beats[device]
        line = clock.line._replace(certified_at=first_s + beat.at - beat.age_s)
        aged = clock._replace(line=line).to_bytes()
        connection.execute("UPDATE state SET clock = ? WHERE device = ?", (aged, device))
    (newest,) = connection.execute("SELECT max(seq) FROM heard").fetchone()
    some = connection.execute(f"SELECT {_SHORT} FROM heard").fetchall()  # noqa: S608 - our names
    marks = ", ".join("?" * (2 + len(some[0])))
    for seq in range(newest + 1, newest + heard.SIZE + 1):
        connection.execute(
            f"INSERT OR REPLACE INTO heard (id, seq, {_SHORT}) VALUES ({marks})",  # noqa: S608
            (seq % heard.SIZE, seq, *some[seq % len(some)]),
        )
    connection.execute("UPDATE state SET seq = ?", (newest + heard.SIZE,))  # which have it all


async def _beat_once(head: Head, boxes: list[Box]) -> None:
    for box in boxes:
        head.hear(box.beat())
        await asyncio.sleep(0.02)


async def _beat_all(head: Head, boxes: list[Box], beats: list[Beat], seconds: float) -> None:
    """Let beat, each at its moment, who does in so many seconds."""
    begun = time.monotonic()
    for beat in beats:
        if beat.at < seconds:
            await asyncio.sleep(max(0.0, begun + beat.at - time.monotonic()))
            head.hear(boxes[beat.box].beat())
    await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))


async def _commits(port: int) -> int:
    """Return how many transactions the gateway has made since its start."""
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    found = _COMMITS.search(text)
    if found is None:
        raise ValueError("no tocsin_commit_seconds_count")
    return int(float(found[1]))


def main() -> None:
    """Measure and print."""
    writes = measure()
    print(f"idle_mb_per_day {writes.idle_mb_per_day:.1f}")
    for part, megabytes in writes.parts.items():
        print(f"  {part} {megabytes:.1f}")
    print(f"said_mb_per_day {writes.said_mb_per_day:.2f}")
    print(writes)


if __name__ == "__main__":
    main()

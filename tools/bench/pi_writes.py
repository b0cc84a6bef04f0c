"""How much an idle gateway writes, which wears an SD card: 100 call boxes, a beat each in five minutes.

Half of the beats wait for others half a minute, half of them some seconds (`gateway_of_a_while`). What goes
to the card `card` counts; the log of the database is written back less often than this looks, so that is
measured at the end, and added as often as it happens in a day. What is said to the journal of systemd is
counted as the bytes of its lines.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx

from gateway.disk.store import TIDY_EVERY
from gateway.frames.freshness import MARK_PAGES
from gateway.tests.brokers import Mosquitto, free_port
from gateway.tests.player import Wearer
from protocol.kinds import PAGES
from tools.bench.card import Card, tidied
from tools.bench.gateway_head import Head
from tools.bench.gateway_process import GatewayProcess

DEVICES = 100
HEARTBEAT_S = 300.0
_LISTENS_S = 8.0  # SPEC 9: on the mains
_TURNS = 3
_SETTLE_S = 35.0  # a group of heartbeats, and what a start writes
_START_WITHIN_S = 20.0
_DAY_S = 86_400.0
_MEMORY = Path("/dev/shm")  # noqa: S108 - what /run is on a Pi
_COMMITS = re.compile(r"^tocsin_commit_seconds_count (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Writes:
    """What was written in `seconds`, bytes; `tidying`: by writing the log of the database back once."""

    seconds: float
    log: int
    others: int
    said: int
    commits: int
    tidying: int

    @property
    def idle_mb_per_day(self) -> float:
        """Return how much goes to the card in a day, MB of 10^6 bytes, without what is said."""
        tidying = self.tidying * self.commits / TIDY_EVERY
        return (self.log + self.others + tidying) * _DAY_S / self.seconds / 1e6

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
    program = "tools.bench.gateway_of_a_while"
    gateway, port = GatewayProcess(folder / "gateway", broker.port, module=program), free_port()
    keys = {f"box-{number}": number.to_bytes(16, "big") for number in range(1, DEVICES + 1)}
    gateway.enrol_many(keys, role="call_box")
    text = gateway.config.read_text(encoding="utf-8")
    text = text.replace('listen = ""', f'listen = "127.0.0.1:{port}"')
    text = text.replace(f'"{folder}/gateway/run"', f'"{folder}/run"')
    gateway.config.write_text(text, encoding="utf-8")
    boxes = [Box(key) for key in keys.values()]

    def transmitted(frame: bytes, _: float) -> None:
        for box in boxes:
            box.hear(frame)

    head = Head(gateway.tty / "head0", transmitted)
    gateway.start()
    try:
        await asyncio.wait_for(head.greeted.wait(), _START_WITHIN_S)
        await _begin(head, boxes)
        card = Card(gateway.database)
        said, count = gateway.log.stat().st_size, await _commits(port)
        watching = asyncio.create_task(card.watch())
        await _beat_all(head, boxes, seconds)
        watching.cancel()
        card.look_at_log()
        card.look_at_files()
        said, count = gateway.log.stat().st_size - said, await _commits(port) - count
        gateway.kill()  # it would write the log back itself
        tidying = await asyncio.to_thread(tidied, gateway.database)
    finally:
        gateway.close()
        head.unplug()
        broker.stop()
    return Writes(seconds, card.log, card.others, said, count, tidying)


async def _begin(head: Head, boxes: list[Box]) -> None:
    """Let all be heard, and their clocks be certified."""
    for _ in range(_TURNS):
        for box in boxes:
            head.hear(box.beat())
            await asyncio.sleep(0.02)
        await asyncio.sleep(_LISTENS_S)
    await asyncio.sleep(_SETTLE_S)


async def _beat_all(head: Head, boxes: list[Box], seconds: float) -> None:
    """Let as many beat as would in so many seconds, at moments of their own."""
    chance = Random(1)
    count = min(len(boxes), round(len(boxes) * seconds / HEARTBEAT_S))
    moments = sorted(chance.uniform(0, seconds) for _ in range(count))
    begun = time.monotonic()
    for moment, box in zip(moments, chance.sample(boxes, count), strict=True):
        await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
        head.hear(box.beat())
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
    print(f"said_mb_per_day {writes.said_mb_per_day:.2f}")
    print(writes)


if __name__ == "__main__":
    main()

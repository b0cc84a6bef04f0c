"""A gateway process with its devices and its radio head, all of them heard; and what else is on the air."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.tests.brokers import Mosquitto
from gateway.tests.player import Wearer
from protocol.constants import FRAME_MIN
from tools.bench.gateway_head import Head
from tools.bench.gateway_presses import Press, Presses
from tools.bench.gateway_process import GatewayProcess

HEARTBEAT_S = 300.0
FOREIGN_PER_S = 2_000.0
_WITHIN_S = 20.0
_IN_FLIGHT = 64
_COMMITS = 50
_SAME_SIZE = 3  # times in a row
_TICK_S = 0.005


class Site:
    """A gateway with `count` devices that were all heard, its head and its broker."""

    def __init__(self, folder: Path, broker: Mosquitto, count: int) -> None:
        """Enrol them; start nothing."""
        chance = random.Random(count)
        keys = {f"button-{number}": chance.randbytes(16) for number in range(count)}
        self.keys = list(keys.values())
        self.wearers = [Wearer(key) for key in self.keys]
        self.gateway = GatewayProcess(folder, broker.port)
        self.gateway.enrol_many(keys)
        self.presses = Presses()
        self.answers = 0
        self._heard = asyncio.Event()
        self._turn = 0

    async def start(self) -> None:
        """Start the gateway, and let every device say that it lives."""
        self._head = Head(self.gateway.tty / "head0", self._transmit)
        self.gateway.start()
        async with asyncio.timeout(_WITHIN_S):
            await self._up()
        await self.beat(2 * len(self.wearers))

    def stop(self) -> None:
        """End the gateway and the head."""
        self.gateway.stop()
        self.gateway.close()
        self._head.unplug()

    async def beat(self, count: int) -> None:
        """Let `count` heartbeats be heard as fast as they are answered, the devices taking turns."""
        sent, before = 0, self.answers
        at_once = min(_IN_FLIGHT, len(self.wearers))  # a device is answered once a batch
        while sent < count:
            for _ in range(min(at_once, count - sent)):
                self._heartbeat()
                sent += 1
            await self._answered(before + sent)

    async def beat_for(self, seconds: float) -> int:
        """Let heartbeats be heard as fast as they are answered for so long; return how many."""
        begun, count = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            await self.beat(_COMMITS)
            count += _COMMITS
        return count

    async def warm(self) -> None:
        """Live until the log of the database has its full length: from there on it is written in place."""
        log = self.gateway.database.with_name(self.gateway.database.name + "-wal")
        size, same = 0, 0
        while same < _SAME_SIZE:
            for _ in range(_COMMITS):
                await self.beat(1)
            same = same + 1 if log.stat().st_size == size else 0
            size = log.stat().st_size

    async def press(self, count: int, wearers: Iterable[Wearer]) -> list[Press]:
        """Let `count` of `wearers` press, one after the other, each until it was delivered."""
        pressed = []
        for _, wearer in zip(range(count), wearers, strict=False):
            pressed.append(self._press(wearer))
            await self._all(pressed[-1:])
            await asyncio.sleep(0.02)
        return self._timed(pressed)

    async def press_together(self, wearers: Iterable[Wearer]) -> list[Press]:
        """Let all of `wearers` press at the same moment."""
        pressed = [self._press(wearer) for wearer in wearers]
        await self._all(pressed)
        return self._timed(pressed)

    @asynccontextmanager
    async def heartbeats(self) -> AsyncIterator[None]:
        """Let each device say every `HEARTBEAT_S` that it lives."""
        async with self._playing(len(self.wearers) / HEARTBEAT_S, self._heartbeat):
            yield

    @asynccontextmanager
    async def foreigners(self) -> AsyncIterator[None]:
        """Let frames of other people's devices be heard."""
        chance = random.Random(2)

        def play() -> None:
            self._head.hear(chance.randbytes(FRAME_MIN))

        async with self._playing(FOREIGN_PER_S, play):
            yield

    @asynccontextmanager
    async def _playing(self, per_second: float, play: Callable[[], None]) -> AsyncIterator[None]:
        task = asyncio.create_task(_at_pace(per_second, play))
        try:
            yield
        finally:
            task.cancel()

    def _press(self, wearer: Wearer) -> Press:
        frame = wearer.press()
        return self.presses.make(wearer, self._head.hear(frame))

    def _heartbeat(self) -> None:
        self._head.hear(self.wearers[self._turn].heartbeat())
        self._turn = (self._turn + 1) % len(self.wearers)

    async def _all(self, pressed: list[Press]) -> None:
        if not await self.presses.until(pressed, "felt_delivered", _WITHIN_S):
            raise TimeoutError("a press was not answered as delivered")

    def _timed(self, pressed: list[Press]) -> list[Press]:
        time.sleep(0.1)  # the gateway logs after it has answered
        self.presses.read_log(self.gateway.lines())
        return pressed

    def _transmit(self, frame: bytes, at: float) -> None:
        self.answers += 1
        self.presses.answered(frame, at)
        self._heard.set()

    async def _answered(self, count: int) -> None:
        async with asyncio.timeout(_WITHIN_S):
            while self.answers < count:
                self._heard.clear()
                await self._heard.wait()

    async def _up(self) -> None:
        while sum(line["event"] == "up" for line in self.gateway.lines()) < 2:  # noqa: ASYNC110 - a log
            await asyncio.sleep(0.05)


async def _at_pace(per_second: float, play: Callable[[], None]) -> None:
    """Call `play` so many times a second, for ever."""
    begun, played = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - begun) * per_second)
        for _ in range(due - played):
            play()
        played = due
        await asyncio.sleep(_TICK_S)

"""What is done to the gateway besides killing it: a deck of cards, played one a life, each to its end.

broker     mosquitto stopped, and started again
line       the serial line cut, and given back under another name
disk       no room on the disk, and room again
clock      another wall clock for one life, stepped in its midst, either way
flood      forged frames, as many as the line takes
database   its file truncated between a kill and a start
"""

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.tests.brokers import Mosquitto
from protocol.constants import FRAME_MIN
from tools.bench.chaos_clock import WallClock
from tools.bench.chaos_disk import Disk
from tools.bench.gateway_head import Head
from tools.bench.gateway_process import GatewayProcess

CARDS = ("broker", "line", "disk", "clock", "flood", "database")
_QUIET_LIVES = 2  # in each deck: lives in which nothing but the kill happens
_UP_WITHIN_S = 2.0
_MOMENT_S = (0.0, 0.4)
_LASTS_S = (0.1, 2.0)
_STEP_MAX_S = 2 * 86_400
_FLOOD_AT_ONCE = 40
_FLOOD_EVERY_S = 0.02
_FILL_EVERY_S = 0.05


@dataclass(frozen=True)
class World:
    """What can go wrong."""

    gateway: GatewayProcess
    broker: Mosquitto
    head: Head
    disk: Disk
    clock: WallClock


class Faults:
    """What goes wrong in a world; `played` counts it."""

    def __init__(self, world: World, chance: random.Random) -> None:
        """Do nothing yet."""
        self.played: Counter[str] = Counter()
        self._world = world
        self._chance = chance
        self._deck: list[str] = []
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failures: list[BaseException] = []
        self._damage_due = False
        self._other_clock = False
        self._plugged = 0

    def draw(self, cards: tuple[str, ...]) -> None:
        """Play the next card of a shuffled deck of `cards`, unless it is still being played.

        To be called before each start.
        """
        self._other_clock = False
        if not self._deck:
            self._deck = [*cards, *[""] * _QUIET_LIVES]
            self._chance.shuffle(self._deck)
        card = self._deck.pop()
        if card == "database":
            self._damage_due = True
        elif card and card not in self._running and (card != "clock" or self._world.clock.works):
            acts: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
                "broker": self._stop_broker,
                "line": self._cut_line,
                "disk": self._fill_disk,
                "clock": self._step_clock,
                "flood": self._flood,
            }
            self.played[card] += 1
            task = self._running[card] = asyncio.create_task(acts[card]())
            task.add_done_callback(partial(self._ended, card))

    def damage(self, *, held: bool) -> None:
        """Truncate the database of the dead gateway where that is due.

        Not while it alone holds an alert (`held`): nothing brings back what only a destroyed file knew.
        """
        database = self._world.gateway.database
        size = database.stat().st_size if database.exists() else 0
        if self._damage_due and size and not held:
            self._damage_due = False
            self.played["database"] += 1
            os.truncate(database, self._chance.randrange(size))

    def environment(self) -> Mapping[str, str]:
        """Return what the gateway that is about to start is to have besides its own environment."""
        return self._world.clock.environment() if self._other_clock else {}

    def started(self) -> None:
        """Let a gateway that has just started find the world as it is."""
        self._world.disk.started(self._world.gateway.pid)

    async def over(self) -> None:
        """Wait until all is mended; raise what a fault has failed with."""
        while self._running:
            await asyncio.wait(self._running.values())
        self._damage_due = False
        for failure in self._failures:
            raise failure

    def _ended(self, card: str, task: asyncio.Task[None]) -> None:
        del self._running[card]
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)

    async def _stop_broker(self) -> None:
        await self._a_moment()
        await asyncio.to_thread(self._world.broker.stop)
        await self._a_while()
        await asyncio.to_thread(self._world.broker.start)

    async def _cut_line(self) -> None:
        await self._a_moment()
        self._world.head.unplug()
        await self._a_while()
        self._plugged += 1
        self._world.head.plug(self._world.gateway.tty / f"head{self._plugged}")

    async def _fill_disk(self) -> None:
        await self._a_moment()
        loop = asyncio.get_running_loop()
        until = loop.time() + self._chance.uniform(*_LASTS_S)
        while loop.time() < until:  # whatever the gateway gives up is taken as well
            self._world.disk.fill(self._pid())
            await asyncio.sleep(_FILL_EVERY_S)
        self._world.disk.free(self._pid())

    async def _step_clock(self) -> None:
        self._other_clock = True
        self._world.clock.step(self._step_s())
        await self._a_moment()
        self._world.clock.step(self._step_s())

    async def _flood(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._chance.uniform(*_LASTS_S)
        while loop.time() < until:
            for _ in range(_FLOOD_AT_ONCE):
                self._world.head.hear(self._chance.randbytes(FRAME_MIN))
            await asyncio.sleep(_FLOOD_EVERY_S)

    def _step_s(self) -> int:
        return self._chance.randint(-_STEP_MAX_S, _STEP_MAX_S)

    async def _a_moment(self) -> None:
        """Wait until some moment of the life that has just begun."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_UP_WITHIN_S):
                await self._world.head.greeted.wait()
        await asyncio.sleep(self._chance.uniform(*_MOMENT_S))

    async def _a_while(self) -> None:
        await asyncio.sleep(self._chance.uniform(*_LASTS_S))

    def _pid(self) -> int | None:
        return self._world.gateway.pid if self._world.gateway.running else None

"""The real gateway killed at random moments, and worse; every press is accounted for.

Wearers press at random and follow the protocol's rules; the gateway lives for about a second, is killed
(-9) and started again. Meanwhile the cards of `chaos_faults` are played. At the end everything is mended,
and what was felt must have been told, once.
"""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.disk.rows import read_incidents
from gateway.disk.store import connect
from gateway.tests.brokers import Mosquitto
from tools.bench.chaos_account import Account
from tools.bench.chaos_clock import WallClock
from tools.bench.chaos_disk import Disk
from tools.bench.chaos_faults import CARDS, Faults, World
from tools.bench.chaos_firmware import NAME, FirmwareButton
from tools.bench.chaos_operator import Operator
from tools.bench.chaos_wearer import ChaosWearer
from tools.bench.figures import columns, write
from tools.bench.gateway_head import Head
from tools.bench.gateway_process import HEAD, GatewayProcess

_BOARD = "board"  # the radio head that is a virtual board, beside the one played here
_POLL_S = 0.01
_PRESS_EVERY_S = (0.05, 0.5)
_LIFE_S = (0.0, 0.8)  # from the moment on that it has greeted the radio head
_STARTS_WITHIN_S = 20.0
_UP_WITHIN_S = 3.0  # it cannot greet while the line is cut
_BRIEF_LIFE_S = (0.0, 0.6)  # killed while it starts
_BRIEF = 0.25
_PROGRESS_EVERY = 50


@dataclass(frozen=True)
class Plan:
    """How long, with whom, what happens besides the kills, and which program stands for the gateway."""

    kills: int
    seed: int = 1
    wearers: int = 60
    cards: tuple[str, ...] = CARDS
    settle_s: float = 60.0
    module: str = "gateway"


@dataclass
class Outcome:
    """What a run came to."""

    kills: int = 0
    ended_by_itself: int = 0
    account: Account = field(default_factory=Account)
    played: Mapping[str, int] = field(default_factory=dict)
    without: tuple[str, ...] = ()  # faults this machine cannot cause
    last_words: list[str] = field(default_factory=list)  # of those that ended by themselves

    def figures(self) -> dict[str, int]:
        """Return what `--json` writes."""
        return {
            "kills": self.kills,
            **self.account.figures(),
            "ended_by_itself": self.ended_by_itself,
            **{f"fault_{name}": count for name, count in sorted(self.played.items())},
        }

    @property
    def holds(self) -> bool:
        """Say whether something was felt, nothing of it was lost, and nothing was told as two."""
        figures = self.figures()
        return bool(figures["felt"]) and not figures["felt_lost"] and not figures["duplicated"]


class Chaos:
    """One gateway, its wearers and its world, in `folder`."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Lay it out and enrol everybody."""
        self._plan = plan
        self._chance = random.Random(plan.seed)
        self.outcome = Outcome()
        (folder / "broker").mkdir()
        self._broker = Mosquitto(folder / "broker")
        self._disk = Disk(folder / "gateway" / "state")
        self._clock = WallClock(folder)
        self._gateway = GatewayProcess(
            folder / "gateway", self._broker.port, radios=(HEAD, _BOARD), module=plan.module
        )
        port = self._gateway.tty / f"{_BOARD}0"
        account = self.outcome.account
        self._button = FirmwareButton(folder / "boards", port, account, plan.seed)
        self._keys = {f"button-{n}": self._chance.randbytes(16) for n in range(plan.wearers)}
        self._gateway.enrol_many(self._keys | {NAME: self._button.key})

    async def run(self) -> Outcome:
        """Let it happen; return what it came to."""
        try:
            return await self._run()
        finally:
            self._button.close()

    async def _run(self) -> Outcome:
        self._broker.start()
        self._head = Head(self._gateway.tty / "head0", self._transmitted)
        self._wearers = [self._wearer(name, key) for name, key in self._keys.items()]
        self._faults = self._make_faults()
        self._button.start()
        account = self.outcome.account
        operator = Operator(self._broker.port, account, self._chance)
        subscribed = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            people = [
                tasks.create_task(operator.run(subscribed)),
                tasks.create_task(self._live()),
            ]
            try:
                await subscribed.wait()
                await self._start_at_all()
                presses = tasks.create_task(self._press())
                people.append(presses)
                await self._kill_again_and_again()
                presses.cancel()
                await self._settle()
            finally:
                await _end(people)
        self._gateway.stop()
        account.stored = self._stored()
        self.outcome.played = self._faults.played
        self.outcome.last_words = self._gateway.last_words()
        self.outcome.without = () if self._clock.works else ("clock",)
        return self.outcome

    def close(self) -> None:
        """End everything."""
        self._gateway.close()
        self._broker.stop()
        self._disk.close()

    def _make_faults(self) -> Faults:
        world = World(self._gateway, self._broker, self._head, self._disk, self._clock)
        return Faults(world, self._chance)

    def _wearer(self, name: str, key: bytes) -> ChaosWearer:
        def transmit(frame: bytes) -> None:
            self._head.hear(frame)

        return ChaosWearer(name, key, self.outcome.account, transmit, self._chance)

    def _transmitted(self, frame: bytes, _at: float) -> None:
        for wearer in self._wearers:
            wearer.hear(frame)

    async def _live(self) -> None:
        while True:
            for wearer in self._wearers:
                wearer.poll()
            await asyncio.sleep(_POLL_S)

    async def _press(self) -> None:
        while True:
            all_of_them: list[ChaosWearer | FirmwareButton] = [*self._wearers, self._button]
            quiet = [one for one in all_of_them if one.quiet]
            if quiet:
                self._chance.choice(quiet).press()
            await asyncio.sleep(self._chance.uniform(*_PRESS_EVERY_S))

    async def _start_at_all(self) -> None:
        """Start it in a world that is well; raise `RuntimeError` with its complaint where it does not."""
        self._start()
        try:
            async with asyncio.timeout(_STARTS_WITHIN_S):
                await self._head.greeted.wait()
        except TimeoutError:
            raise RuntimeError("\n".join(self._gateway.last_words())) from None
        self._gateway.kill()

    async def _kill_again_and_again(self) -> None:
        for number in range(1, self._plan.kills + 1):
            self._head.greeted.clear()
            self._faults.draw(self._plan.cards)
            await asyncio.sleep(0)  # what is done before the start
            self._start()
            await self._life()
            self._kill()
            if number % _PROGRESS_EVERY == 0:
                print(number, "kills,", self.outcome.account.figures(), flush=True)

    async def _life(self) -> None:
        """Return at the random moment at which the gateway that was just started is to be killed."""
        if self._chance.random() < _BRIEF:
            await asyncio.sleep(self._chance.uniform(*_BRIEF_LIFE_S))
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_UP_WITHIN_S):
                await self._head.greeted.wait()
        await asyncio.sleep(self._chance.uniform(*_LIFE_S))

    def _start(self) -> None:
        account = self.outcome.account
        self._faults.damage(held=any(account.promised()))
        self._gateway.start(self._faults.environment())
        self._faults.started()

    def _kill(self) -> None:
        self.outcome.ended_by_itself += not self._gateway.running
        self.outcome.kills += 1
        self._clock.tidy(self._gateway.kill())

    async def _settle(self) -> None:
        """Mend everything, and wait until all that was pressed was told."""
        await self._faults.over()
        loop = asyncio.get_running_loop()
        until = loop.time() + self._plan.settle_s
        while loop.time() < until and self.outcome.account.missing:
            if not self._gateway.running:  # as systemd does
                self._start()
            await asyncio.sleep(0.2)

    def _stored(self) -> set[str]:
        with closing(connect(self._gateway.database)) as connection:
            return {incident.id for incident in read_incidents(connection)}


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until all have ended, what they wait for as well.

    `asyncio.wait_for` of Python 3.11 may lose a request (bpo-42130), and a group that was asked once
    does not ask its tasks again.
    """
    here = asyncio.current_task()
    while running := [task for task in tasks if not task.done()]:
        for task in asyncio.all_tasks() - {here}:
            task.cancel()
        await asyncio.wait(running, timeout=1.0)


def chaos(plan: Plan) -> Outcome:
    """Run `plan` in a folder of its own."""
    with TemporaryDirectory(prefix="tocsin-chaos-", ignore_cleanup_errors=True) as folder:
        run = Chaos(Path(folder), plan)
        try:
            return asyncio.run(run.run())
        finally:
            run.close()


def report(outcome: Outcome) -> str:
    """Return everything for people."""
    rows = [("", "")]
    rows += [(name.replace("_", " "), f"{count:,}") for name, count in outcome.figures().items()]
    text = columns("Chaos", rows)
    for name in outcome.without:
        text += f"  not caused, for this machine lacks what it takes: {name}\n"
    for line in outcome.last_words if outcome.ended_by_itself else ():
        text += f"  the gateway said: {line}\n"
    for lost in outcome.account.missing:
        how = "felt" if lost.felt else "not felt"
        text += f"  LOST {lost.device} {lost.incident} ({how})\n"
    return text


def bench(kills: int, seed: int, json_path: Path | None) -> int:
    """Run, print, and write the figures where asked to; return 1 where anything felt was lost."""
    outcome = chaos(Plan(kills, seed))
    print(report(outcome))
    if json_path is not None:
        write(json_path, outcome.figures())
    return 0 if outcome.holds else 1

"""Presses, loss, repeats, disorder, full disks and restarts in any order, and what must hold after each."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.cases.incident import State
from gateway.disk import journal
from gateway.disk.heard import read_states
from gateway.disk.rows import read_incidents
from gateway.disk.schema import StoreFault
from gateway.events import Acknowledge, Close
from gateway.path import Way
from gateway.tests.bench import Bench, SlowStore
from gateway.tests.builders import DEVICE, KEY
from gateway.tests.player import Wearer
from protocol.kinds import ACKNOWLEDGED, CLOSED
from tools.properties import at_most

ACTIONS = (
    *("press", "refresh", "cancel", "heartbeat", "lose", "repeat", "late", "clone"),
    *("acknowledge", "close", "fill", "free", "restart"),
)


@dataclass
class Model:
    """The world around one gateway: what was sent, heard, and pressed."""

    folder: Path
    wearer: Wearer = field(default_factory=lambda: Wearer(KEY))
    frames: list[bytes] = field(default_factory=list)
    held: list[bytes] = field(default_factory=list)
    pressed: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    full: bool = False
    now: float = 1_000.0

    async def open(self) -> None:
        self.bench = await Bench(self.folder).open()
        self.disk = SlowStore(self.bench.store)
        self._set_full(full=self.full)
        bench = self.bench
        bench.way = Way(bench.ledger, self.disk, bench.inbox, bench.logbook, bench.rim)

    async def act(self, action: str) -> None:
        self.now += 0.5
        if action == "heartbeat":
            await self._hear(self.wearer.heartbeat())
        elif action in ("fill", "free"):
            self._set_full(full=action == "fill")
        elif action == "restart":
            await self.bench.store.close()
            await self.open()
        elif action == "repeat" and self.frames:
            await self._hear(self.frames[len(self.frames) // 2], self.frames[-1])
        elif action == "late" and self.held:
            await self._hear(self.held.pop(0))
        else:
            await self._about_an_incident(action)

    async def _about_an_incident(self, action: str) -> None:
        wearer = self.wearer
        if action == "press" or not self.pressed:
            frame = wearer.press()
            self.pressed.add(wearer.incident)
            await self._hear(frame)
        elif action == "refresh":
            await self._hear(wearer.refresh())
        elif action == "cancel":
            await self._hear(wearer.cancel())
        elif action == "lose":
            self.held.append(wearer.refresh())
        elif action == "clone":
            await self._hear(wearer.protect(14 << 20 | 77, counter=wearer.counter - 1))
        elif action == "acknowledge":
            await self._command(Acknowledge(wearer.incident, "Jo", 5, self.now), self.taken)
        elif action == "close":
            await self._command(Close(wearer.incident, "Jo", self.now), self.ended)

    async def check(self) -> None:
        bench = self.bench
        stored = {one.id: one for one in await bench.store.read(read_incidents)}
        assert stored.keys() <= self.pressed  # one press, one incident at most
        assert {name: bench.ledger.incidents[name] for name in stored} == stored
        assert (await bench.store.read(journal.verify)).intact
        states = await bench.store.read(read_states)
        if DEVICE in states:
            known = bench.ledger.states[DEVICE]
            assert known.window.to_bytes() == states[DEVICE].window.to_bytes()
            assert known.recent == states[DEVICE].recent
        # The device tells no time: whatever it takes back may have been taken back long ago.
        assert not any(one.cancelled for one in stored.values())
        for answer in bench.answers(self.wearer):
            if answer.op >= ACKNOWLEDGED:  # nobody is told of a person who did not come
                assert self.taken | self.ended
            if answer.op == CLOSED:
                assert self.ended
        for name in self.ended & stored.keys():
            assert stored[name].state is State.CLOSED

    async def _hear(self, *frames: bytes) -> None:
        before = len(self.bench.rim.sent)
        await self.bench.hear(*frames, at=self.now)
        self.frames += frames
        if self.full:  # only what is on disk may still be answered
            fresh = self.bench.rim.sent[before:]
            answered = {self.wearer.read(one.frame, behind=10_000) for one in fresh}
            on_disk = (await self.bench.store.read(read_states))[DEVICE] if answered else None
            for answer in answered - {None}:
                assert answer is not None
                assert on_disk is not None
                assert on_disk.window.judge(answer[0]) != 0

    async def _command(self, command: Acknowledge | Close, done: set[str]) -> None:
        settled = self.bench.inbox.post(command)
        await self.bench.way.step(await self.bench.inbox.take())
        if settled.done() and settled.result() == "done":
            assert not self.full or command.incident in done
            done.add(command.incident)
        self.bench.inbox._events.clear()

    def _set_full(self, *, full: bool) -> None:
        self.full = full
        self.disk.fails = StoreFault("OperationalError", "SQLITE_FULL") if full else None


async def play(actions: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Model(Path(folder))
        await model.open()
        for action in actions:
            await model.act(action)
            await model.check()
        model._set_full(full=False)
        if model.pressed:  # and when the disk is well again, the next refresh gets through
            sent = len(model.bench.rim.sent)
            await model.act("refresh")
            assert len(model.bench.rim.sent) == sent + 1
            assert model.wearer.incident in model.bench.ledger.incidents
        await model.bench.store.close()


@at_most(50)
@given(st.lists(st.sampled_from(ACTIONS), min_size=5, max_size=30))
def test_whatever_happens_in_whatever_order(actions: list[str]) -> None:
    asyncio.run(play(actions))

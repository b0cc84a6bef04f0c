"""The way through: what the door lets in is judged again, decided, committed at once, then answered."""

import asyncio
import math
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from gateway import decisions, downlink, notices, pulse, requests
from gateway.disk.schema import StoreFault
from gateway.disk.store import Store
from gateway.downlink import Health, Repeats
from gateway.drafts import Notice, Want
from gateway.events import (
    Acknowledge,
    Close,
    Delivered,
    Duplicate,
    Enrolled,
    Event,
    Fault,
    Order,
    Refusal,
    Restore,
    Shared,
    Transmission,
    Trial,
    Unenrol,
    Uplink,
    Verdict,
)
from gateway.frames.authenticate import reconsider
from gateway.frames.device import Device
from gateway.frames.door import Door
from gateway.frames.hearing import Back, Hearing, best_first, way
from gateway.inbox import Inbox, Posted, Waiting
from gateway.ledger import Batch, Committed, Ledger
from gateway.response import site
from gateway.telemetry.logbook import Logbook
from protocol.errors import ProtocolError

RETRY_S = 1.0
# A sleep of this machine stops the timer, but not gateway time: a deadline is missed by no more.
_LOOK_S = 30.0
_LOG_BEHIND_S = 0.005


class Watcher(Protocol):
    """A rule that acts when its time has come, not only when something is heard."""

    def judge(self, batch: Batch) -> float:
        """Do what is due at `batch.now`; return when to come back, gateway time, inf for never."""


class Rim(Protocol):
    """What lies around the path."""

    def now_s(self) -> float:
        """Return gateway time."""

    def committed(self, committed: Committed, took_s: float) -> None:
        """Know what is on disk now, and how long that took; what is sent next are its answers."""

    def send(self, transmission: Transmission) -> None:
        """Let a radio transmit."""

    def stored(self, committed: Committed) -> None:
        """Hand the upstreams what is new for them."""

    def unstored(self, notices: Iterable[Notice]) -> None:
        """Tell what cannot wait for the disk: nobody is answered, but people are called."""

    def health(self) -> Health:
        """Say what works."""

    async def devices(self) -> Iterable[Device] | None:
        """Read the enrolled devices anew; None where that fails."""


class Way:
    """The only writer: what it has not committed it neither answers nor remembers."""

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        inbox: Inbox,
        logbook: Logbook,
        rim: Rim,
    ) -> None:
        """Expect the devices of `ledger`."""
        self._ledger = ledger
        self._store = store
        self._inbox = inbox
        self._logbook = logbook
        self._rim = rim
        self._watchers: Sequence[Watcher] = ()
        self._due_s = -math.inf  # gateway time when a watcher is to be asked: at first, at once
        self.door = Door(ledger, inbox, logbook, self._answer_again)
        self._unlogged: list[Committed] = []
        self._repeats = Repeats()
        self._hearing = Hearing()
        for device in ledger.devices.values():
            self._expect(device)

    def watch(self, watchers: Sequence[Watcher]) -> None:
        """Ask `watchers` from now on, in this order: each sees what those before it have drafted."""
        self._watchers = watchers

    async def run(self) -> None:
        """Take what waits and what is due, for ever."""
        try:
            while True:
                pulse.beat()
                left_s = self._due_s - self._rim.now_s()
                await self.step(await self._inbox.take(min(max(left_s, 0.0), _LOOK_S)))
        finally:
            self.log()

    async def step(self, waiting: Waiting) -> None:
        """Take one batch all the way."""
        batch = self._ledger.batch(self._rim.now_s(), time.time())
        fresh, duplicates = self._take_frames(batch, waiting.frames)
        results = [await self._take_event(batch, posted.event) for posted in waiting.events]
        self._due_s = min((watcher.judge(batch) for watcher in self._watchers), default=math.inf)
        if not batch.empty:
            begin_s = time.monotonic()
            committed = await self._commit(batch)
            if committed is None:  # not on disk: not known, not answered; the next refresh tries
                self._due_s = batch.now + RETRY_S
                self._rim.unstored(batch.notices)
                self._inbox.put_back(waiting.events, RETRY_S)
                return
            self._ledger.adopt(committed)
            self._rim.committed(committed, time.monotonic() - begin_s)
            self._answer(committed, fresh)
            if batch.notices:
                self._rim.stored(committed)
            self._look_ahead(committed)  # nothing is heard before it: who is gone is not expected
            self._log_soon(committed)
        for duplicate in duplicates + waiting.repeats:
            self._answer_again(duplicate)
        _settle(waiting.events, results)

    def _take_frames(
        self, batch: Batch, frames: list[Uplink]
    ) -> tuple[list[Uplink], list[Duplicate]]:
        fresh, duplicates = [], []
        for uplink in frames:
            try:
                # What came in before it may be on disk by now, or in this very batch.
                heard = reconsider(uplink, batch.state(uplink.device))
            except ProtocolError as error:
                self._logbook.rejected[error.reason] += 1
                continue
            if isinstance(heard, Duplicate):
                self._logbook.heard["duplicate"] += 1
                duplicates.append(heard)
            else:
                self._logbook.heard[heard.verdict.value] += 1
                decisions.take_uplink(batch, heard)
                fresh.append(heard)
        return fresh, duplicates

    async def _take_event(self, batch: Batch, event: Event) -> str:
        match event:
            case Acknowledge():
                result = decisions.take_acknowledge(batch, event)
            case Close():
                result = decisions.take_close(batch, event)
            case Delivered():
                result = decisions.take_delivered(batch, event)
            case Fault() | Restore():
                result = decisions.take_condition(batch, event)
            case Enrolled():
                devices = await self._rim.devices()
                for device in devices or ():
                    decisions.take_device(batch, device)
                result = "not_read" if devices is None else "done"
            case Shared():
                result = site.take(batch, event)
            case Trial() | Unenrol() | Refusal() | Order():
                result = requests.take(batch, event)
        return result

    async def _commit(self, batch: Batch) -> Committed | None:
        try:
            committed = await self._store.commit(batch)
        except StoreFault as error:
            if self._ledger.failing_since is None:
                self._ledger.failing_since = time.time()
                why = ".".join(map(str, error.args))
                self._logbook.line("fault", self._ledger.failing_since, source="store", code=why)
                fault = Fault("store", "write_failed", self._ledger.failing_since)
                # The same event as it has once it is stored, and so told once.
                told = notices.of_gateway(fault, "fault")._replace(urgent=True)
                self._rim.unstored([told])
            return None
        if self._ledger.failing_since is not None:
            self._inbox.post(Fault("store", "write_failed", self._ledger.failing_since))
            self._inbox.post(Restore("store", "write_failed", committed.at))
            self._ledger.failing_since = None
        return committed

    def _log_soon(self, committed: Committed) -> None:
        """Let upstreams have the loop first: their confirmations come within a millisecond or two."""
        if not self._unlogged:
            asyncio.get_running_loop().call_later(_LOG_BEHIND_S, self.log)
        self._unlogged.append(committed)

    def log(self) -> None:
        """Write the lines that wait."""
        for committed in self._unlogged:
            self._logbook.committed(committed)
        self._unlogged.clear()

    def _look_ahead(self, committed: Committed) -> None:
        """Expect what can come next: behind the answers, which wait for nothing."""
        batch = committed.batch
        for name in batch.unenrolled:
            self.door.forget(name)
        for device in batch.devices.values():
            self._expect(device)
        for name in batch.states:
            self.door.advance(name, self._contact_at(name) or committed.at)
            self._make_next_id(name)

    def _expect(self, device: Device) -> None:
        self._make_next_id(device.id)
        self.door.expect(device, self._contact_at(device.id) or device.dated_at)

    def _make_next_id(self, name: str) -> None:
        highest = self._ledger.states[name].window.highest
        self._ledger.next_ids.make(self._ledger.devices[name], highest)

    def _contact_at(self, name: str) -> float | None:
        """Return when the highest counter of the device was heard, Unix seconds."""
        return self._ledger.states[name].contact_at

    def _answer(self, committed: Committed, fresh: list[Uplink]) -> None:
        wants = committed.batch.wants
        heard: dict[str, dict[str, Back]] = {}
        for uplink in fresh:
            received = uplink.received
            self._hearing.note(uplink.device, received)
            heard.setdefault(uplink.device, {})[way(received)] = Back.of(received)
            # What a clone sends is raised and answered once, and never again as a duplicate.
            if uplink.device in wants and uplink.verdict is Verdict.FRESH:
                want, at = wants[uplink.device], received.monotonic
                self._repeats.note(received.frame, committed, want, way(received), at)
        for want in wants.values():
            # Where no frame asked: by every way it may listen; after a restart one alone is known.
            pushed = self._hearing.ways(want.device) or [want.back]
            for back in pushed if want.pushed else best_first(heard[want.device]):
                self._transmit(committed, want._replace(back=back))
        for said in committed.batch.commands.values():
            asked = best_first(heard.get(said.device, {}))
            for back in asked or self._hearing.ways(said.device) or [said.back]:
                self._rim.send(downlink.command(committed, said, back, self._ledger))

    def _answer_again(self, duplicate: Duplicate) -> None:
        received = duplicate.received
        if duplicate.device in self._ledger.states:
            self._ledger.states[duplicate.device].hear_again(received)
        due = self._repeats.due(received.frame, way(received), received.monotonic)
        if due is not None and duplicate.device in self._ledger.devices:
            if not due.again:
                self._hearing.note(duplicate.device, received)
            back = Back.of(received)._replace(again=due.again)
            self._transmit(due.committed, due.want._replace(back=back))

    def _transmit(self, committed: Committed, want: Want) -> None:
        health = self._rim.health()
        self._rim.send(downlink.answer(committed, want, self._ledger, health, time.time()))


def _settle(events: list[Posted], results: list[str]) -> None:
    for posted, result in zip(events, results, strict=True):
        if not posted.settled.done():
            posted.settled.set_result(result)

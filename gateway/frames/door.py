"""The door: every frame is resolved and authenticated as it is heard, so that no flood waits inside.

authentic, news     into the inbox: only who has a key gets there, each frame once at a time
duplicate           answered again at once, where that is due
malformed, too old  counted
forged, unknown     counted, and kept unresolved: a sweep may find whose it is; then it goes in first

So what nobody can resolve costs one look and one entry each, and neither delays nor displaces a frame
that is known. Unresolved frames are bounded by `Unresolved`, those that go in by `Inbox`.
"""

import asyncio
import time
from collections.abc import Callable

from gateway import pulse
from gateway.events import Duplicate, Received, Uplink
from gateway.frames.authenticate import authenticate
from gateway.frames.device import Device
from gateway.frames.lookahead import LookAhead
from gateway.frames.patience import patience_s
from gateway.frames.search import Search
from gateway.gateway_clock import running_s
from gateway.inbox import Inbox
from gateway.ledger import Ledger
from gateway.telemetry.logbook import Logbook
from protocol.constants import FRAME_MAX, FRAME_MIN, HINT_LEN
from protocol.errors import BadTag, Malformed, ProtocolError, UnknownDevice

SWEEP_EVERY_S = 0.01
SWEEP_S = 0.001  # at most 10 % of a core
FIRST_SWEEP_S = 0.5  # before anything is heard: what devices silent for long would send by now
# Where nothing waits, only what is likely by now is kept up to date.
_IDLE_S = 60.0


class Door:
    """Knows which hints may come, and what to do with those that do not."""

    def __init__(
        self,
        ledger: Ledger,
        inbox: Inbox,
        logbook: Logbook,
        answer_again: Callable[[Duplicate], None],
    ) -> None:
        """Expect nobody. Frames are judged by `ledger`: by what is on disk."""
        self._ledger = ledger
        self._inbox = inbox
        self._logbook = logbook
        self._answer_again = answer_again
        self._lookahead = LookAhead()
        self._search = Search()
        self._enrolled_at: dict[str, float] = {}
        self._work = asyncio.Event()

    def expect(self, device: Device, at: float) -> None:
        """Expect `device`, new or changed, whose highest accepted counter is of `at`, Unix seconds."""
        highest = self._ledger.states[device.id].window.highest
        if self._enrolled_at.setdefault(device.id, device.enrolled_at) != device.enrolled_at:
            self._enrolled_at[device.id] = device.enrolled_at
            self._inbox.forget(device.id)
        self._lookahead.remove(device.id)
        self._lookahead.add(device.id, device.keys, highest)
        self._search.add(device, highest, at)
        self._work.set()

    def forget(self, name: str) -> None:
        """Expect a device no more; let go of its frames that wait."""
        self._inbox.forget(name)
        self._lookahead.remove(name)
        self._search.remove(name)

    def advance(self, name: str, at: float) -> None:
        """Know that the highest accepted counter of a device is of `at`, Unix seconds."""
        highest = self._ledger.states[name].window.highest
        self._lookahead.advance(name, highest)
        self._search.advance(name, highest, at)

    def hear(self, received: Received) -> None:
        """Take a frame off the air."""
        frame = received.frame
        if not FRAME_MIN <= len(frame) <= FRAME_MAX:
            self._logbook.rejected[Malformed.reason] += 1
            return
        # Short, for there may be 10,000 a second.
        if self._lookahead.first(frame[:HINT_LEN]) is None and self._search.keep(received):
            self._logbook.rejected[UnknownDevice.reason] += 1
            self._work.set()
            return
        if frame in self._inbox:
            self._logbook.heard["duplicate"] += 1
            self._inbox.hear_again(received)  # answered when the first one is
            return
        uplink = self._resolve(received)
        if uplink is not None:
            self._inbox.hear(uplink, self._patience_s(uplink))

    def sweep(self, now: float, budget_s: float, clock: Callable[[], float] = running_s) -> None:
        """Search for the unresolved until `clock`, that of `Received.monotonic`, has gone on so far.

        `now`: Unix seconds. What is found goes in before all that waits.
        """
        found = self._search.sweep(now, budget_s, clock)
        if found:
            self._logbook.heard["found"] += len(found)
            resolved = [self._resolve(received) for received in found]
            self._inbox.hear_first([uplink for uplink in resolved if uplink is not None])

    async def run(self) -> None:
        """Search for ever: a little every 10 ms while anything waits, else not at all."""
        while True:
            pulse.beat()
            self._work.clear()
            self.sweep(time.time(), SWEEP_S)
            if self._search.busy:
                await asyncio.sleep(SWEEP_EVERY_S)
            else:
                await self._some_work()

    @property
    def unresolved(self) -> int:
        """Count the frames that wait to be found."""
        return len(self._search)

    async def _some_work(self) -> None:
        try:
            async with asyncio.timeout(_IDLE_S):
                await self._work.wait()
        except TimeoutError:
            return

    def _resolve(self, received: Received) -> Uplink | None:
        """Return what is authentic and news; of the rest, do what there is to do."""
        try:
            heard = self._authenticate(received)
        except ProtocolError as error:
            self._logbook.rejected[error.reason] += 1
            return None
        if isinstance(heard, Uplink):
            return heard
        self._logbook.heard["duplicate"] += 1
        self._answer_again(heard)
        return None

    def _patience_s(self, uplink: Uplink) -> float:
        """Return how long a frame may wait; one whose device is to be told something does not."""
        known, name = self._ledger, uplink.device
        now = uplink.received.monotonic + known.bearing.base_s
        watched = known.watched.get(name)
        may_s = patience_s(uplink, known.devices[name], known.states[name], watched, now)
        ordered = may_s and any(one.order.device == name for one in known.orders.values())
        return 0.0 if ordered else may_s

    def _authenticate(self, received: Received) -> Uplink | Duplicate:
        """Ask the look-ahead, then the search: the hint of a lost device may be ahead of another."""
        state_of = self._ledger.states.__getitem__
        try:
            return authenticate(received, self._lookahead, state_of)
        except (UnknownDevice, BadTag):
            if self._search.keep(received):
                self._work.set()
                raise
        try:
            return authenticate(received, self._search, state_of)
        except BadTag:
            self._search.put(received)
            self._work.set()
            raise

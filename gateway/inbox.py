"""What waits for the path: authentic frames, counted where they are too many, and events: few."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from gateway.events import Duplicate, Event, Received, Uplink
from gateway.frames.hearing import way

FRAMES_MAX = 4096
HELD_MAX = 256
# As many as one transaction may hold without delaying the answer to the first of them.
_FRAMES_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Posted:
    """An event and the future that tells its sender what was committed of it."""

    event: Event
    settled: asyncio.Future[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was taken together."""

    frames: list[Uplink]
    events: list[Posted]
    repeats: list[Duplicate] = field(default_factory=list)  # of these frames, by other ways


class Inbox:
    """The one way in to the path."""

    def __init__(self, *, patient: bool = False) -> None:
        """Begin empty. `patient`: let frames wait for each other that may."""
        self._patient = patient
        self._held: OrderedDict[bytes, Uplink] = OrderedDict()
        self._release_at = 0.0  # seconds of the loop
        self._timer: asyncio.TimerHandle | None = None
        self._frames: OrderedDict[bytes, Uplink] = OrderedDict()
        self._repeats: dict[tuple[bytes, str], Duplicate] = {}
        self._events: deque[Posted] = deque()
        self._some = False
        self._taker: asyncio.Future[None] | None = None
        self.dropped = 0

    def __contains__(self, frame: bytes) -> bool:
        """Say whether these bytes wait."""
        return frame in self._frames or frame in self._held

    @property
    def depth(self) -> dict[str, int]:
        """Count what waits."""
        return {
            "frames": len(self._frames),
            "held": len(self._held),
            "events": len(self._events),
        }

    def hear(self, uplink: Uplink, patience_s: float = 0.0) -> None:
        """Take an authentic frame that does not wait yet; where too many wait, count it away.

        It may wait `patience_s` for others, and goes in with the first of them whose time is over.
        """
        if self._held and any(held.device == uplink.device for held in self._held.values()):
            self.release()  # what a device says keeps its order
        if self._patient and patience_s and len(self._held) < HELD_MAX:
            self._held[uplink.received.frame] = uplink
            self._release_in(patience_s)
            return
        if len(self._frames) >= FRAMES_MAX:
            self.dropped += 1
            return
        self._frames[uplink.received.frame] = uplink
        self._offer()

    def release(self) -> None:
        """Let in all that waits for others."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._frames |= self._held
        if self._held:
            self._offer()
        self._held.clear()

    def hear_again(self, received: Received) -> None:
        """Note that a frame which waits was heard another way, too: it is answered there as well.

        Of the copies on a medium the best is the uplink.
        """
        frame = received.frame
        among = self._held if frame in self._held else self._frames
        waits = among[frame]
        best, other = waits.received, received
        if other.medium == best.medium and other.rssi > best.rssi:
            best, other = other._replace(at=best.at, monotonic=best.monotonic), best
            among[frame] = waits._replace(received=best)
        if way(other) != way(best):
            repeat = Duplicate(waits.device, other)
            self._repeats.setdefault((frame, way(other)), repeat)
        if among is self._held and other.medium != best.medium:
            self.release()  # its device waits for an answer there as well

    def hear_first(self, found: list[Uplink]) -> None:
        """Take frames that have waited long enough: before all others, and however many wait."""
        for uplink in reversed(found):
            frame = uplink.received.frame
            self._frames[frame] = uplink
            self._frames.move_to_end(frame, last=False)
            self._offer()

    def forget(self, device: str) -> None:
        """Let go of the frames of a device whose key is no longer what they were made with."""
        for waiting in (self._frames, self._held):
            for frame, uplink in list(waiting.items()):
                if uplink.device == device:
                    del waiting[frame]
        for key, repeat in list(self._repeats.items()):
            if repeat.device == device:
                del self._repeats[key]

    def post(self, event: Event) -> asyncio.Future[str]:
        """Take an event; the future holds "done", or why not, once that is on disk."""
        posted = Posted(event, asyncio.get_running_loop().create_future())
        self._events.append(posted)
        self._offer()
        return posted.settled

    def put_back(self, events: list[Posted], delay_s: float) -> None:
        """Take events again that could not be committed, and offer them after `delay_s`."""
        self._events.extendleft(reversed(events))
        if events:
            asyncio.get_running_loop().call_later(delay_s, self._offer)

    async def take(self, timeout_s: float | None = None) -> Waiting:
        """Return what waits, frames up to 256; nothing where nothing came within `timeout_s`."""
        if not self._some:
            await self._wait(timeout_s)
        return self.take_now() if self._some else Waiting([], [])

    def take_now(self) -> Waiting:
        """Return what waits, frames up to 256; that may be nothing."""
        many = min(len(self._frames), _FRAMES_AT_ONCE)
        frames = [self._frames.popitem(last=False)[1] for _ in range(many)]
        repeats = self._take_repeats(frames)
        events = list(self._events)
        self._events.clear()
        if not self._frames:
            self._some = False
        return Waiting(frames, events, repeats)

    async def _wait(self, timeout_s: float | None) -> None:
        """Return when something is offered, or the time is over. One taker needs no `asyncio.Event`."""
        loop = asyncio.get_running_loop()
        taker = self._taker = loop.create_future()
        timer = None if timeout_s is None else loop.call_later(timeout_s, _end, taker)
        try:
            await taker
        finally:
            if timer is not None:
                timer.cancel()

    def _release_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        if self._timer is not None:
            if self._release_at <= due:
                return
            self._timer.cancel()
        self._release_at = due
        self._timer = loop.call_at(due, self.release)

    def _offer(self) -> None:
        self._some = True
        if self._taker is not None:
            _end(self._taker)

    def _take_repeats(self, frames: list[Uplink]) -> list[Duplicate]:
        if not self._repeats:
            return []
        taken = {uplink.received.frame for uplink in frames}
        keys = [key for key in self._repeats if key[0] in taken]
        return [self._repeats.pop(key) for key in keys]


def _end(taker: asyncio.Future[None]) -> None:
    if not taker.done():
        taker.set_result(None)

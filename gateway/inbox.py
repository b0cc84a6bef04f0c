"""What waits for the path: frames, bounded and counted when dropped, and events, which are few."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from gateway.events import Event, Received

FRAMES_MAX = 4096
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

    frames: list[Received]
    events: list[Posted]


class Inbox:
    """The one way in to the path."""

    def __init__(self) -> None:
        """Begin empty."""
        self._frames: deque[Received] = deque()
        self._events: deque[Posted] = deque()
        self._some = asyncio.Event()
        self.dropped = 0

    def hear(self, received: Received) -> None:
        """Take a frame; where too many wait, count it away: whether it matters is not known yet."""
        if len(self._frames) >= FRAMES_MAX:
            self.dropped += 1
            return
        self._frames.append(received)
        self._some.set()

    def post(self, event: Event) -> asyncio.Future[str]:
        """Take an event; the future holds "done", or why not, once that is on disk."""
        posted = Posted(event, asyncio.get_running_loop().create_future())
        self._events.append(posted)
        self._some.set()
        return posted.settled

    def put_back(self, events: list[Posted], delay_s: float) -> None:
        """Take events again that could not be committed, and offer them after `delay_s`."""
        self._events.extendleft(reversed(events))
        if events:
            asyncio.get_running_loop().call_later(delay_s, self._some.set)

    async def take(self) -> Waiting:
        """Return everything that waits, at least one thing of it, frames up to 256."""
        await self._some.wait()
        frames = [self._frames.popleft() for _ in range(min(len(self._frames), _FRAMES_AT_ONCE))]
        events = list(self._events)
        self._events.clear()
        if not self._frames:
            self._some.clear()
        return Waiting(frames, events)

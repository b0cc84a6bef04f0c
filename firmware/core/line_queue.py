"""Messages that wait for the serial line: bounded, the least important dropped first, all counted.

A frame that waits too long is dropped: nothing may come to a gateway later than it seems.
"""

from firmware.core.ticks import diff
from protocol.portable import const

REPORT = const(0)  # stats and health: newer ones follow
FRAME = const(1)  # what was heard: a device says it again
ANSWER = const(2)  # what the gateway waits for

MOST = const(64)
STALE_MS = const(2_000)
_COUNT_MASK = const(0x1FFF_FFFF)


class _Waiting:
    __slots__ = ("frame", "rank", "since_ms", "wire")

    def __init__(self, wire: bytes, rank: int, frame: bytes, since_ms: int) -> None:
        self.wire = wire
        self.rank = rank
        self.frame = frame
        self.since_ms = since_ms


class LineQueue:
    """First in, first out. `lost` counts what was dropped."""

    __slots__ = ("_waiting", "lost")

    def __init__(self) -> None:
        """Begin empty."""
        self._waiting: "list[_Waiting]" = []
        self.lost = 0

    def put(self, wire: bytes, rank: int, now_ms: int, frame: bytes = b"") -> None:
        """Let `wire` wait; `frame` is what it carries, so that the same one need not wait twice."""
        if rank == FRAME:
            for other in self._waiting:
                if other.rank == FRAME and other.frame == frame:
                    return
        if len(self._waiting) >= MOST and not self._make_room(rank):
            self._lose()
            return
        self._waiting.append(_Waiting(wire, rank, frame, now_ms))

    def first(self, now_ms: int) -> "bytes | None":
        """Return what is to be written next, or None."""
        while self._waiting:
            one = self._waiting[0]
            if one.rank != FRAME or diff(now_ms, one.since_ms) <= STALE_MS:
                return one.wire
            self.drop_first()
            self._lose()
        return None

    def drop_first(self) -> None:
        """Forget what `first` returned: it is written."""
        self._waiting.pop(0)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def _make_room(self, rank: int) -> bool:
        """Drop the oldest of the lowest rank, if that is not above `rank`; say whether there was one."""
        lowest = self._waiting[0]
        for other in self._waiting:
            if other.rank < lowest.rank:
                lowest = other
        if lowest.rank > rank:
            return False
        self._waiting.remove(lowest)
        self._lose()
        return True

    def _lose(self) -> None:
        self.lost = self.lost + 1 & _COUNT_MASK

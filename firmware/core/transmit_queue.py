"""Frames a radio head is to put on air, taken in turn: one advertiser, several devices to answer.

Each frame has a slot; a newer one of the same slot takes its place. Pure: time is an argument.
"""

from firmware.core.ticks import add, diff
from protocol.link_messages import REFUSED, REPLACED, SENT
from protocol.portable import const

TURN_MS = const(30)  # one advertising event and its random delay
MOST = const(32)
FOREVER = const(-1)


class Entry:
    """A frame, until when it is to be on air, and the id its sender gave it."""

    __slots__ = ("frame", "id", "slot", "until_ms")

    def __init__(self, ident: int, slot: int, frame: bytes, until_ms: int) -> None:
        """Take all as given."""
        self.id = ident
        self.slot = slot
        self.frame = frame
        self.until_ms = until_ms


class TransmitQueue:
    """What is on air and what waits for its turn. `ended` collects (id, status)."""

    __slots__ = ("_entries", "_turn_ends_ms", "ended")

    def __init__(self) -> None:
        """Begin with an empty air."""
        self._entries: "list[Entry]" = []
        self._turn_ends_ms = 0
        self.ended: "list[tuple[int, int]]" = []

    def put(self, ident: int, slot: int, frame: bytes, ms: int, now_ms: int) -> None:
        """Put `frame` on air for `ms`, first in turn."""
        for entry in self._entries:
            if entry.slot == slot:
                self._end(entry, REPLACED)
                break
        if len(self._entries) >= MOST:
            self.ended.append((ident, REFUSED))
            return
        self._entries.insert(0, Entry(ident, slot, frame, add(now_ms, ms)))
        self._turn_ends_ms = add(now_ms, TURN_MS)

    def poll(self, now_ms: int) -> "bytes | None":
        """Return the frame to be on air now, or None."""
        for entry in list(self._entries):
            if diff(entry.until_ms, now_ms) <= 0:
                self._end(entry, SENT)
        if len(self._entries) > 1 and diff(self._turn_ends_ms, now_ms) <= 0:
            self._entries.append(self._entries.pop(0))
            self._turn_ends_ms = add(now_ms, TURN_MS)
        return self._entries[0].frame if self._entries else None

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms the answer of `poll` may change, or `FOREVER`."""
        if not self._entries:
            return FOREVER
        soonest = min([diff(entry.until_ms, now_ms) for entry in self._entries])
        if len(self._entries) > 1:
            soonest = min(soonest, diff(self._turn_ends_ms, now_ms))
        return max(0, soonest)

    def _end(self, entry: Entry, status: int) -> None:
        self._entries.remove(entry)
        self.ended.append((entry.id, status))

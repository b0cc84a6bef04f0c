"""LoRa frames a radio head is to send, one after the other: staggered, dropped where they are too late.

    put --- 40 ms and a random 0 to 3 times on air --- due --- sent once (SPEC 9)
     |                                                  |
     another gateway's answer heard: dropped            window over: dropped

Each frame has a slot; a newer one of the same slot takes its place. Pure: time is an argument.
"""

from firmware.core.ticks import add, diff
from protocol.constants import HINT_LEN
from protocol.link_messages import ALWAYS, ANSWERED, LATE, REFUSED, REPLACED, URGENT
from protocol.portable import const

STAGGER_MS = const(40)
MOST = const(32)
FOREVER = const(-1)
_RANDOM_RANGE = const(1024)


def stagger_ms(time_on_air_us: int, random: int) -> int:
    """Return how long to wait before a frame; `random` is below 1,024."""
    return STAGGER_MS + 3 * (time_on_air_us // 1000) * random // _RANDOM_RANGE


class Entry:
    """A frame to be sent: from `due_ms` to `ends_ms`."""

    __slots__ = ("due_ms", "ends_ms", "flags", "frame", "id", "limited", "slot")

    def __init__(
        self, ident: int, slot: int, frame: bytes, flags: int, due_ms: int, ends_ms: int
    ) -> None:
        """Take all as given; it has no limit where the end is not after it is due."""
        self.id = ident
        self.slot = slot
        self.frame = frame
        self.flags = flags
        self.due_ms = due_ms
        self.ends_ms = ends_ms
        self.limited = True


class LoraQueue:
    """What waits. `ended` collects (id, status)."""

    __slots__ = ("_entries", "ended")

    def __init__(self) -> None:
        """Begin with nothing to send."""
        self._entries: "list[Entry]" = []
        self.ended: "list[tuple[int, int]]" = []

    def put(
        self, ident: int, slot: int, frame: bytes, flags: int, ms: int, delay_ms: int, now_ms: int
    ) -> None:
        """Let `frame` be sent after `delay_ms`, at most `ms` from now (0: whenever it can be)."""
        self.end_slot(slot, REPLACED)
        if len(self._entries) >= MOST:
            self.ended.append((ident, REFUSED))
            return
        entry = Entry(ident, slot, frame, flags, add(now_ms, delay_ms), add(now_ms, ms))
        entry.limited = ms > 0
        self._entries.append(entry)

    def end_slot(self, slot: int, status: int) -> None:
        """End what waits in `slot`."""
        for entry in self._entries:
            if entry.slot == slot:
                self._end(entry, status)
                return

    def heard(self, frame: bytes) -> None:
        """Drop what another gateway has just said: the hint tells which device was answered."""
        for entry in list(self._entries):
            if answered_by(entry, frame):
                self._end(entry, ANSWERED)

    def next(self, now_ms: int) -> "Entry | None":
        """Take the frame to send now, the urgent first, or None."""
        found = None
        for entry in list(self._entries):
            if entry.limited and diff(entry.ends_ms, now_ms) <= 0:
                self._end(entry, LATE)
            elif diff(entry.due_ms, now_ms) <= 0 and _before(entry, found):
                found = entry
        if found is not None:
            self._entries.remove(found)
        return found

    def put_back(self, entry: Entry) -> None:
        """Let an entry of `next` wait again: another goes first."""
        self._entries.insert(0, entry)

    def wait_ms(self, now_ms: int, flags: int) -> int:
        """Return in how many ms a frame with these flags is due, or `FOREVER`."""
        waits = [diff(one.due_ms, now_ms) for one in self._entries if one.flags & flags == flags]
        return max(0, min(waits)) if waits else FOREVER

    def _end(self, entry: Entry, status: int) -> None:
        self._entries.remove(entry)
        self.ended.append((entry.id, status))


def answered_by(entry: Entry, frame: bytes) -> bool:
    """Say whether `frame`, just heard, stands in for `entry`."""
    return not entry.flags & ALWAYS and entry.frame[:HINT_LEN] == frame[:HINT_LEN]


def _before(entry: Entry, other: "Entry | None") -> bool:
    if other is None:
        return True
    if (entry.flags ^ other.flags) & URGENT:
        return bool(entry.flags & URGENT)
    return diff(entry.due_ms, other.due_ms) < 0

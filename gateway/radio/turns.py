"""Which answers are on air by an adapter, when there are more than it can send at once. Pure.

An adapter whose controller keeps several adverts (`HardwareOffload`) sends them all at once; Linux would
take turns of 2 s for one that keeps a single advert, and a device listens for less: so we take turns.

    put      A       B (urgent)
    room 1   A A A A B B A A B B A A . a a a ...     . asked for no longer, a: while nobody waits

A frame is on air for as long as was asked, and two seconds where nobody else waits: BlueZ tells of the
device's repeats late or not at all, so that a lost answer would not be given again. A slot has one
frame: a newer one takes its place. What is urgent goes before what is not, the newest first.
"""

from dataclasses import dataclass

TURN_S = 0.12  # four adverts and what the change costs in bluetoothd
LINGER_S = 2.0
MOST = 32


@dataclass(slots=True)
class _Entry:
    frame: bytes
    urgent: bool
    asked_until: float
    until: float


class Turns:
    """What is on air and what waits. Times are seconds of a clock that is never set."""

    def __init__(self) -> None:
        """Begin with an empty air."""
        self._entries: dict[int, _Entry] = {}  # the newest last
        self._turn_ends = 0.0
        self._shift = 0

    def __len__(self) -> int:
        """Count the frames that are to be sent."""
        return len(self._entries)

    def put(self, slot: int, frame: bytes, seconds: float, now: float, *, urgent: bool) -> str:
        """Put `frame` on air; return what happened to another by that: "replaced", "refused" or ""."""
        end = "replaced" if self._entries.pop(slot, None) is not None else ""
        if len(self._entries) >= MOST:
            del self._entries[self._least(now)]
            end = "refused"
        until = now + seconds
        self._entries[slot] = _Entry(frame, urgent, until, max(until, now + LINGER_S))
        self._shift = 0
        self._turn_ends = now + TURN_S
        return end

    def on_air(self, room: int, now: float) -> list[bytes]:
        """Return at most `room` frames, the most pressing first."""
        self._entries = {slot: one for slot, one in self._entries.items() if now < one.until}
        pressing = self._pressing(now)
        if len(pressing) > room:
            if now >= self._turn_ends:
                self._shift += room
                self._turn_ends = now + TURN_S
            start = self._shift % len(pressing)
            pressing = pressing[start:] + pressing[:start]
        idle = [one for one in reversed(self._entries.values()) if now >= one.asked_until]
        return [one.frame for one in (pressing + idle)[:room]]

    def wait_s(self, room: int, now: float) -> float | None:
        """Return in how many seconds the answer of `on_air` may change; None: by `put` alone."""
        if not self._entries:
            return None
        ends = [one.until for one in self._entries.values()]
        ends += [one.asked_until for one in self._entries.values() if now < one.asked_until]
        if len(self._pressing(now)) > room:
            ends.append(self._turn_ends)
        return max(min(ends) - now, 0.0)

    def _pressing(self, now: float) -> list[_Entry]:
        waiting = [one for one in reversed(self._entries.values()) if now < one.asked_until]
        return sorted(waiting, key=lambda one: not one.urgent)

    def _least(self, now: float) -> int:
        """Return the slot that can best be done without: the oldest of the least pressing."""
        return min(self._entries, key=lambda slot: _weight(self._entries[slot], now))


def _weight(entry: _Entry, now: float) -> tuple[bool, bool, float]:
    return now < entry.asked_until, entry.urgent, entry.until

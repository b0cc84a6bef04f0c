"""A wearer who looks nowhere: what the motor's pulses say, and when the first of them was felt."""

from collections.abc import Callable
from dataclasses import dataclass

from firmware.core import indication

NAMES = {
    indication.SENT: "sent",
    indication.RECEIVED: "received",
    indication.HELP: "help",
    indication.NOT_RECEIVED: "not_received",
    indication.CANCELLED: "cancelled",
    indication.COVERED: "covered",
    indication.NOT_COVERED: "not_covered",
    indication.FAULT: "fault",
    indication.IDENTIFY: "identify",
    indication.STORED_ONLY: "stored_only",
    indication.VISIT: "visit",
    indication.REMINDER: "reminder",
    indication.OVERDUE: "overdue",
    indication.VISIT_ENDED: "visit_ended",
    indication.TEST_MODE: "test_mode",
    indication.LOW_BATTERY: "low_battery",
}
_TOLERANCE_MS = 15
_STARTS = {pattern[0]: name for name, pattern in indication.PATTERNS.items()}


@dataclass(frozen=True, slots=True)
class Feeling:
    """An indication, named as in `NAMES`, felt from `at_us` on."""

    name: str
    at_us: int


class Wearer:
    """Decodes motor pulses. A pattern is told by its first pulse and then awaited to its end."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        """Read the time by `now_us`."""
        self.feelings: list[Feeling] = []
        self.on_feeling: Callable[[Feeling], None] = lambda _feeling: None
        self._now_us = now_us
        self._rise_us = 0
        self._fall_us = 0
        self._expected: tuple[int, ...] = ()
        self._pulses_seen = 0

    def motor(self, level: int) -> None:
        """Take the motor's level, as it changes."""
        now_us = self._now_us()
        if level:
            self._rise_us = now_us
            return
        pause_ms = (self._rise_us - self._fall_us) / 1000
        self._fall_us = now_us
        self._pulse(pause_ms, (now_us - self._rise_us) / 1000)

    def felt(self, name: str, since_us: int = 0) -> Feeling | None:
        """Return the first feeling of `name` from `since_us` on."""
        for feeling in self.feelings:
            if feeling.name == name and feeling.at_us >= since_us:
                return feeling
        return None

    def _pulse(self, pause_ms: float, length_ms: float) -> None:
        at = 2 * self._pulses_seen
        if at < len(self._expected) and _alike(self._expected[at - 1], pause_ms):
            if _alike(self._expected[at], length_ms):
                self._pulses_seen += 1
                return
            if length_ms < self._expected[at]:  # cut short by the next indication
                self._expected = ()
                return
        first_ms = min(_STARTS, key=lambda first_ms: abs(first_ms - length_ms))
        if not _alike(first_ms, length_ms):
            return  # a first pulse cut short says nothing
        what = _STARTS[first_ms]
        self._expected = indication.PATTERNS[what]
        self._pulses_seen = 1
        feeling = Feeling(NAMES[what], self._rise_us)
        self.feelings.append(feeling)
        self.on_feeling(feeling)


def _alike(expected_ms: float, felt_ms: float) -> bool:
    return abs(expected_ms - felt_ms) <= _TOLERANCE_MS

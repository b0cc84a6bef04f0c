"""The clock of the virtual world: events in order of time, the same order for the same seed."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Timer:
    """A planned call; `cancel` before it comes."""

    action: Callable[[], None] | None

    def cancel(self) -> None:
        """Never call it."""
        self.action = None


class Clock:
    """Virtual time in microseconds, moved only by whoever runs it."""

    def __init__(self) -> None:
        """Begin at 0."""
        self.now_us = 0
        self._timers: list[tuple[int, int, Timer]] = []  # when, its number among all, what
        self._numbers = itertools.count()

    def at(self, at_us: int, action: Callable[[], None]) -> Timer:
        """Plan `action` for `at_us`, or now where that has passed."""
        timer = Timer(action)
        heapq.heappush(self._timers, (max(at_us, self.now_us), next(self._numbers), timer))
        return timer

    def after(self, delay_us: int, action: Callable[[], None]) -> Timer:
        """Plan `action` in `delay_us`."""
        return self.at(self.now_us + delay_us, action)

    def next_us(self) -> int | None:
        """Return when the next call is due, or None."""
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def step(self, until_us: int) -> bool:
        """Make the next call due by `until_us`; else move to `until_us` and return False."""
        due_us = self.next_us()
        if due_us is None or due_us > until_us:
            self.now_us = max(self.now_us, until_us)
            return False
        self.now_us, _, timer = heapq.heappop(self._timers)
        if timer.action is not None:
            timer.action()
        return True

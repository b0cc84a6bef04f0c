"""What became of every alert of a fleet: raised, confirmed, delivered, and when. Pure.

An alert is through when its gateway has the broker's PUBACK and the desk has read it, whichever comes
last: the one alone is worth nothing. Times are seconds of one clock.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

BUCKET_S = 1.0
SLOW_S = 2.0


@dataclass
class Account:
    """By the id of the event."""

    raised: dict[str, float] = field(default_factory=dict)
    confirmed: dict[str, float] = field(default_factory=dict)
    delivered: dict[str, float] = field(default_factory=dict)
    repeats: int = 0  # read again: the id tells
    strange: int = 0  # read, and never raised

    def was_confirmed(self, event: str, at: float) -> None:
        """Take the first PUBACK of an event."""
        self.confirmed.setdefault(event, at)

    def was_delivered(self, event: str, at: float) -> None:
        """Take an event that the desk has read, perhaps not for the first time."""
        if event not in self.raised:
            self.strange += 1
        elif event in self.delivered:
            self.repeats += 1
        else:
            self.delivered[event] = at

    @property
    def settled(self) -> bool:
        """Say whether every alert is through."""
        return len(self.confirmed) == len(self.delivered) == len(self.raised)

    @property
    def lost(self) -> int:
        """Count the alerts that were never read, confirmed or not: a gateway never gives one up."""
        return len(self.raised) - len(self.delivered)

    def latencies(self, since: float = -math.inf, until: float = math.inf) -> list[float]:
        """Return how long those raised in a span took, ascending; for ever where one is not through."""
        raised = ((event, at) for event, at in self.raised.items() if since <= at < until)
        return sorted(self._through(event) - at for event, at in raised)

    def recovery_s(self, broken_at: float) -> float:
        """Return how long after `broken_at` the p99 of those raised was back under 2 s, to stay.

        Told in whole seconds; for ever where the last ones raised were slow.
        """
        spans: dict[int, list[float]] = {}
        for event, at in self.raised.items():
            if at >= broken_at:
                spans.setdefault(int((at - broken_at) / BUCKET_S), []).append(
                    self._through(event) - at
                )
        slow = [span for span, times in spans.items() if percentile(times, 99) >= SLOW_S]
        if not slow:
            return 0.0
        return math.inf if max(slow) == max(spans) else (max(slow) + 1) * BUCKET_S

    def _through(self, event: str) -> float:
        return max(self.confirmed.get(event, math.inf), self.delivered.get(event, math.inf))


def percentile(times: Iterable[float], percent: int) -> float:
    """Return the smallest of `times` that so many percent do not exceed (nearest rank); 0 of none."""
    ordered: Sequence[float] = sorted(times)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else 0.0

"""Which frames of a device may have been accepted before, by a database that was lost. Pure.

| frame                       | what it may do                                                  |
|-----------------------------|-----------------------------------------------------------------|
| counter from `below` on     | all: no such counter was accepted before                        |
| counter under it            | raise, as unverified; end nothing, and teach nothing of a clock |
| where `until` has passed    | all: the device has long gone on, nothing recorded is in order  |
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """Counters under `below` are doubted, until gateway time `until` where that is set."""

    below: int = 0
    until: float | None = None

    def covers(self, counter: int, now: float) -> bool:
        """Say whether a frame with `counter` may be an old one, at gateway time `now`."""
        return counter < self.below and (self.until is None or now < self.until)


NO_DOUBT = Doubt()

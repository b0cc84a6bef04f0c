"""Short rounds of every contestant in turn: what disturbs the machine disturbs all of them alike."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Work:
    """One round of a contestant, ready to run: `units` times the same thing."""

    units: int
    run: Callable[[], object]


Prepare = Callable[[], Work]


@dataclass
class Times:
    """Microseconds a unit, of each contestant, round by round."""

    us: dict[str, list[float]] = field(default_factory=dict)

    def median_us(self, name: str) -> float:
        """Return the median of a contestant."""
        return statistics.median(self.us[name])

    def ratio(self, name: str, to: str) -> float:
        """Return the median of the ratios within each round: a busy minute cancels out."""
        pairs = zip(self.us[name], self.us[to], strict=True)
        return statistics.median(one / other for one, other in pairs)


def race(contestants: Mapping[str, Prepare], rounds: int) -> Times:
    """Run `rounds` rounds of every contestant, after one that does not count.

    The order turns from round to round. What a round needs is prepared outside its time.
    """
    times = Times({name: [] for name in contestants})
    names = list(contestants)
    for name in names:
        contestants[name]().run()
    gc.collect()
    gc.freeze()  # what was set up is not searched again by every collection
    try:
        for number in range(rounds):
            for name in _turned(names, number):
                work = contestants[name]()
                begun = time.thread_time()  # what others do meanwhile is not counted
                work.run()
                elapsed = time.thread_time() - begun
                times.us[name].append(elapsed * 1e6 / work.units)
    finally:
        gc.unfreeze()
    return times


def _turned(names: Sequence[str], by: int) -> Sequence[str]:
    at = by % len(names)
    return [*names[at:], *names[:at]]

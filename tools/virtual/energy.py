"""How long a board was in each state: what a bench multiplies with the currents of a datasheet.

The CPU is in one state at a time; everything else is on or off beside it.

    CPU      off | boot | awake | light sleep | sleep
    beside   ble (the controller is on) | ble scan (its windows) | advertising | pin N (an output is high)
    added    ble tx (on air)
"""

from collections import defaultdict
from collections.abc import Callable, Mapping

OFF, BOOT, AWAKE, LIGHT_SLEEP, SLEEP = "off", "boot", "awake", "light sleep", "sleep"
BLE, BLE_SCAN, BLE_TX, ADVERTISING = "ble", "ble scan", "ble tx", "advertising"


class Energy:
    """Microseconds in each state. `before` and `after` are called around each change."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        """Read the time by `now_us`; the board is off."""
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.cpu = OFF
        self._now_us = now_us
        self._done_us: defaultdict[str, float] = defaultdict(float)
        self._since: dict[str, tuple[int, float]] = {OFF: (now_us(), 1.0)}

    def enter(self, state: str) -> None:
        """The CPU is in another state from now on."""
        if state != self.cpu:
            self.before()
            self._end(self.cpu)
            self.cpu = state
            self._since[state] = (self._now_us(), 1.0)
            self.after()

    def switch(self, name: str, share: float) -> None:
        """Something beside the CPU is on for `share` of the time from now on; 0 is off."""
        if self.share(name) == share:
            return
        self.before()
        self._end(name)
        if share:
            self._since[name] = (self._now_us(), share)
        self.after()

    def add(self, name: str, us: float) -> None:
        """Add time spent all at once."""
        self._done_us[name] += us

    def share(self, name: str) -> float:
        """Return for what share of the time something is on now."""
        return self._since.get(name, (0, 0.0))[1]

    def on(self) -> Mapping[str, float]:
        """Return what is on now, and for what share of the time."""
        return {name: share for name, (_, share) in self._since.items()}

    def us(self) -> dict[str, float]:
        """Return the microseconds in each state until now."""
        total = dict(self._done_us)
        now_us = self._now_us()
        for name, (since_us, share) in self._since.items():
            total[name] = total.get(name, 0.0) + (now_us - since_us) * share
        return total

    def _end(self, name: str) -> None:
        since_us, share = self._since.pop(name, (0, 0.0))
        if share:
            self._done_us[name] += (self._now_us() - since_us) * share

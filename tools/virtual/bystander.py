"""Somebody beside a call box: what its light says, by the table of `firmware.core.signs`, and its siren.

A flash and the pause after it tell a sign; a light that stays on is "help" (after a test call it says,
for three seconds, that there was an answer). The box being opened looks like a call on its way.
"""

from collections.abc import Callable
from dataclasses import dataclass

from firmware.core import signs
from tools.virtual.clock import Clock, Timer

_NAMES = {
    signs.TAMPER: "calling",
    signs.CALLING: "calling",
    signs.STORED: "stored",
    signs.DELIVERED: "delivered",
    signs.TESTING: "testing",
    signs.WALKING: "walking",
    signs.IDENTIFY: "identify",
    signs.BROKEN: "broken",
}
_FLASHES = {  # on, off
    flash: name
    for sign, name in _NAMES.items()
    for flash in zip(signs.LIGHT_MS[sign][::2], signs.LIGHT_MS[sign][1::2], strict=True)
}
_TOLERANCE_MS = 10
_STEADY_US = 950_000  # longer than any flash
_DARK_US = 8_000_000  # longer than any pause
HELP = "help"
DARK = "dark"


@dataclass(frozen=True, slots=True)
class Sight:
    """A sign, shown from `at_us` on."""

    name: str
    at_us: int


class Bystander:
    """Decodes lamp and siren. `sign` is what the light says now."""

    def __init__(self, clock: Clock) -> None:
        """Look at a box that is dark and silent."""
        self.sign = DARK
        self.siren = False
        self.sights: list[Sight] = []
        self.on_sight: Callable[[Sight], None] = lambda _sight: None
        self._clock = clock
        self._rise_us = 0
        self._fall_us = 0
        self._same: Timer | None = None

    def lamp(self, level: int) -> None:
        """Take the lamp's level, as it changes."""
        now_us = self._clock.now_us
        if self._same is not None:
            self._same.cancel()
        if level:
            self._flash((self._fall_us - self._rise_us) / 1000, (now_us - self._fall_us) / 1000)
            self._rise_us = now_us
            self._same = self._clock.after(_STEADY_US, lambda: self._shows(HELP, now_us))
        else:
            self._fall_us = now_us
            self._same = self._clock.after(_DARK_US, lambda: self._shows(DARK, now_us))

    def sounder(self, level: int) -> None:
        """Take the siren's level, as it changes."""
        self.siren = bool(level)

    def saw(self, name: str) -> bool:
        """Say whether the box has shown a sign."""
        return any(sight.name == name for sight in self.sights)

    def _flash(self, on_ms: float, off_ms: float) -> None:
        for (expected_on_ms, expected_off_ms), name in _FLASHES.items():
            if _alike(expected_on_ms, on_ms) and _alike(expected_off_ms, off_ms):
                self._shows(name, self._rise_us)

    def _shows(self, name: str, at_us: int) -> None:
        if name != self.sign:
            self.sign = name
            sight = Sight(name, at_us)
            self.sights.append(sight)
            self.on_sight(sight)


def _alike(expected_ms: float, seen_ms: float) -> bool:
    return abs(expected_ms - seen_ms) <= _TOLERANCE_MS

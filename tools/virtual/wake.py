"""What wakes a chip from sleep by its pins."""

from collections.abc import Callable, Sequence

EXT0 = 2  # machine.EXT0_WAKE
Source = tuple[int, list[int], int]  # wake reason, pins, level: any of them at that level


class WakePins:
    """The pins armed for the sleep that is under way."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Take what the firmware has armed."""
        self._reasons: dict[tuple[int, int], int] = {}
        for reason, gpios, level in sources:
            for gpio in gpios:
                self._reasons.setdefault((gpio, level), reason)

    def reason(self, gpio: int, level: int) -> int:
        """Return the wake reason where a pin at that level wakes the chip, else 0."""
        return self._reasons.get((gpio, level), 0)

    def at_level(self, level_of: Callable[[int], int]) -> list[int]:
        """Return the pins that are at their level now; of that of ext0 MicroPython does not tell."""
        armed = self._reasons.items()
        return [gpio for (gpio, level), how in armed if how != EXT0 and level_of(gpio) == level]

    def at_once(self, level_of: Callable[[int], int]) -> int:
        """Return the wake reason of a pin that is at its level already, else 0."""
        for (gpio, level), reason in self._reasons.items():
            if level_of(gpio) == level:
                return reason
        return 0

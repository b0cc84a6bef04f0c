"""The real-time counter of a chip: exact while the crystal runs, in deep sleep as good as its oscillator.

Without a 32 kHz crystal the slow clock is an RC oscillator, some per cent off with temperature; the
seconds of `time.time()` and the length of a sleep follow it.
"""


class Rtc:
    """`ppm` is how much too fast the slow clock runs."""

    def __init__(self) -> None:
        """Begin at 0, exact."""
        self.ppm = 0
        self._zero_us = 0
        self._asleep_us = -1

    def power_on(self, now_us: int) -> None:
        """Begin again at 0."""
        self._zero_us = now_us
        self._asleep_us = -1

    def sleep(self, now_us: int) -> None:
        """Run by the slow clock from now on."""
        self._asleep_us = now_us

    def wake(self, now_us: int) -> None:
        """Run by the crystal again."""
        if self._asleep_us >= 0:
            self._zero_us -= (now_us - self._asleep_us) * self.ppm // 1_000_000
            self._asleep_us = -1

    def zero_us(self) -> int:
        """Return the moment at which it would have shown 0, had the crystal always run."""
        return self._zero_us

    def slept_us(self, counted_us: int) -> int:
        """Return how long a sleep of so much by the slow clock really is."""
        return counted_us * 1_000_000 // (1_000_000 + self.ppm)

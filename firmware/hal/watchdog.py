"""The chip's own watchdog: not fed in time, it resets the chip. It does not run in deep sleep."""

import machine


class Watchdog:
    """Once started it cannot be stopped; starting it again sets another time."""

    def __init__(self, timeout_ms: int) -> None:
        """Reset the chip `timeout_ms` after the last `feed`."""
        self._watchdog = machine.WDT(timeout=timeout_ms)

    def feed(self) -> None:
        """Begin again to count; `firmware.core.progress` says when that is deserved."""
        self._watchdog.feed()

"""The hardware watchdog of a chip."""

from collections.abc import Callable

from tools.virtual.clock import Clock, Timer


class Watchdog:
    """Calls `bite` where it was started and is not fed in time."""

    def __init__(self, clock: Clock, bite: Callable[[], None]) -> None:
        """Begin stopped."""
        self._clock = clock
        self._bite = bite
        self._timer: Timer | None = None
        self._timeout_ms = 0

    def feed(self, timeout_ms: int) -> None:
        """Begin again to count; the first time starts it."""
        self.stop()
        self._timeout_ms = timeout_ms
        self._timer = self._clock.after(timeout_ms * 1000, self._bite)

    def stop(self) -> None:
        """End it, as a start of the chip does."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def pause(self) -> None:
        """Stand still while the chip sleeps lightly."""
        if self._timer is not None:
            self._timer.cancel()

    def go_on(self) -> None:
        """Begin again to count after a pause, where it was started."""
        if self._timer is not None:
            self.feed(self._timeout_ms)

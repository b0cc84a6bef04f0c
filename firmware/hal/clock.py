"""The two clocks of a board: ticks since its start, and seconds that survive deep sleep."""

import time


def now_ms() -> int:
    """Return ticks in ms; they wrap (see `firmware.core.ticks`)."""
    return time.ticks_ms()  # type: ignore[return-value]  # the stub hides the number


def seconds() -> int:
    """Return the seconds of the real-time counter: it survives deep sleep, not the loss of power."""
    return time.time()

"""Gateway time: a clock that nobody sets while it runs, and what of it outlives a restart (SPEC 5.2)."""

import ctypes
import time
from dataclasses import dataclass
from pathlib import Path

from gateway.frames.device_clock import DeviceClock

_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
_TIMEX_BYTES = 512  # more than any kernel's struct timex; zeros ask and set nothing
_TIME_ERROR = 5
_LIBC = ctypes.CDLL(None)
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class WallClock:
    """What speaks for the wall clock. `trusted`: the configuration says that it keeps time."""

    now: float
    trusted: bool
    synchronized: bool

    def believed(self, newest: float) -> bool:
        """Say whether it shows the true time; `newest` is the newest time it is known to have shown.

        A plausible time is not enough: a machine without a battery for its clock starts with the
        time it was stopped at, and a frame held back meanwhile would look as if just sent.
        """
        return (self.trusted or self.synchronized) and self.now >= newest


class GatewayClock:
    """Seconds that go on from the wall clock's at the start, whatever is done to that."""

    def __init__(self, *, trusted: bool) -> None:
        """Start."""
        self._trusted = trusted
        self.base_s = time.time() - running_s()
        self._newest = 0.0
        self._believed = False
        self._look_due_s = 0.0

    def now_s(self) -> float:
        """Return gateway time: where all deadlines live."""
        return self.base_s + running_s()

    def not_before(self, newest: float) -> None:
        """Take the newest time that the store holds: a wall clock before it is wrong."""
        self._newest = newest
        self._look_due_s = 0.0

    def believed(self) -> bool:
        """Say whether the wall clock shows the true time now."""
        now_s = running_s()
        if now_s >= self._look_due_s:  # not for each of a thousand devices
            self._look_due_s = now_s + _LOOK_EVERY_S
            wall = WallClock(time.time(), self._trusted, synchronized())
            self._believed = wall.believed(self._newest)
        return self._believed

    def stored(self, clock: DeviceClock) -> bytes:
        """Return `clock` as it goes to disk: in the seconds of the wall clock, or forgotten."""
        if not self.believed():
            return b""
        return clock.moved(time.time() - running_s() - self.base_s).to_bytes()


def running_s() -> float:
    """Return seconds of a clock that is never set, and that counts the sleep of this machine."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def synchronized() -> bool:
    """Say whether the wall clock follows a source of time, by the kernel or by systemd-timesyncd."""
    kernel: int = _LIBC.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return 0 <= kernel < _TIME_ERROR or _SYNCHRONIZED.exists()

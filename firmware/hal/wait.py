"""Waiting for a moment or an interrupt, whichever comes first, without asyncio's start-up cost."""

import io
import select

_MP_STREAM_POLL = 3


class WakeFlag(io.IOBase):
    """Set from an interrupt, seen by `Waiter`. Setting it allocates nothing."""

    def __init__(self) -> None:
        """Begin unset."""
        self._is_set = False

    def set(self) -> None:
        """End the wait."""
        self._is_set = True

    def clear(self) -> None:
        """Arm it again."""
        self._is_set = False

    def ioctl(self, request: int, flags: int) -> int:
        """Answer MicroPython's poll."""
        return flags if request == _MP_STREAM_POLL and self._is_set else 0


class Waiter:
    """Sleeps the CPU until its flag is set, a stream is readable, or time is up."""

    def __init__(self, flag: WakeFlag) -> None:
        """Watch `flag`."""
        self._flag = flag
        self._poll = select.poll()
        self._poll.register(flag, select.POLLIN)

    def watch(self, stream: object) -> None:
        """Watch a stream for input too."""
        self._poll.register(stream, select.POLLIN)

    def wait(self, timeout_ms: int) -> None:
        """Wait at most `timeout_ms`; -1 is without end."""
        for _ in self._poll.ipoll(timeout_ms):
            pass
        self._flag.clear()

"""What the service manager is told: that we are ready, go on, how we fare, that we stop (sd_notify(3)).

Where nobody asks, nothing is told. It is fed only while every task goes on (`pulse`): a gateway of which
one hangs is killed and started again, which takes seconds, and what is on disk is on disk.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping

from gateway.pulse import Pulse

_FEEDS = 4  # within the time that the manager waits
_TELL_EVERY_S = 15.0


class Notifier:
    """The socket that `NOTIFY_SOCKET` names, and how often `WATCHDOG_USEC` wants to hear of `pid`."""

    def __init__(self, environment: Mapping[str, str], pid: int) -> None:
        """Open nothing yet."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        self.every_s = feed_every_s(environment, pid)

    def tell(self, **assignments: str) -> None:
        """Send assignments such as READY=1; a manager that does not take them finds out by itself."""
        if not self._address:
            return
        address = self._address
        if address.startswith("@"):  # a name in the abstract
            address = "\0" + address[1:]
        text = "\n".join(f"{name}={value}" for name, value in assignments.items())
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as there,
        ):
            there.settimeout(0)
            there.sendto(text.encode(), address)


def feed_every_s(environment: Mapping[str, str], pid: int) -> float:
    """Return how often to feed the watchdog, or where there is none, to tell how we fare."""
    limit_us = environment.get("WATCHDOG_USEC", "")
    for_whom = environment.get("WATCHDOG_PID", str(pid))
    if not limit_us.isdigit() or for_whom != str(pid) or int(limit_us) == 0:
        return _TELL_EVERY_S
    return min(int(limit_us) / 1e6 / _FEEDS, _TELL_EVERY_S)


async def keep_telling(
    notifier: Notifier, pulse: Pulse, status: Callable[[], str], complain: Callable[[str], None]
) -> None:
    """Say that we are ready, then for ever that we go on; of who hangs, `complain` once."""
    told: list[str] = []
    notifier.tell(READY="1", STATUS=status())
    while True:
        hanging = pulse.hanging()
        if not hanging:
            notifier.tell(WATCHDOG="1", STATUS=status())
        elif hanging != told:
            names = ", ".join(hanging)
            complain(names)
            notifier.tell(STATUS=f"hangs: {names}")
        told = hanging
        await asyncio.sleep(notifier.every_s)

"""What radios and upstreams say of their links, on its way to the path: told when it is steady.

`status` and the log follow at once; the fault ends once the link has stayed up.
"""

import asyncio
from collections.abc import Callable

from gateway.events import Event, Fault, Restore
from gateway.gateway_clock import running_s
from gateway.watching.steadiness import LinkFaults

_CODES = ("link_down", "unreachable")
STAYS_S = 20.0


class Links:
    """Stands before `post`; `up` is told each time that a link comes up."""

    def __init__(
        self, post: Callable[[Event], asyncio.Future[str]], up: Callable[[Restore], None]
    ) -> None:
        """Know of no link yet."""
        self.faults = LinkFaults(STAYS_S)
        self._post = post
        self._up = up

    def post(self, event: Event) -> asyncio.Future[str]:
        """Take an event; the future holds "done", or why not."""
        if not isinstance(event, Fault | Restore) or event.code not in _CODES:
            return self._post(event)
        if isinstance(event, Restore):
            self._up(event)
        told = self.faults.take(event, running_s())
        if told is not None:
            return self._post(told)
        settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        settled.set_result("done")
        return settled

"""Ways out of the gateway: each drains its outbox and lets people command."""

import asyncio
from typing import Protocol

from gateway.events import Event


class Post(Protocol):
    """Where an upstream puts what it learns; the future ends once that is on disk."""

    def __call__(self, event: Event, /) -> asyncio.Future[str]:
        """Take one event."""


class Refused(Protocol):
    """Where an upstream counts commands that cannot be obeyed."""

    def __call__(self, reason: str, /) -> None:
        """Count one."""


class UpstreamDown(Exception):
    """The world is to blame; `reason` is short and stable. Try again later."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)

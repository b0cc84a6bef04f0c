"""What a radio is to the gateway: a name, a task, and a way to transmit."""

from typing import Protocol

from gateway.events import Fault, Received, Restore, Transmission


class LinkDown(Exception):
    """The line is gone or never came; `reason` is short and stable."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


class Deliver(Protocol):
    """Where a radio puts what it hears and how it fares."""

    def __call__(self, event: Received | Fault | Restore, /) -> None:
        """Take one event, at once."""


class Radio(Protocol):
    """A radio: what breaks in the world is a fault it reports and mends, never an exception."""

    name: str

    async def run(self, deliver: Deliver) -> None:
        """Hear for ever."""

    def transmit(self, transmission: Transmission) -> None:
        """Send a frame; a newer one of the same slot takes its place."""

"""By which radio each device was heard lately, medium by medium: the ways an answer may take. Pure."""

from typing import NamedTuple

from gateway.events import Received

LISTENS_S = 300.0  # a device heard so lately may still listen for a stage that rises


class Back(NamedTuple):
    """The way back to a device: a radio that heard it, on which medium, and when (`Received.monotonic`).

    `again`: what is answered was answered there before.
    """

    radio: str
    medium: str
    heard: float
    again: bool = False

    @classmethod
    def of(cls, received: Received) -> "Back":
        """Return the way that `received` came."""
        return cls(received.radio, received.medium, received.monotonic)


class Hearing:
    """Remembers, of each device and medium, the last frame that was news there."""

    def __init__(self) -> None:
        """Begin with nobody heard."""
        self._backs: dict[str, dict[str, Back]] = {}

    def note(self, device: str, received: Received) -> None:
        """Remember that `device` was heard."""
        backs = self._backs.setdefault(device, {})
        known = backs.get(received.medium)
        if known is None or received.monotonic >= known.heard:  # what a search found is older
            backs[received.medium] = Back.of(received)

    def ways(self, device: str) -> list[Back]:
        """Return the last way to `device`, and those of other media at most 5 minutes older."""
        backs = self._backs.get(device, {}).values()
        newest = max((back.heard for back in backs), default=0.0)
        return [back for back in backs if newest - back.heard <= LISTENS_S]

"""By which radio each device was heard lately: the ways an answer may take, the best one first. Pure.

On LoRa all heads share one channel: of them one answers, the one that heard best. By BLE each radio
answers that has heard the frame: adverts do not disturb each other, and the best radio may be deaf to
the device's turn.
"""

from typing import NamedTuple

from gateway.events import Received
from protocol.link_messages import LORA, MEDIUM_NAMES

LISTENS_S = 300.0  # a device heard so lately may still listen for a stage that rises
SAME_FRAME_S = 1.0  # so far apart at most are the copies of a frame by several radios
_LORA = MEDIUM_NAMES[LORA]
_WEAKEST_DBM = -128


class Back(NamedTuple):
    """The way back to a device: a radio that heard it, on which medium, and when (`Received.monotonic`).

    `again`: what is answered was answered there before. `rssi`: how well it heard, dBm.
    """

    radio: str
    medium: str
    heard: float
    again: bool = False
    rssi: int = _WEAKEST_DBM

    @classmethod
    def of(cls, received: Received) -> "Back":
        """Return the way that `received` came."""
        return cls(received.radio, received.medium, received.monotonic, rssi=received.rssi)


def way(received: Received) -> str:
    """Return the name of the way: the channel of LoRa, or a radio of BLE."""
    return _LORA if received.medium == _LORA else f"{received.medium} {received.radio}"


def best_first(backs: dict[str, Back]) -> list[Back]:
    """Return these ways, the one that was heard best first; where that is the same, the last."""
    return sorted(backs.values(), key=lambda back: (-back.rssi, -back.heard))


class Hearing:
    """Remembers, of each device and way, the last frame that was news there."""

    def __init__(self) -> None:
        """Begin with nobody heard."""
        self._backs: dict[str, dict[str, Back]] = {}

    def note(self, device: str, received: Received) -> None:
        """Remember that `device` was heard; of several copies of a frame on one way, the best."""
        backs = self._backs.setdefault(device, {})
        name = way(received)
        known = backs.get(name)
        later_s = received.monotonic - known.heard if known else LISTENS_S
        # What a search found is older.
        if later_s >= SAME_FRAME_S or (later_s >= 0 and known and received.rssi >= known.rssi):
            backs[name] = Back.of(received)

    def ways(self, device: str) -> list[Back]:
        """Return the last way to `device`, and others at most 5 minutes older, the best one first."""
        backs = self._backs.get(device, {})
        newest = max((back.heard for back in backs.values()), default=0.0)
        return [back for back in best_first(backs) if newest - back.heard <= LISTENS_S]

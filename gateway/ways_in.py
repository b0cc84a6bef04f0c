"""The radios of the configuration: radio heads behind serial ports, adapters of this machine."""

from collections import Counter
from pathlib import Path
from typing import Protocol

from gateway.events import Overheard, Transmission
from gateway.radio import Deliver
from gateway.radio.radio_config import BluezConfig, RadioConfig
from gateway.radio.radio_head import RadioHead


class Told(Protocol):
    """What a radio tells of itself."""

    def status(self) -> dict[str, object]:
        """Return what is known, for people."""

    def reports(self) -> list[Overheard]:
        """Return what it heard of others since the last question."""


class WayIn(Protocol):
    """A radio with all that the gateway asks of it."""

    name: str
    counts: Counter[str]

    @property
    def up(self) -> bool:
        """Say whether it can be used."""

    @property
    def told(self) -> Told:
        """Return what it tells of itself."""

    async def run(self, deliver: Deliver) -> None:
        """Hear for ever."""

    def transmit(self, transmission: Transmission) -> None:
        """Send a frame; a newer one of the same slot takes its place."""


def way_in(radio: RadioConfig, runtime_dir: Path) -> WayIn:
    """Make a radio; open nothing."""
    if isinstance(radio, BluezConfig):
        # bleak and D-Bus take 4 MB, and long to load on a small board: only where they are used.
        from gateway.radio.ble import Bluetooth

        return Bluetooth(radio.name, radio.adapter, runtime_dir)
    return RadioHead(radio.name, radio.port, radio.lora)

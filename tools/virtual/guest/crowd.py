"""Other people's devices: so many adverts a second, each from an address that was never heard before."""

import random
from collections.abc import Callable

from tools.virtual.ble_air import ADV_IND, BleRadio, Report
from tools.virtual.clock import Timer
from tools.virtual.world import World

_RANDOM = 1
_FLAGS = b"\x02\x01\x1a"
_NAME_LEN = 8
_COMPANY = b"\x4c\x00"


class Crowd:
    """All of them together, at one place of the air. All of it belongs to the world's thread."""

    def __init__(self, world: World, seed: int = 1) -> None:
        """Begin silent."""
        self.said = 0
        self._world = world
        self._chance = random.Random(seed)
        self._radio: BleRadio = world.ble.radio("crowd", lambda _report: None)
        self._next: Timer | None = None

    def begin(self, per_second: float) -> None:
        """Speak from now on, evenly."""
        every_us = round(1_000_000 / per_second)
        self._next = self._world.clock.after(every_us, self._speaker(every_us))

    def stop(self) -> None:
        """Fall silent."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _speaker(self, every_us: int) -> Callable[[], None]:
        def speak() -> None:
            self.said += 1
            self._world.ble.send(self._radio, self._advert())
            self._next = self._world.clock.after(every_us, speak)

        return speak

    def _advert(self) -> Report:
        """Return what a telephone says: flags, and manufacturer data of another company."""
        content = _COMPANY + self._chance.randbytes(_NAME_LEN)
        data = _FLAGS + bytes([len(content) + 1, 0xFF]) + content
        return Report(_RANDOM, self._chance.randbytes(6), ADV_IND, 0, data)

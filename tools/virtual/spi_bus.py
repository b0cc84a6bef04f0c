"""The SPI buses of a virtual board, and the socket of its LoRa chip: which pin is which."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from tools.virtual.lora_radio import LoraRadio
from tools.virtual.peripherals import Call, Pins
from tools.virtual.sx1262 import Sx1262
from tools.virtual.sx1262_config import Fitting

LOOK_US = 100  # the longest that one reading of a high BUSY lasts, see `LoraSocket.look_us`
_FASTEST_HZ = 16_000_000  # datasheet of the SX1262, 8.2


class LoraWiring(Protocol):
    """What a pin map says of a LoRa chip, as `firmware.boards.pins.LoraPins` does."""

    @property
    def sck(self) -> int:
        """GPIO of the clock."""

    @property
    def mosi(self) -> int:
        """GPIO to the chip."""

    @property
    def miso(self) -> int:
        """GPIO from the chip."""

    @property
    def cs(self) -> int:
        """GPIO of NSS."""

    @property
    def reset(self) -> int:
        """GPIO of NRESET."""

    @property
    def busy(self) -> int:
        """GPIO of BUSY."""

    @property
    def dio1(self) -> int:
        """GPIO of DIO1."""

    @property
    def tcxo_mv(self) -> int:
        """Supply of the TCXO by DIO3; 0: a crystal."""

    @property
    def dio2_switch(self) -> bool:
        """Whether DIO2 turns the antenna switch."""

    @property
    def power_pins(self) -> tuple[tuple[int, int], ...]:
        """GPIO and level of each pin without which the chip has no power."""


class LoraSocket:
    """A chip on its pins. The board says when it has power, and asks how long BUSY stays high."""

    def __init__(
        self,
        radio: LoraRadio,
        wiring: LoraWiring,
        pins: Pins,
        drive: Callable[[int, int], None],
    ) -> None:
        """Put a chip on the pins of `wiring`; `drive` sets those that it drives."""
        fitting = Fitting(tcxo_mv=wiring.tcxo_mv, dio2_switch=wiring.dio2_switch)
        self.chip = Sx1262(radio.clock, radio, fitting)
        self.chip.busy.on_change = partial(drive, wiring.busy)
        self.chip.on_dio1 = partial(drive, wiring.dio1)
        self.busy_gpio = wiring.busy
        self.lines = (wiring.sck, wiring.mosi, wiring.miso)
        self._supplied = 0
        self._wanted = dict(wiring.power_pins)
        self._driven: dict[int, int | None] = {}
        # What nobody drives stands high: NRESET by the chip (8.1), NSS by the board.
        pins.wire(wiring.cs, lambda level: self.chip.select(1 if level is None else level))
        pins.wire(wiring.reset, lambda level: self.chip.reset(1 if level is None else level))
        for gpio in self._wanted:
            pins.wire(gpio, partial(self._power_pin, gpio))
        drive(wiring.busy, 0)
        drive(wiring.dio1, 0)

    def supply(self, level: int) -> None:
        """Give the board power, or take it."""
        self._supplied = level
        self._switch()

    def look_us(self, now_us: int) -> int:
        """Return when a reading of BUSY that began now is to be answered.

        A CPU that spins on BUSY computes, which takes no virtual time; so the reading takes it: until
        BUSY falls, at most `LOOK_US`.
        """
        until_us = self.chip.busy.until_us
        return now_us + LOOK_US if until_us is None else min(until_us, now_us + LOOK_US)

    def _power_pin(self, gpio: int, level: int | None) -> None:
        self._driven[gpio] = level
        self._switch()

    def _switch(self) -> None:
        there = all(self._driven.get(gpio) == level for gpio, level in self._wanted.items())
        self.chip.power(self._supplied if there else 0)


class Spi:
    """The buses as the firmware has opened them, and the one chip that may be on them."""

    def __init__(self) -> None:
        """Begin with nothing on any pin."""
        self.socket: LoraSocket | None = None
        self._open: dict[int, tuple[int, ...]] = {}
        self.calls: Mapping[str, Call] = {"spi_open": self._open_bus, "spi": self._transfer}

    def _open_bus(self, number: int, hz: int, mode: int, lines: list[int]) -> None:
        self._open[number] = tuple(lines)
        if self.socket is not None and (hz > _FASTEST_HZ or mode):
            self.socket.chip.fault(f"8.2: SPI mode {mode} at {hz} Hz")
            del self._open[number]

    def _transfer(self, number: int, data: str) -> str:
        """Clock hexadecimal bytes through; nothing on the pins reads as zeros."""
        if self.socket is None or self._open.get(number) != self.socket.lines:
            return "00" * (len(data) // 2)
        return self.socket.chip.transfer(bytes.fromhex(data)).hex()

"""The bus of an SX126x chip: its select line, BUSY and SPI; commands and registers. No decisions.

    a command    op 1 | up to 31 bytes: arguments, or what the chip answers in their place

One buffer serves all of them, so a command allocates nothing. DS is the SX1261/2 data sheet,
revision 2.1.
"""

import time

import machine
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import LoraPins

_WRITE_REGISTER = const(0x0D)
_READ_REGISTER = const(0x1D)
_SET_SLEEP = const(0x84)

_LONGEST = const(32)
_SPI_HZ = const(8_000_000)  # the chip bears 16 MHz, DS 8.2.1
_SUPPLY_RISES_MS = const(5)
_FALLS_ASLEEP_US = const(500)  # it must not be spoken to meanwhile, DS 13.1.1
_BUSY_STEP_US = const(100)
_BUSY_STEPS = const(400)  # 40 ms: calibrating has been seen to take 18


class ChipSilent(Exception):
    """The chip stays busy, or does not hold what was written to it."""


class Sx126xBus:
    """The lines to one chip. `data` is what was exchanged last."""

    def __init__(self, pins: "LoraPins") -> None:
        """Give the chip power and take its lines."""
        self.data = bytearray(_LONGEST)
        self.asleep = False
        whole = memoryview(self.data)
        self._views = [whole[:length] for length in range(_LONGEST + 1)]
        for gpio, level in pins.power_pins:
            machine.Pin(gpio, machine.Pin.OUT, value=level)
        if pins.power_pins:
            time.sleep_ms(_SUPPLY_RISES_MS)
        self._cs = machine.Pin(pins.cs, machine.Pin.OUT, value=1)
        self._reset = machine.Pin(pins.reset, machine.Pin.OUT, value=1)
        self._busy = machine.Pin(pins.busy, machine.Pin.IN)
        self._spi = machine.SPI(
            pins.spi,
            baudrate=_SPI_HZ,
            polarity=0,
            phase=0,
            sck=machine.Pin(pins.sck),
            mosi=machine.Pin(pins.mosi),
            miso=machine.Pin(pins.miso),
        )

    def reset(self) -> None:
        """Reset the chip: it begins with nothing configured."""
        self._hold(False)
        self._reset.value(0)
        time.sleep_us(500)  # at least 100 us, DS 8.1
        self._reset.value(1)
        time.sleep_us(500)
        self.asleep = False

    def sleep(self, keep: bool) -> None:
        """Let the chip sleep until the next command; without `keep`, until `reset`."""
        self.command(2, _SET_SLEEP, 4 if keep else 0)
        time.sleep_us(_FALLS_ASLEEP_US)
        self.asleep = True

    def park(self) -> None:
        """Sleep while the board sleeps deeply. Where the select line floats, the chip wakes.

        An RTC pin keeps its level without more; on the C3 a select line above GPIO 5 needs a pull-up.
        """
        self.sleep(False)
        self._hold(True)

    def command(self, length: int, op: int, a: int = 0, b: int = 0, c: int = 0) -> None:
        """Exchange `length` bytes, at least 2 but for a bare `op`; from the fifth on they are in `data`.

        Raise `ChipSilent` where the chip stays busy.
        """
        data = self.data
        data[0] = op
        data[1] = a
        if length > 2:
            data[2] = b
        if length > 3:
            data[3] = c
        if self.asleep:
            self._wake()
        self._wait()
        self._cs.value(0)
        self._spi.write_readinto(self._views[length], self._views[length])
        self._cs.value(1)

    def read_register(self, address: int) -> int:
        """Return one register; the chip's status is in `data[3]` then."""
        self.data[4] = 0
        self.command(5, _READ_REGISTER, address >> 8, address & 0xFF)
        return self.data[4]

    def write_register(self, address: int, value: int) -> None:
        """Set one register."""
        self.command(4, _WRITE_REGISTER, address >> 8, address & 0xFF, value)

    def _hold(self, on: bool) -> None:
        self._cs.init(machine.Pin.OUT, value=1, hold=on)  # type: ignore[call-arg]  # not in the stub

    def _wake(self) -> None:
        self._cs.value(0)  # the falling edge wakes it, DS 9.3
        time.sleep_us(_BUSY_STEP_US)
        self._cs.value(1)
        self.asleep = False

    def _wait(self) -> None:
        for _ in range(_BUSY_STEPS):
            if not self._busy.value():
                return
            time.sleep_us(_BUSY_STEP_US)
        raise ChipSilent

"""A contact to ground with the internal pull-up: down reads 0."""

import machine

from firmware.hal import clock
from firmware.hal.pulled import pulled_up
from firmware.hal.wait import WakeFlag

_EDGES = 16


def woken_by() -> "tuple[int, ...]":
    """Return the pins that ended the deep sleep; none before MicroPython 1.29, which does not tell."""
    return machine.wake_pins() if hasattr(machine, "wake_pins") else ()


class Contact:
    """One push button, seen at its edges. Those that came while nobody looked wait for `take`."""

    def __init__(self, gpio: int, flag: WakeFlag) -> None:
        """Watch `gpio`; every edge sets `flag`."""
        self.pin = pulled_up(gpio)
        self._flag = flag
        self._levels = bytearray(_EDGES)
        self._at_ms = [0] * _EDGES
        self._write = 0
        self._read = 0
        self.edge_down = False  # the edge taken last
        self.edge_ms = 0
        self.pin.irq(self._edge, machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING)

    def down(self) -> bool:
        """Say whether the contact is closed now."""
        return self.pin.value() == 0

    def take(self) -> bool:
        """Take the oldest edge into `edge_down` and `edge_ms`; say whether there was one."""
        at = self._read
        if at == self._write:
            return False
        self.edge_down = self._levels[at] == 0
        self.edge_ms = self._at_ms[at]
        self._read = (at + 1) % _EDGES
        return True

    def _edge(self, pin: machine.Pin) -> None:
        after = (self._write + 1) % _EDGES
        if after != self._read:  # else the level that `down` tells has to do
            self._levels[self._write] = pin.value()
            self._at_ms[self._write] = clock.now_ms()
            self._write = after
        self._flag.set()

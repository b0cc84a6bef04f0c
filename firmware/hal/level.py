"""A pin that another circuit drives high; a wire that is off reads low."""

import machine

from firmware.hal.wait import WakeFlag


class Level:
    """One input, seen at its edges."""

    def __init__(self, gpio: int, flag: WakeFlag) -> None:
        """Watch `gpio`; every edge sets `flag`."""
        self._pin = machine.Pin(gpio, machine.Pin.IN, machine.Pin.PULL_DOWN)
        self._flag = flag
        self._pin.irq(self._edge, machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING)

    def high(self) -> bool:
        """Say whether it is driven high now."""
        return self._pin.value() == 1

    def _edge(self, _pin: machine.Pin) -> None:
        self._flag.set()

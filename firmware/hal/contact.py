"""A contact to ground with the internal pull-up: down reads 0."""

import machine

from firmware.hal.wait import WakeFlag


class Contact:
    """One push button, seen at its edges."""

    def __init__(self, gpio: int, flag: WakeFlag) -> None:
        """Watch `gpio`; every edge sets `flag`."""
        self.pin = machine.Pin(gpio, machine.Pin.IN, machine.Pin.PULL_UP)
        self._flag = flag
        self.pin.irq(self._edge, machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING)

    def down(self) -> bool:
        """Say whether the contact is closed now."""
        return self.pin.value() == 0

    def _edge(self, _pin: machine.Pin) -> None:
        self._flag.set()

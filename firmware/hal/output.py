"""A pin that switches a motor or a light."""

import machine


class Output:
    """Remembers its level, so that a pin is written only when it changes."""

    def __init__(self, gpio: int) -> None:
        """Begin off."""
        self._pin = machine.Pin(gpio, machine.Pin.OUT, value=0)
        self._on = False

    def set(self, on: bool) -> None:
        """Switch."""
        if on != self._on:
            self._on = on
            self._pin.value(1 if on else 0)

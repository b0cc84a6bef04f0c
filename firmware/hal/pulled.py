"""Pins that a contact pulls to ground, read once: what a start has to know of them."""

import machine


def is_low(gpio: int) -> bool:
    """Say whether a pin is held to ground now; no pin (-1) never is."""
    return gpio >= 0 and pulled_up(gpio).value() == 0


def open_pins(gpios: "tuple[int, ...]") -> "list[machine.Pin]":
    """Return the pins of those contacts that are not closed now."""
    pins = [pulled_up(gpio) for gpio in gpios if gpio >= 0]
    return [pin for pin in pins if pin.value() == 1]


def pulled_up(gpio: int) -> machine.Pin:
    """Return a pin that reads high while nothing pulls it to ground."""
    return machine.Pin(gpio, machine.Pin.IN, machine.Pin.PULL_UP)

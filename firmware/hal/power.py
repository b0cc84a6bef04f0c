"""Sleep, reset and what woke the chip."""

import os

import esp32
import machine

POWER_UP = 0
WOKEN_BY_PIN = 1
WOKEN_BY_TIMER = 2
RESET = 3


def start_cause() -> int:
    """Return why the program runs: `POWER_UP` includes brown-out, `RESET` watchdog and panic."""
    cause = machine.reset_cause()
    if cause == machine.DEEPSLEEP_RESET:
        return WOKEN_BY_TIMER if machine.wake_reason() == machine.TIMER_WAKE else WOKEN_BY_PIN
    return POWER_UP if cause == machine.PWRON_RESET else RESET


def deep_sleep(ms: int, pins: "list[machine.Pin]") -> None:
    """Sleep until one of `pins` (RTC pins of the chip) is low, at most `ms`. The program ends here."""
    esp32.wake_on_gpio(pins, esp32.WAKEUP_ALL_LOW)  # on the C3 each pin wakes on its own
    machine.deepsleep(ms)


def keep(record: bytes) -> None:
    """Put `record` into RTC memory, which survives deep sleep and reset, not the loss of power."""
    machine.RTC().memory(record)


def kept() -> bytes:
    """Return what RTC memory holds."""
    return machine.RTC().memory()


def reset() -> None:
    """Start again."""
    machine.reset()


def random_below_1024() -> int:
    """Return a number below 1,024 from the hardware generator."""
    two = os.urandom(2)
    return (two[0] << 8 | two[1]) & 1023

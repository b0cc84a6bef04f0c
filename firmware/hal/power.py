"""Sleep, reset, what started the chip, and the memory that both leave alone.

RTC memory keeps 2,048 bytes over deep sleep, watchdog and reset, not over the loss of power, and has
no checksum. Each area begins with the length of its record, 2 bytes.
"""

import os

import esp32
import machine

POWER_UP = 0
WOKEN_BY_PIN = 1
WOKEN_BY_TIMER = 2
RESET = 3
WATCHDOG = 4

# Areas of RTC memory: where, and how long.
SNAPSHOT = (0, 96)
HEALTH = (96, 24)
LEDGER = (120, 144)
_ALL = 264
_memory = bytearray(_ALL)  # what RTC memory holds, once `keep` has read it
_known = bytearray(1)


def start_cause() -> int:
    """Return why the program runs: `POWER_UP` includes brown-out, `RESET` panic."""
    cause = machine.reset_cause()
    if cause == machine.DEEPSLEEP_RESET:
        return WOKEN_BY_TIMER if machine.wake_reason() == machine.TIMER_WAKE else WOKEN_BY_PIN
    if cause == machine.WDT_RESET:
        return WATCHDOG
    return POWER_UP if cause == machine.PWRON_RESET else RESET


def deep_sleep(ms: int, pins: "list[machine.Pin]") -> None:
    """Sleep until one of `pins` (RTC pins of the chip) is low, at most `ms`. The program ends here."""
    _wake_by(pins)
    machine.deepsleep(ms)


def _wake_by(pins: "list[machine.Pin]") -> None:
    """Arm the pins. A pull-up inside the chip lasts through deep sleep on the C3, not on the S3.

    ESP-IDF sets it anew for `esp_deep_sleep_enable_gpio_wakeup`; for ext1 with the RTC peripherals powered
    down, as here, it is off (programming guide, Sleep Modes).
    """
    if not pins:
        return
    if hasattr(esp32, "wake_on_gpio"):  # C3, from MicroPython 1.27 on: each pin wakes on its own
        esp32.wake_on_gpio(pins, esp32.WAKEUP_ALL_LOW)
    else:  # S3: what the port calls ALL_LOW is ANY_LOW there (ESP-IDF, esp_sleep_ext1_wakeup_mode_t)
        esp32.wake_on_ext1(pins, esp32.WAKEUP_ALL_LOW)


def slow_cpu() -> None:
    """Run at 80 MHz until the next start: the least that the radio works with, and enough for one frame."""
    machine.freq(80_000_000)


def keep(record: bytes, area: "tuple[int, int]" = SNAPSHOT) -> None:
    """Put `record` into its area of RTC memory, the others as they are."""
    start, length = area
    if len(record) > length - 2:
        raise ValueError("record too long for RTC memory")
    if not _known[0]:
        memory = machine.RTC().memory()
        if len(memory) == _ALL:
            _memory[:] = memory
        _known[0] = 1
    begin = start + 2
    _memory[start:begin] = len(record).to_bytes(2, "big")
    _memory[begin : begin + len(record)] = record
    machine.RTC().memory(_memory)


def kept(area: "tuple[int, int]" = SNAPSHOT) -> bytes:
    """Return the record in an area, perhaps of nonsense after the loss of power."""
    start, length = area
    memory = machine.RTC().memory()
    begin = start + 2
    count = int.from_bytes(memory[start:begin], "big")
    return memory[begin : begin + count] if count <= length - 2 else b""


def reset() -> None:
    """Start again."""
    machine.reset()


def random_below_1024() -> int:
    """Return a number below 1,024 from the hardware generator."""
    two = os.urandom(2)
    return (two[0] << 8 | two[1]) & 1023


def unique() -> int:
    """Return the chip's own number: its base MAC address."""
    return int.from_bytes(machine.unique_id(), "big")

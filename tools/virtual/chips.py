"""What a chip has and how long it takes, from Espressif's datasheets and the MicroPython port."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """The part of a chip that firmware can see."""

    name: str
    pins: frozenset[int]
    gpio_wake_pins: frozenset[int]  # that wake it from deep sleep by esp32.wake_on_gpio
    has_ext_wake: bool
    uarts: tuple[int, ...]
    advertise_min_us: int
    boot_us: int = 350_000  # stock MicroPython, wake to main.py (published for the S3)


# ESP32-C3: GPIO 12-17 are flash; GPIO 0-5 are RTC pins (datasheet, table 2-3).
C3 = Chip(
    name="esp32c3",
    pins=frozenset(range(12)) | frozenset(range(18, 22)),
    gpio_wake_pins=frozenset(range(6)),
    has_ext_wake=False,
    uarts=(0, 1),
    advertise_min_us=20_000,
)
# ESP32-S3: GPIO 22-25 do not exist, 26-32 are flash (datasheet, table 2-4); it wakes by ext0 and ext1.
S3 = Chip(
    name="esp32s3",
    pins=frozenset(range(22)) | frozenset(range(33, 49)),
    gpio_wake_pins=frozenset(),
    has_ext_wake=True,
    uarts=(0, 1, 2),
    advertise_min_us=20_000,
)
CHIPS = {chip.name: chip for chip in (C3, S3)}

"""What a chip has and how long it takes, from Espressif's datasheets and the MicroPython port."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """The part of a chip that firmware can see."""

    name: str
    pins: frozenset[int]
    gpio_wake_pins: frozenset[int]  # that wake it from deep sleep by esp32.wake_on_gpio
    ext_wake_pins: frozenset[int]  # by wake_on_ext0 and wake_on_ext1: its RTC pins
    adc_pins: frozenset[int]  # of ADC1: ADC2 is the radio's
    adc_full_mv: tuple[int, ...]  # what each attenuation (0, 2.5, 6, 11 dB) can tell apart
    mhz: tuple[int, ...]  # CPU clocks that machine.freq takes; the first is that of the start
    brown_out_mv: int  # ESP-IDF's default level of the detector
    uarts: tuple[int, ...]
    spis: tuple[int, ...]  # numbers that machine.SPI takes: SPI2 and SPI3 of the chip
    advertise_min_us: int
    boot_us: int = 350_000  # stock MicroPython, wake to main.py (published for the S3)
    tells_wake_pins: bool = True  # machine.wake_pins, new in MicroPython 1.29
    usb_jtag: bool = False  # its USB console is the USB Serial/JTAG device; else TinyUSB


# ESP32-C3: GPIO 12-17 are flash; GPIO 0-5 are RTC pins (datasheet, table 2-3).
C3 = Chip(
    name="esp32c3",
    pins=frozenset(range(12)) | frozenset(range(18, 22)),
    gpio_wake_pins=frozenset(range(6)),
    ext_wake_pins=frozenset(),
    adc_pins=frozenset(range(5)),  # datasheet, table 2-5
    adc_full_mv=(750, 1050, 1300, 2500),  # datasheet, ADC characteristics
    mhz=(160, 20, 40, 80),
    brown_out_mv=2510,
    uarts=(0, 1),
    spis=(1,),
    advertise_min_us=20_000,
    usb_jtag=True,
)
# ESP32-S3: GPIO 22-25 do not exist, 26-32 are flash (datasheet, table 2-4); it wakes by ext0 and ext1.
S3 = Chip(
    name="esp32s3",
    pins=frozenset(range(22)) | frozenset(range(33, 49)),
    gpio_wake_pins=frozenset(),
    ext_wake_pins=frozenset(range(22)),
    adc_pins=frozenset(range(1, 11)),  # datasheet, table 2-8
    adc_full_mv=(950, 1250, 1750, 3100),
    mhz=(240, 20, 40, 80, 160),
    brown_out_mv=2440,
    uarts=(0, 1, 2),
    spis=(1, 2),
    advertise_min_us=20_000,
)
CHIPS = {chip.name: chip for chip in (C3, S3)}

"""A voltage at a pin, and that of a battery behind its divider."""

import time

import machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import BatteryPins


_READS = 5
_SETTLE_MS = (
    10  # 100 kOhm parallel to 390 kOhm take about 8 ms to charge 100 nF; most boards have less
)


class Adc:
    """One pin of the first converter: the second is the radio's (ESP32 technical reference manuals)."""

    def __init__(self, gpio: int) -> None:
        """Measure at `gpio`, up to about 2.5 V on the C3 and 3.1 V on the S3."""
        self._adc = machine.ADC(machine.Pin(gpio), atten=machine.ADC.ATTN_11DB)

    def millivolts(self) -> int:
        """Return the median of some calibrated readings: a radio's burst spoils one, not most."""
        reads = sorted([self._adc.read_uv() for _ in range(_READS)])
        return reads[_READS // 2] // 1000


class Gauge:
    """The voltage of a battery. Its divider takes current only while it is read."""

    def __init__(self, pins: "BatteryPins") -> None:
        """Take the pins, and leave the divider off."""
        self._pins = pins
        self._enable = None
        if pins.enable >= 0:
            self._enable = machine.Pin(pins.enable, machine.Pin.OUT, value=1 - pins.enable_level)
        self._adc = Adc(pins.adc)

    def millivolts(self) -> int:
        """Return what the battery gives now; before the radio is on, that is without its load."""
        if self._enable is None:
            return self._scaled()
        self._enable.value(self._pins.enable_level)
        time.sleep_ms(_SETTLE_MS)
        millivolts = self._scaled()
        self._enable.value(1 - self._pins.enable_level)
        return millivolts

    def _scaled(self) -> int:
        return self._adc.millivolts() * self._pins.ratio_1000 // 1000

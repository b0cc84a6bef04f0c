"""The converter of a chip: what a pin's voltage reads, with its attenuation, its noise and its limits."""

from collections.abc import Callable, Mapping
from random import Random

from tools.virtual.chips import Chip

Call = Callable[..., object]

_NOISE_MV = 4.0  # of one reading
_ERROR_MV = 10.0  # left after calibration by eFuse (datasheets, "ADC Calibration Results")


class Analog:
    """Voltages at pins. `sources` are mV by GPIO; without one, two equal resistors halve 3.3 V."""

    def __init__(self, chip: Chip, rng: Random) -> None:
        """Convert as `chip` does; its error is its own."""
        self.sources: dict[int, Callable[[], float]] = {}
        self._chip = chip
        self._rng = rng
        self._error_mv = rng.uniform(-_ERROR_MV, _ERROR_MV)
        self.calls: Mapping[str, Call] = {"adc_uv": self._read_uv}

    def _read_uv(self, gpio: int, attenuation: int) -> int:
        source = self.sources.get(gpio, lambda: 1650.0)
        read_mv = source() + self._error_mv + self._rng.gauss(0.0, _NOISE_MV)
        return round(1000 * min(max(0.0, read_mv), self._chip.adc_full_mv[attenuation]))

"""Whether a battery's voltage at the bench can be that of a good battery of its chemistry. Pure.

least   what the firmware calls low (firmware/core/battery.py, with its sources): a device that leaves the
        bench so tells BATTERY_LOW on its first day
most    the open voltage of a fresh cell, or where charging ends, 5 % for the divider's resistors (two of
        1 %), the chip's converter, and cells above their nominal value

    li_mno2    3,300 mV   open voltage of a fresh cell (Panasonic CR-123A: 3.2 to 3.3 V)
    li_socl2   3,680 mV   open voltage (Saft LS 14500: 3.67 V; Tadiran TL-5903: 3.67 V)
    lipo       4,200 mV   end of charge
    lifepo4    3,650 mV   end of charge
    alkaline   3,300 mV   two fresh cells of 1.65 V

A charger without a battery behind it holds its output near the end of charge: that looks like a full one.
"""

from dataclasses import dataclass

from firmware.core import battery

FULL_MV = {
    "li_mno2": 3_300,
    "li_socl2": 3_680,
    "lipo": 4_200,
    "lifepo4": 3_650,
    "alkaline": 3_300,
}
_TOLERANCE_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """A battery as the board has measured it."""

    millivolts: int
    chemistry: str  # one of `firmware.core.settings.CHEMISTRIES`

    @property
    def fault(self) -> str | None:
        """The sentence of `wording.board` that tells what is wrong, or None."""
        if not battery.known(self.millivolts):
            return "battery_absent"
        if battery.low(self.millivolts, self.chemistry, was_low=False):
            return "battery_flat"
        return "battery_too_high" if self.millivolts > most_mv(self.chemistry) else None


def most_mv(chemistry: str) -> int:
    """Return what a good battery reads at most."""
    return FULL_MV[chemistry] * (100 + _TOLERANCE_PERCENT) // 100

"""A cell and what a board draws from it: open voltage by charge, sag under load, end of charge.

The voltages at rest by depth of discharge are rounded and generic for each chemistry, not one maker's:
they tell a full cell from an empty one, flat curves from sloping ones. Alkaline is two cells in series.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_US_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Chemistry:
    """Open voltage in mV at equal steps from full to empty; ohms of a full cell of 1,000 mAh."""

    open_mv: Sequence[int]
    ohm: float


CHEMISTRIES: Mapping[str, Chemistry] = {
    "li_mno2": Chemistry((3200, 3020, 2980, 2960, 2940, 2910, 2880, 2840, 2770, 2620, 2000), 0.4),
    "li_socl2": Chemistry((3670, 3650, 3640, 3630, 3620, 3610, 3600, 3580, 3550, 3450, 2800), 5.0),
    "lipo": Chemistry((4180, 4060, 3970, 3890, 3820, 3770, 3730, 3690, 3640, 3540, 3000), 0.15),
    "lifepo4": Chemistry((3450, 3330, 3310, 3300, 3290, 3280, 3270, 3250, 3220, 3120, 2500), 0.1),
    "alkaline": Chemistry((3180, 2960, 2820, 2720, 2640, 2560, 2480, 2400, 2280, 2120, 1700), 0.5),
}
_EMPTY_OHM_FACTOR = 3.0  # an empty cell is that much softer than a full one


class Battery:
    """One cell. `draw` takes charge out, `volts_mv` is what the load sees."""

    def __init__(self, chemistry: str, capacity_mah: float, *, ohm: float | None = None) -> None:
        """Begin full; `ohm` instead of what the chemistry and the size give."""
        self.capacity_mah = capacity_mah
        self.used_mah = 0.0
        self._chemistry = CHEMISTRIES[chemistry]
        self._full_ohm = self._chemistry.ohm * 1000 / capacity_mah if ohm is None else ohm

    @property
    def used(self) -> float:
        """Depth of discharge, 0 full to 1 empty."""
        return min(1.0, self.used_mah / self.capacity_mah)

    def draw(self, ma: float, us: int) -> None:
        """Take a current for a time."""
        self.used_mah += ma * us / _US_PER_HOUR

    def open_mv(self) -> float:
        """Return the voltage at rest."""
        curve = self._chemistry.open_mv
        at, between = divmod(self.used * (len(curve) - 1), 1)
        below, above = list(itertools.pairwise(curve))[min(int(at), len(curve) - 2)]
        return below + (above - below) * (between if at < len(curve) - 1 else 1.0)

    def volts_mv(self, load_ma: float) -> float:
        """Return the voltage under a load."""
        ohm = self._full_ohm * (1 + (_EMPTY_OHM_FACTOR - 1) * self.used)
        return self.open_mv() - load_ma * ohm

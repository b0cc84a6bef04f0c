"""What the voltage of a battery says of its charge: the curves by which the devices judge themselves. Pure.

They are those of `firmware.core.battery`, which names their sources; a test keeps the two alike. A device
is taken to end at `critical_mv`, where its radio brings the chip near its brown-out detector.
"""

from bisect import bisect_left
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """One chemistry: (mV, per cent) rising, and the voltage at which the device ends."""

    points: tuple[tuple[int, int], ...]
    critical_mv: int

    def percent(self, millivolts: float) -> float:
        """Return the charge left, 0 to 100, between two points by the straight line."""
        place = bisect_left(self.points, (millivolts, 0))
        if place == 0:
            return float(self.points[0][1])
        if place == len(self.points):
            return float(self.points[-1][1])
        (below_mv, below), (above_mv, above) = self.points[place - 1 : place + 1]
        return below + (above - below) * (millivolts - below_mv) / (above_mv - below_mv)

    def usable(self, millivolts: float) -> float:
        """Return the per cent that are left until the device ends; below 0 it should have ended."""
        return self.percent(millivolts) - self.percent(self.critical_mv)


CURVES = {
    "li_mno2": Curve(
        (
            (1_906, 0),
            (2_444, 10),
            (2_689, 20),
            (2_812, 30),
            (2_882, 40),
            (2_927, 50),
            (2_955, 70),
            (2_985, 100),
        ),
        critical_mv=2_600,
    ),
    "li_socl2": Curve(
        ((3_000, 0), (3_400, 10), (3_500, 25), (3_550, 50), (3_600, 80), (3_650, 100)),
        critical_mv=3_100,
    ),
    "lipo": Curve(
        (
            (3_270, 0),
            (3_610, 5),
            (3_690, 10),
            (3_730, 20),
            (3_770, 30),
            (3_800, 40),
            (3_840, 50),
            (3_870, 60),
            (3_950, 70),
            (4_020, 80),
            (4_110, 90),
            (4_200, 100),
        ),
        critical_mv=3_350,
    ),
    "lifepo4": Curve(
        (
            (2_013, 0),
            (3_068, 10),
            (3_159, 20),
            (3_194, 30),
            (3_210, 40),
            (3_229, 60),
            (3_246, 70),
            (3_262, 90),
            (3_348, 100),
        ),
        critical_mv=2_900,
    ),
    "alkaline": Curve(
        (
            (2_000, 0),
            (2_200, 10),
            (2_300, 20),
            (2_380, 30),
            (2_500, 50),
            (2_600, 70),
            (2_700, 80),
            (2_800, 90),
            (3_160, 100),
        ),
        critical_mv=2_150,
    ),
}

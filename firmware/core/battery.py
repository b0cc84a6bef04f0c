"""What a battery's voltage says of its charge, and when it is low: one table a chemistry, whole numbers.

A cell at about 20 degrees under some mA, as it is when it is measured here. None was measured by us:

li_mno2    data sheet curve of the FDK CR14250SE, as Zephyr has read it (dt-bindings/battery/battery.h)
lifepo4    data sheet curve of the Drypower IFR18650 E1600, from the same file
lipo       the common chart of a pouch cell at rest (blog.ampow.com/lipo-voltage-chart)
alkaline   two AA in series: twice the cell of Meshtastic's power.h, which down to 70 % is within 10 mV of
           the Duracell MN1500's data sheet at 100 mA (pastebin.com/ZAV8ZhSn)
li_socl2   a guess between 3.67 V open, 3.6 V nominal and the end: its voltage says next to nothing before
           the last tenth (Texas Instruments, SLUAAL7)

Flat curves tell little before the end: a percentage from them is an opinion, `low` is what counts.
"""

from protocol.portable import const

# mV, per cent, mV, per cent, ... falling. As pairs they would take twice the room of a board's heap.
CURVES = {
    "li_mno2": (
        2_985, 100,
        2_955, 70,
        2_927, 50,
        2_882, 40,
        2_812, 30,
        2_689, 20,
        2_444, 10,
        1_906, 0,
    ),
    "li_socl2": (
        3_650, 100,
        3_600, 80,
        3_550, 50,
        3_500, 25,
        3_400, 10,
        3_000, 0,
    ),
    "lipo": (
        4_200, 100,
        4_110, 90,
        4_020, 80,
        3_950, 70,
        3_870, 60,
        3_840, 50,
        3_800, 40,
        3_770, 30,
        3_730, 20,
        3_690, 10,
        3_610, 5,
        3_270, 0,
    ),
    "lifepo4": (
        3_348, 100,
        3_262, 90,
        3_246, 70,
        3_229, 60,
        3_210, 40,
        3_194, 30,
        3_159, 20,
        3_068, 10,
        2_013, 0,
    ),
    "alkaline": (
        3_160, 100,
        2_800, 90,
        2_700, 80,
        2_600, 70,
        2_500, 50,
        2_380, 30,
        2_300, 20,
        2_200, 10,
        2_000, 0,
    ),
}  # fmt: skip
# mV. Low: a replacement should come; whole again 80 mV above. Critical: about where the load of the radio
# brings the brown-out detector of the chip near (2.4 to 2.5 V, behind a regulator that drops 0.1 V).
_LOW_MV = {"li_mno2": 2_750, "li_socl2": 3_350, "lipo": 3_650, "lifepo4": 3_150, "alkaline": 2_300}
_CRITICAL_MV = {
    "li_mno2": 2_600,
    "li_socl2": 3_100,
    "lipo": 3_350,
    "lifepo4": 2_900,
    "alkaline": 2_150,
}
_HYSTERESIS_MV = const(80)
_ABSENT_MV = const(1_000)  # nothing is there, or the divider is broken: says nothing about a charge


def percent(millivolts: int, chemistry: str) -> int:
    """Return the charge left, 0 to 100."""
    curve = CURVES[chemistry]
    if millivolts >= curve[0]:
        return 100
    for i in range(2, len(curve), 2):
        above_mv, above, below_mv, below = curve[i - 2 : i + 2]
        if millivolts >= below_mv:
            return below + (above - below) * (millivolts - below_mv) // (above_mv - below_mv)
    return 0


def tenths(millivolts: int, chemistry: str) -> int:
    """Return the charge left as the fault BATTERY_LOW carries it, 0 to 10."""
    return percent(millivolts, chemistry) // 10


def known(millivolts: int) -> bool:
    """Say whether there is a battery to speak of."""
    return millivolts >= _ABSENT_MV


def low(millivolts: int, chemistry: str, was_low: bool) -> bool:
    """Say whether the battery should be replaced; one that is low recovers only well above."""
    return known(millivolts) and millivolts < _limit(_LOW_MV[chemistry], was_low)


def critical(millivolts: int, chemistry: str, was_critical: bool) -> bool:
    """Say whether the next burst of the radio may be the last: spare it; flash is for counters alone."""
    return known(millivolts) and millivolts < _limit(_CRITICAL_MV[chemistry], was_critical)


def _limit(millivolts: int, was_below: bool) -> int:
    return millivolts + _HYSTERESIS_MV if was_below else millivolts

"""What a LoRa channel may be set to (SPEC 9): EU868, 869.400 to 869.650 MHz, 500 mW e.r.p.

ERC/REC 70-03, annex 1, band h1.6; EN 300 220-2. A signal of 125 kHz lies inside with its whole width.
"""

from protocol.portable import const

LOWEST_HZ = const(869_462_500)
HIGHEST_HZ = const(869_587_500)
LOWEST_SF = const(7)
HIGHEST_SF = const(12)
LOWEST_DBM = const(-9)  # of an SX1262, DS table 13-40
HIGHEST_DBM = const(27)  # e.r.p.

# Without a setting
DEFAULT_HZ = const(869_525_000)
DEFAULT_SF = const(9)
DEFAULT_DBM = const(14)


def allowed(hz: int, sf: int, dbm: int) -> bool:
    """Say whether a channel is within the band."""
    return (
        LOWEST_HZ <= hz <= HIGHEST_HZ
        and LOWEST_SF <= sf <= HIGHEST_SF
        and LOWEST_DBM <= dbm <= HIGHEST_DBM
    )

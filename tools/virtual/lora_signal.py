"""What LoRa signals do to each other, in numbers: power, noise, and who is understood beside whom."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from protocol import airtime

PRIVATE_SYNC_WORD = 0x1424  # registers 0740 and 0741 after a reset (SX1261/2 datasheet, table 12-1)
NOISE_DBM = -117.0  # at 125 kHz: -174 dBm/Hz + 51 dB + a noise figure of 6 dB
MAX_SNR_DB = 13.0  # a strong signal shows in the RSSI: the estimate of the SNR ends about here
CAPTURE_DB = 6.0  # that a signal must be above all others of its spreading factor
LOCK_SYMBOLS = 5  # of the preamble that a receiver must see before its end

# SNR that a demodulator needs (SX1261/2 datasheet, table 6-1). With the noise above: -124.5 dBm at
# SF7 to -137 dBm at SF12, and table 3-8 says -124 to -137 dBm.
SNR_LIMIT_DB = {7: -7.5, 8: -10.0, 9: -12.5, 10: -15.0, 11: -17.5, 12: -20.0}

# Signal over interference that it needs against another spreading factor, the worst of each row of
# table I in Croce et al., "Impact of LoRa imperfect orthogonality", IEEE Communications Letters 2018.
REJECTION_DB = {7: -8.0, 8: -11.0, 9: -13.0, 10: -17.0, 11: -20.0, 12: -23.0}

_LDRO_US = 16_380  # a symbol that lasts this long needs the low data rate optimisation (6.1.1.4)


@dataclass(frozen=True, slots=True)
class Modulation:
    """How a radio sends and what it understands."""

    hz: int
    sf: int
    bandwidth_khz: int = 125
    coding_rate: int = 1  # 4/5
    preamble: int = 8
    sync_word: int = PRIVATE_SYNC_WORD
    inverted: bool = False  # IQ
    ldro: bool = False

    @property
    def symbol_us(self) -> int:
        """How long a symbol lasts."""
        return airtime.symbol_us(self.sf, self.bandwidth_khz)

    def time_on_air_us(self, length: int) -> int:
        """Return how long a payload of `length` bytes is on air."""
        return airtime.time_on_air_us(
            length, self.sf, self.bandwidth_khz, self.preamble, self.coding_rate
        )

    def demodulates(self, other: "Modulation") -> bool:
        """Say whether a receiver set to this follows the chirps of `other`."""
        alike = (self.sf, self.bandwidth_khz, self.inverted) == (
            other.sf,
            other.bandwidth_khz,
            other.inverted,
        )
        # Within a quarter of the bandwidth the receiver corrects the carrier (6.1.1, note).
        return alike and abs(self.hz - other.hz) * 4 <= self.bandwidth_khz * 1000

    def overlaps(self, other: "Modulation") -> bool:
        """Say whether the two share spectrum."""
        return abs(self.hz - other.hz) * 2 < (self.bandwidth_khz + other.bandwidth_khz) * 1000


def channel(sf: int = 9, hz: int = 869_525_000) -> Modulation:
    """Return how a site sends."""
    return Modulation(hz, sf, ldro=airtime.symbol_us(sf) >= _LDRO_US)


def milliwatts(dbm: float) -> float:
    """Return a power that can be added to others."""
    return math.pow(10.0, dbm / 10.0)


def decibels(mw: float) -> float:
    """Return a power in dBm."""
    return 10.0 * math.log10(mw)


def noise_mw(bandwidth_khz: int) -> float:
    """Return the thermal noise in a receiver."""
    return milliwatts(NOISE_DBM) * bandwidth_khz / 125


def understood(rssi: float, sf: int, others: Iterable[tuple[int, float]], noise: float) -> bool:
    """Say whether a signal survives (spreading factor, mW) of others, and the noise in mW."""
    same = alien = 0.0
    for other_sf, power_mw in others:
        if other_sf == sf:
            same += power_mw
        else:
            alien += power_mw
    return (
        rssi - decibels(noise) >= SNR_LIMIT_DB[sf]
        and (not same or rssi - decibels(same) >= CAPTURE_DB)
        and (not alien or rssi - decibels(alien) >= REJECTION_DB[sf])
    )

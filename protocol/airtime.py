"""LoRa time on air in whole numbers (SX1261/2 datasheet 6.1.4; AN1200.13, 4).

    symbols = preamble + 4.25 + 8 + ceil(max(8 bytes + 16 crc - 4 sf + 8 + 20 header, 0)
                                         / 4 (sf - 2 ldro)) (4 + cr)
    symbol  = 2^sf / bandwidth

Explicit header, CRC on. `ldro`, the low data rate optimisation, is on where a symbol lasts 16.38 ms
or more. A quarter of a symbol is a whole number of microseconds at 125, 250 and 500 kHz.
"""

from protocol.constants import FRAME_MIN
from protocol.portable import const

PREAMBLE_SYMBOLS = const(8)
CODING_RATE = const(1)  # 4/5
BANDWIDTH_KHZ = const(125)

WINDOW_MS = const(500)  # and so many times the time on air of the shortest frame:
_WINDOW_FRAMES = const(4)
_LDRO_US = const(16_380)


def symbol_us(sf: int, bandwidth_khz: int = BANDWIDTH_KHZ) -> int:
    """Return how long a symbol of spreading factor 7 to 12 lasts at 125, 250 or 500 kHz."""
    if not 7 <= sf <= 12:
        raise ValueError("spreading factor")
    if bandwidth_khz not in (125, 250, 500):
        raise ValueError("bandwidth")
    return (8 << sf) // (bandwidth_khz // 125)


def time_on_air_us(
    length: int,
    sf: int,
    bandwidth_khz: int = BANDWIDTH_KHZ,
    preamble: int = PREAMBLE_SYMBOLS,
    cr: int = CODING_RATE,
) -> int:
    """Return the microseconds that a payload of `length` bytes, 0 to 255, is on air.

    `cr` 1 to 4 is a coding rate of 4/5 to 4/8.
    """
    if not 0 <= length <= 255:
        raise ValueError("payload length")
    if not 1 <= cr <= 4:
        raise ValueError("coding rate")
    symbol = symbol_us(sf, bandwidth_khz)
    bits_per_step = 4 * (sf - 2 if symbol >= _LDRO_US else sf)
    bits = max(8 * length + 16 - 4 * sf + 8 + 20, 0)
    steps = (bits + bits_per_step - 1) // bits_per_step
    quarters = 4 * (preamble + 8 + steps * (4 + cr)) + 17  # 4.25 symbols of sync
    return quarters * (symbol // 4)


def window_ms(sf: int) -> int:
    """Return how long a device on battery waits behind its uplink for an answer to begin (SPEC 9)."""
    return WINDOW_MS + _WINDOW_FRAMES * time_on_air_us(FRAME_MIN, sf) // 1000

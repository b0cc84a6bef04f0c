"""The power chip AXP2101 of LilyGO boards: which of its rails are fed.

Registers (AXP2101 datasheet V1.0, chapter 6): 0x90 has a bit for each LDO, ALDO1 to ALDO4 from bit 0,
BLDO1 and BLDO2 at 4 and 5; 0x94 is the voltage of ALDO3, 500 mV and 100 mV steps.
"""

import machine

_ADDRESS = 0x34
_LDO_ON = 0x90
_ALDO3_MV = 0x94
_ALDO3 = 0x04
_DISPLAY_GNSS_CARD = 0x01 | 0x08 | 0x10  # ALDO1, ALDO4, BLDO1: nothing here needs them


def feed_radio(sda: int, scl: int) -> bool:
    """Give the radio its 3.3 V and nothing to what is not used; say whether the chip answered.

    Where it does not, the radio does not either, and that is what the device then tells.
    """
    bus = machine.I2C(1, sda=machine.Pin(sda), scl=machine.Pin(scl), freq=100_000)
    try:
        bus.writeto_mem(_ADDRESS, _ALDO3_MV, bytes([(3_300 - 500) // 100]))
        on = bus.readfrom_mem(_ADDRESS, _LDO_ON, 1)[0]
        bus.writeto_mem(_ADDRESS, _LDO_ON, bytes([on & ~_DISPLAY_GNSS_CARD & 0xFF | _ALDO3]))
    except OSError:
        return False
    return True

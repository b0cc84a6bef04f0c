"""Why a device has started, and after what exception: in heartbeats (SPEC 4), and of a head (SPEC 10)."""

import binascii

from protocol.portable import const

# 3 bits of the status page. 6 and 7 are reserved.
POWER_UP = const(0)  # or a brown-out: chips do not tell them apart
NO_RESET = const(1)  # out of sleep, as always
WATCHDOG = const(2)
EXCEPTION = const(3)  # its digest is on the page of life
DELIBERATE = const(4)  # it was told to, or has new settings
UNKNOWN_RESET = const(5)

_DIGESTS = const(127)


def exception_digest(text: bytes) -> int:
    """Return the 7 bits that stand for an exception, `Type:file:line:function`; 0 is none."""
    crc: int = binascii.crc32(text)
    return 1 + crc % _DIGESTS

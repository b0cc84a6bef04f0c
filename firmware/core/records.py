"""The two records a device keeps: the secret in flash, and what deep sleep must not forget in RTC memory.

    secret     version 1 | key 16 | reserved 4 | CRC-32 4
    snapshot   version 1 | next counter 4 | first counter + 1, 4 | heartbeat due 4 | flags 1 | marks 1
               | CRC-32 4

Key and reserved counter stand in one record: losing one loses the other, so a counter never starts
again under the same key. A record that is not whole is no record.
"""

from firmware.core.sealed import seal, unseal
from protocol.constants import COUNTER_LIMIT, KEY_LEN
from protocol.portable import const

SECRET_LEN = const(25)
SNAPSHOT_LEN = const(19)
_SECRET_VERSION = const(1)
_SNAPSHOT_VERSION = const(2)

CLOCK_KNOWN = const(1)  # flags of a snapshot
LAST_HEARD = const(2)


def pack_secret(key: bytes, reserved: int) -> bytes:
    """Return the record of `key` and the `reserved` counter."""
    return seal(bytes([_SECRET_VERSION]) + key + reserved.to_bytes(4, "big"))


def unpack_secret(record: bytes) -> "tuple[bytes, int] | None":
    """Return key and reserved counter, or None where the record is not whole."""
    data = unseal(record)
    if data is None or len(record) != SECRET_LEN or data[0] != _SECRET_VERSION:
        return None
    reserved = int.from_bytes(data[1 + KEY_LEN :], "big")
    return (data[1 : 1 + KEY_LEN], reserved) if reserved <= COUNTER_LIMIT else None


def pack_snapshot(
    next_counter: int, first: int, heartbeat_due_s: int, flags: int, marks: int
) -> bytes:
    """Return the record for RTC memory; `marks`: the gateways that answered the last frame."""
    numbers = [n.to_bytes(4, "big") for n in (next_counter, first + 1, heartbeat_due_s)]
    return seal(bytes([_SNAPSHOT_VERSION]) + b"".join(numbers) + bytes([flags, marks]))


def unpack_snapshot(record: bytes) -> "tuple[int, int, int, int, int] | None":
    """Return what `pack_snapshot` was given, or None where the record is not whole."""
    data = unseal(record)
    if data is None or len(record) != SNAPSHOT_LEN or data[0] != _SNAPSHOT_VERSION:
        return None
    numbers = [int.from_bytes(data[at : at + 4], "big") for at in (1, 5, 9)]
    return numbers[0], numbers[1] - 1, numbers[2], data[13], data[14]

"""The two records a device keeps: the secret in flash, and in RTC memory what it must not forget asleep.

    secret     version 1 | key 16 | reserved 4 | CRC-32 4
    snapshot   version 1 | the numbers of `Snapshot.LAYOUT`, each in its width | CRC-32 4

Key and reserved counter stand in one record: losing one loses the other, so a counter never starts
again under the same key. A record that is not whole is no record.
"""

import binascii

from firmware.core.sealed import CRC_LEN, seal, unseal
from protocol.constants import COUNTER_LIMIT, KEY_LEN
from protocol.portable import const

SECRET_LEN = const(25)
_SECRET_VERSION = const(1)

CLOCK_KNOWN = const(1)  # flags of a snapshot
LAST_HEARD = const(2)
DARK = const(4)  # the alert that is open is silent
BLE_ANSWERS = const(8)
LOW_BATTERY = const(16)
STUCK = const(5)  # the first of two bits: contacts that were stuck


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


class Snapshot:
    """What a device knows between two starts. A new field is a row of `LAYOUT` and a line of `__init__`."""

    LAYOUT = (  # name, bytes; a number of these can be -1, nothing, too
        ("next_counter", 4),
        ("first", 4),
        ("heartbeat_due_s", 4),
        ("flags", 1),
        ("marks", 1),
        ("kind", 1),
        ("duress", 1),
        ("felt", 1),
        ("visit_until_s", 4),
        ("frames", 2),
        ("visit_first", 4),
        ("visit_min", 2),
        ("visit_ending_s", 4),
        ("visit_told", 1),
        ("test_until_s", 4),
        ("low_told_day", 3),
        ("conditions", 2),
    )

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self.next_counter = -1
        self.first = -1  # counter the incident began with
        self.heartbeat_due_s = 0
        self.flags = 0
        self.marks = 0  # gateways that answered the last frame
        self.kind = 0  # of the incident that is open; 0: none is
        self.duress = 0
        self.felt = 0
        self.frames = 0  # sent for that incident
        self.visit_until_s = -1
        self.visit_first = -1  # counter of its start
        self.visit_min = 0
        self.visit_ending_s = -1  # since when its end is being told
        self.visit_told = 0  # reminders given
        self.test_until_s = -1
        self.low_told_day = 0
        self.conditions = 0  # a bit for each condition that was told and stands

    def pack(self) -> bytes:
        """Return the record."""
        parts = [bytes([_SNAPSHOT_VERSION])]
        for name, width in Snapshot.LAYOUT:
            number = getattr(self, name) + 1
            if not 0 <= number < 1 << 8 * width:
                raise ValueError(name)  # our bug
            parts.append(number.to_bytes(width, "big"))
        return seal(b"".join(parts))


def unpack_snapshot(record: bytes) -> "Snapshot | None":
    """Return what was packed, or None where the record is not whole or of another layout."""
    data = unseal(record)
    if data is None or len(record) != SNAPSHOT_LEN or data[0] != _SNAPSHOT_VERSION:
        return None
    snapshot = Snapshot()
    at = 1
    for name, width in Snapshot.LAYOUT:
        setattr(snapshot, name, int.from_bytes(data[at : at + width], "big") - 1)
        at += width
    return snapshot


SNAPSHOT_LEN = 1 + sum([width for _, width in Snapshot.LAYOUT]) + CRC_LEN
# A changed layout is another version by itself: nobody has to remember a number.
_SNAPSHOT_VERSION: int = binascii.crc32(repr(Snapshot.LAYOUT).encode()) & 0xFF

"""What a call box keeps in flash over any loss of power: its open incidents, and what was told of faults.

    version 1 | emergency: first + 1, 4 | felt 1 | tamper: first + 1, 4 | felt 1
              | latched 1 | told 2 | CRC-32 4

It is written when an incident begins or ends, when a stage is reached, and when a fault was stored: some
writes an incident, none while nothing happens.
"""

from firmware.core.sealed import seal, unseal
from protocol.portable import const

KEY = "box"
LEN = const(18)
_VERSION = const(1)
NO_INCIDENT = const(-1)


class BoxRecord:
    """The fields; as made, those of a box that knows of nothing."""

    __slots__ = ("felt", "first", "latched", "tamper_felt", "tamper_first", "told")

    def __init__(self) -> None:
        """Begin with no incident."""
        self.first = NO_INCIDENT
        self.felt = 0
        self.tamper_first = NO_INCIDENT
        self.tamper_felt = 0
        self.latched = False  # the loop is open, and an alert has told so
        self.told = 0

    def pack(self) -> bytes:
        """Return the stored form."""
        data = bytes([_VERSION]) + (self.first + 1).to_bytes(4, "big")
        data += bytes([self.felt]) + (self.tamper_first + 1).to_bytes(4, "big")
        return seal(data + bytes([self.tamper_felt, self.latched]) + self.told.to_bytes(2, "big"))


def unpack(stored: bytes) -> BoxRecord:
    """Return what was kept; where the record is not whole, nothing was."""
    record = BoxRecord()
    data = unseal(stored)
    if data is None or len(stored) != LEN or data[0] != _VERSION:
        return record
    record.first = int.from_bytes(data[1:5], "big") - 1
    record.felt = data[5]
    record.tamper_first = int.from_bytes(data[6:10], "big") - 1
    record.tamper_felt = data[10]
    record.latched = bool(data[11])
    record.told = int.from_bytes(data[12:14], "big")
    return record

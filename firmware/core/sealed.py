"""A record with its CRC-32 behind it: whole, or no record."""

import binascii

CRC_LEN = 4


def seal(data: bytes) -> bytes:
    """Return `data` with its checksum."""
    checksum: int = binascii.crc32(data)
    return data + checksum.to_bytes(CRC_LEN, "big")


def unseal(record: bytes) -> "bytes | None":
    """Return the data of a whole record, or None."""
    if len(record) < CRC_LEN:
        return None
    checksum: int = binascii.crc32(record[:-CRC_LEN])
    return record[:-CRC_LEN] if checksum.to_bytes(CRC_LEN, "big") == record[-CRC_LEN:] else None

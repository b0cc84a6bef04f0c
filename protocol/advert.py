"""A frame in a BLE legacy advertisement, at most 31 bytes (Core 5.4, vol 3, part C, 11).

    02 01 06 | length | FF | company 2, least significant byte first | frame 15..23

Flags come first: BlueZ's passive scan ignores advertisements without them.
"""

from protocol.constants import COMPANY_ID, FRAME_MAX, FRAME_MIN
from protocol.errors import Malformed

HEADER_LEN = 7
_FLAGS = b"\x02\x01\x06"  # LE general discoverable, no BR/EDR
_MANUFACTURER_DATA = 0xFF
_COMPANY = COMPANY_ID.to_bytes(2, "little")
_ORDINARY = {
    _FLAGS + bytes([length + 3, _MANUFACTURER_DATA]) + _COMPANY: HEADER_LEN + length
    for length in range(FRAME_MIN, FRAME_MAX + 1)
}


def advert_buffer(frame_len: int) -> bytearray:
    """Return an advertisement with room for a frame of `frame_len` bytes from `HEADER_LEN` on."""
    if not FRAME_MIN <= frame_len <= FRAME_MAX:
        raise ValueError("frame length")
    return bytearray(
        _FLAGS + bytes([frame_len + 3, _MANUFACTURER_DATA]) + _COMPANY + bytes(frame_len)
    )


def to_advert(frame: bytes | bytearray) -> bytearray:
    """Return the advertising payload that carries `frame`."""
    buffer = advert_buffer(len(frame))
    buffer[HEADER_LEN:] = frame
    return buffer


def frame_span(payload: bytes | bytearray | memoryview) -> int:
    """Return `start << 8 | length` of the frame in an advertising payload, or -1, on no heap.

    Any order of AD structures is read; only our company id with the length of a frame counts.
    """
    at = 0
    end = len(payload)
    while at + 1 < end:
        length = payload[at]
        if length == 0 or at + 1 + length > end:  # early termination, or cut short
            return -1
        if (
            payload[at + 1] == _MANUFACTURER_DATA
            and FRAME_MIN + 3 <= length <= FRAME_MAX + 3
            and payload[at + 2] == _COMPANY[0]
            and payload[at + 3] == _COMPANY[1]
        ):
            return (at + 4) << 8 | (length - 3)
        at += 1 + length
    return -1


def from_advert(payload: bytes) -> bytes:
    """Return the frame in an advertising payload; raise `Malformed` where there is none."""
    if _ORDINARY.get(payload[:HEADER_LEN]) == len(payload):  # as our devices send it
        return payload[HEADER_LEN:]
    span = frame_span(payload)
    if span < 0:
        raise Malformed("no frame in advertisement")
    start = span >> 8
    return bytes(payload[start : start + (span & 0xFF)])

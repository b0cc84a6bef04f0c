"""Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): bytes without zeros, and back."""

from protocol.errors import Malformed


def encode(data: bytes) -> bytes:
    """Return `data` (at most 254 bytes) without a zero in it, one byte longer; no delimiter."""
    if len(data) > 254:
        raise ValueError("too long for one COBS block")
    out = bytearray(b"\x00" + data)
    code_at = 0
    for i in range(1, len(out)):
        if out[i] == 0:
            out[code_at] = i - code_at
            code_at = i
    out[code_at] = len(out) - code_at
    return bytes(out)


def decode(encoded: bytes) -> bytes:
    """Return what `encode` was given; raise `Malformed`."""
    out = bytearray(encoded)
    if not out or len(out) > 255:
        raise Malformed("cobs length")
    if 0 in encoded:
        raise Malformed("zero in cobs")
    at = 0
    while at < len(out):
        step = out[at]
        out[at] = 0
        at += step
    if at != len(out):
        raise Malformed("cobs cut short")
    return bytes(out[1:])

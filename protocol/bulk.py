"""What a gateway computes ahead for many counters of a device at once; no board loads it.

The AES input blocks differ only in their counters, and are made by one addition of long integers.
"""

from protocol.aes import Aes
from protocol.constants import OVERHEAD
from protocol.errors import BadTag
from protocol.portable import const

BULKS_KEPT = const(16)  # by whoever keeps them by size: few sizes are ever asked for


class Bulk:
    """The blocks of `count` consecutive counters; a pattern of whole blocks for each counter."""

    __slots__ = ("_length", "_ones", "_zeroth")

    def __init__(self, pattern: bytes, places: "tuple[int, ...]", count: int) -> None:
        """Take the blocks of counter 0, and where in them a counter of 4 bytes stands."""
        one = bytearray(len(pattern))
        for place in places:
            one[place + 3] = 1
        step = int.from_bytes(one, "big")
        zero = int.from_bytes(pattern, "big")
        size = len(pattern)
        self._length = size * count
        self._ones = int.from_bytes(bytes(one) * count, "big")
        self._zeroth = int.from_bytes(
            b"".join([(zero + i * step).to_bytes(size, "big") for i in range(count)]), "big"
        )

    def starting_at(self, first: int) -> bytes:
        """Return the blocks of the counters from `first` on."""
        # No sum leaves the 4 bytes of its counter: counters end at 2^30.
        return (self._zeroth + first * self._ones).to_bytes(self._length, "big")


_hints: "dict[tuple[int, int], Bulk]" = {}
_pads: "dict[tuple[int, int], Bulk]" = {}


def hint_blocks(aes: Aes, direction: int, first: int, count: int) -> bytes:
    """Return `count` blocks of 16 bytes, from counter `first` on; a hint begins each."""
    bulk = _hints.get((direction, count))
    if bulk is None:
        if len(_hints) >= BULKS_KEPT:
            _hints.clear()
        bulk = _hints[direction, count] = Bulk(bytes([direction]) + bytes(15), (1,), count)
    return aes.encrypt(bulk.starting_at(first))


def uplink_pads(enc: Aes, length: int, first: int, count: int) -> bytes:
    """Return E(B0) | S_0 | S_1, 48 bytes a counter, of `count` uplinks with bodies of `length`.

    All but one AES block of checking these frames, made in one call before they arrive.
    """
    bulk = _pads.get((length, count))
    if bulk is None:
        if len(_pads) >= BULKS_KEPT:
            _pads.clear()
        nonce = b"\x01" + bytes(12)
        b0 = b"\x19" + nonce + length.to_bytes(2, "big")
        pattern = b0 + b"\x01" + nonce + b"\x00\x00" + b"\x01" + nonce + b"\x00\x01"
        bulk = _pads[length, count] = Bulk(pattern, (2, 18, 34), count)
    return enc.encrypt(bulk.starting_at(first))


def unprotect_padded(enc: Aes, pads: bytes, at: int, frame: bytes) -> bytes:
    """Return the body of an uplink whose `uplink_pads` stand at `at`; raise `BadTag`."""
    length = len(frame) - OVERHEAD
    body = int.from_bytes(frame[4:-8], "big") ^ int.from_bytes(
        pads[at + 32 : at + 32 + length], "big"
    )
    block = int.from_bytes(pads[at : at + 16], "big") ^ body << 8 * (16 - length)
    mac = int.from_bytes(enc.encrypt(block.to_bytes(16, "big"))[:8], "big")
    tag = int.from_bytes(frame[-8:], "big")
    # One comparison of two 64-bit numbers: no byte-wise early exit to time.
    if mac ^ int.from_bytes(pads[at + 16 : at + 24], "big") != tag:
        raise BadTag
    return body.to_bytes(length, "big")

"""A frame as it travels: hint 4 | sealed body 3..11 | tag 8. Nothing in it is clear text."""

from protocol.constants import FRAME_MAX, FRAME_MIN, HINT_LEN, TAG_LEN
from protocol.errors import Malformed


class Frame:
    """The three fields of a frame, still sealed."""

    __slots__ = ("hint", "sealed", "tag")

    def __init__(self, hint: bytes, sealed: bytes, tag: bytes) -> None:
        """Take the fields as they travel."""
        self.hint = hint
        self.sealed = sealed
        self.tag = tag

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frame":
        """Split `data`, 15 to 23 bytes; raise `Malformed`."""
        check_length(data)
        return cls(data[:HINT_LEN], data[HINT_LEN:-TAG_LEN], data[-TAG_LEN:])

    def to_bytes(self) -> bytes:
        """Return the 15 to 23 bytes that travel."""
        return self.hint + self.sealed + self.tag


def check_length(data: bytes) -> None:
    """Raise `Malformed` unless `data` is as long as a frame can be."""
    if not FRAME_MIN <= len(data) <= FRAME_MAX:
        raise Malformed("frame length")

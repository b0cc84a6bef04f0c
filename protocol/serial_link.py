"""Messages over a serial line that loses, repeats and invents bytes: sans-IO, shared by both ends.

    on the wire   00? | COBS(message | CRC-32 4) | 00

A line that begins in the middle, or a burst of noise, costs the message it hits and no other.
"""

import binascii

from protocol import cobs, link_messages
from protocol.constants import FRAME_MAX
from protocol.errors import Malformed, ProtocolError
from protocol.link_messages import LinkMessage
from protocol.portable import const

_CRC_LEN = const(4)
_WIRE_MAX = FRAME_MAX + 32  # COBS of the longest message is 37 bytes
_QUEUE_MAX = const(64)


def to_wire(message: LinkMessage) -> bytes:
    """Return the bytes to write for `message`."""
    data = message.to_bytes()
    return cobs.encode(data + binascii.crc32(data).to_bytes(_CRC_LEN, "big")) + b"\x00"


class SerialLink:
    """The receiving half: `feed` bytes as they come, `take` messages; `errors` counts by reason."""

    __slots__ = ("_buffer", "_length", "_messages", "errors")

    def __init__(self) -> None:
        """Begin with an empty line."""
        self._buffer = bytearray(_WIRE_MAX)
        self._length = 0
        self._messages: "list[LinkMessage]" = []
        self.errors: "dict[str, int]" = {}

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the line; at most 64 messages wait, newer ones are counted."""
        at, end = 0, data.find(b"\x00")
        while end >= 0:
            self._keep(data[at:end])
            if self._length:
                self._end()
                self._length = 0
            at = end + 1
            end = data.find(b"\x00", at)
        self._keep(data[at:])

    def take(self) -> "LinkMessage | None":
        """Return the oldest message that waits, or None."""
        return self._messages.pop(0) if self._messages else None

    def _keep(self, piece: bytes) -> None:
        """Put `piece` behind what the line began with; of one that grows too long, only count it."""
        length = self._length + len(piece)
        if length <= _WIRE_MAX:
            self._buffer[self._length : length] = piece
        self._length = length

    def _end(self) -> None:
        try:
            if self._length > _WIRE_MAX:
                raise Malformed("line too long")
            message = parse_packet(bytes(self._buffer[: self._length]))
        except ProtocolError as error:
            self._count(error.reason)
            return
        if len(self._messages) >= _QUEUE_MAX:
            self._count("overrun")
        else:
            self._messages.append(message)

    def _count(self, reason: str) -> None:
        self.errors[reason] = self.errors.get(reason, 0) + 1


def parse_packet(packet: bytes) -> LinkMessage:
    """Return the message between two zeros of the line; raise `Malformed`."""
    data = cobs.decode(packet)
    if len(data) < _CRC_LEN + 1:
        raise Malformed("packet length")
    message = data[:-_CRC_LEN]
    if binascii.crc32(message) != int.from_bytes(data[-_CRC_LEN:], "big"):
        raise Malformed("packet crc")
    return link_messages.parse(message)

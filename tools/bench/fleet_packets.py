"""MQTT 3.1.1 as far as a simulated gateway speaks it: packets to bytes and back. Pure.

```
kind:4 flags:4 | length of the rest: 1 to 4 bytes of 7 bits, the lowest first | the rest
```
A client of 5,000 connections in one process: the libraries cost a megabyte and a socket thread each.
"""

from collections.abc import Iterator
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"
_QOS1 = 0x02
_RETAIN = 0x01
_WILL = 0x04 | _QOS1 << 2 | _RETAIN << 5  # 3.1.2.3: a will of QoS 1, retained
_LENGTH_MAX = 4


class NotMqtt(Exception):
    """The other end does not speak MQTT."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Kind, flags and the rest, as they came."""

    kind: int
    flags: int
    rest: bytes

    @property
    def number(self) -> int:
        """The packet identifier of a PUBACK or SUBACK."""
        return int.from_bytes(self.rest[:2], "big")


@dataclass(frozen=True, slots=True)
class Message:
    """A PUBLISH; `number` is None at QoS 0, where nobody waits for a confirmation."""

    topic: str
    payload: bytes
    number: int | None

    @classmethod
    def of(cls, packet: Packet) -> "Message":
        """Read a PUBLISH; raise `NotMqtt`."""
        end = 2 + int.from_bytes(packet.rest[:2], "big")
        confirmed = bool(packet.flags >> 1 & 3)
        begin = end + 2 if confirmed else end
        if len(packet.rest) < begin:
            raise NotMqtt("a PUBLISH ends in its head")
        number = int.from_bytes(packet.rest[end:begin], "big") if confirmed else None
        return cls(packet.rest[2:end].decode(), packet.rest[begin:], number)


class Packets:
    """Bytes as they come, cut into packets."""

    def __init__(self) -> None:
        """Wait for the first."""
        self._bytes = bytearray()

    def feed(self, arrived: bytes) -> Iterator[Packet]:
        """Yield every packet that is whole by now; raise `NotMqtt`."""
        self._bytes += arrived
        while (cut := self._cut()) is not None:
            begin, end = cut
            kind, flags = divmod(self._bytes[0], 16)
            packet = Packet(kind, flags, bytes(self._bytes[begin:end]))
            del self._bytes[:end]
            yield packet

    def _cut(self) -> tuple[int, int] | None:
        """Return where the rest of the first packet begins and ends, if it is there."""
        length = 0
        for at, byte in enumerate(self._bytes[1 : 1 + _LENGTH_MAX]):
            length |= (byte & 0x7F) << 7 * at
            if byte < 0x80:
                end = 2 + at + length
                return (2 + at, end) if len(self._bytes) >= end else None
        if len(self._bytes) > _LENGTH_MAX:
            raise NotMqtt("a length of more than four bytes")
        return None


def connect(client: str, keepalive_s: int, will: Message | None = None) -> bytes:
    """Return a CONNECT that asks for the session it had (3.1); the will is of QoS 1 and retained."""
    head = b"\x00\x04MQTT\x04" + bytes([_WILL if will else 0]) + keepalive_s.to_bytes(2, "big")
    parts = [_text(client)]
    if will:
        parts += [_text(will.topic), _counted(will.payload)]
    return _packet(CONNECT, 0, head + b"".join(parts))


def subscribe(number: int, topic: str, qos: int) -> bytes:
    """Return a SUBSCRIBE (3.8)."""
    return _packet(SUBSCRIBE, 2, number.to_bytes(2, "big") + _text(topic) + bytes([qos]))


def publish(number: int, topic: str, payload: bytes, *, retain: bool = False) -> bytes:
    """Return a PUBLISH of QoS 1 (3.3)."""
    flags = _QOS1 | (_RETAIN if retain else 0)
    return _packet(PUBLISH, flags, _text(topic) + number.to_bytes(2, "big") + payload)


def puback(number: int) -> bytes:
    """Return the confirmation of a PUBLISH (3.4)."""
    return _packet(PUBACK, 0, number.to_bytes(2, "big"))


def _packet(kind: int, flags: int, rest: bytes) -> bytes:
    return bytes([kind << 4 | flags]) + _length(len(rest)) + rest


def _length(count: int) -> bytes:
    encoded = bytearray()
    while count > 0x7F:
        encoded.append(count & 0x7F | 0x80)
        count >>= 7
    encoded.append(count)
    return bytes(encoded)


def _text(text: str) -> bytes:
    return _counted(text.encode())


def _counted(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content

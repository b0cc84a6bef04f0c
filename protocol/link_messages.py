"""The messages of the serial link between a gateway and its radio head: type 1 | fields.

    head -> gateway
    01 hello      version 1 | caps 1 | build 2 | boot 4       boot is another number at every start
    02 received   medium 1 | rssi 1 | snr 1 | ms 4 | frame    ms of the head's clock
    03 done       id 2 | status 1                             a transmit has ended
    04 stats      medium 1 | noise 1 | busy 1 | foreign 4 | dropped 4     since the last stats
    05 pong       token 4
    06 identity   unique 6 | cause 1 | board 16           which head it is, and why it started
    07 health     uptime 4 | rescans 2 | restarts 2 | lost 4 | digest 1     since it started
    08 channel    hz 4 | sf 1 | dbm 1                     what LoRa uses now

    gateway -> head
    81 hello_request
    82 transmit   id 2 | slot 2 | medium 1 | flags 1 | ms 2 | frame     replaces what its slot has on air
    83 setting    key 1 | value 4
    84 ping       token 4

Numbers are most significant byte first; rssi, noise and dbm (dBm), snr (dB) are two's complement, busy
is %. board is ASCII, padded with zeros.
"""

from protocol.constants import FRAME_MAX, FRAME_MIN
from protocol.errors import Malformed
from protocol.portable import const

LINK_VERSION = const(1)
BLE = const(0)
LORA = const(1)
MEDIUM_NAMES = {BLE: "ble", LORA: "lora"}
CAP_BLE = const(1)
CAP_LORA = const(2)

# Status of `Done`
SENT = const(0)
REPLACED = const(1)  # a newer transmit of the same slot took its place
REFUSED = const(2)  # the queue is full, or the head has no such radio
BUSY = const(3)  # LoRa: the channel stayed busy
DUTY_CYCLE = const(4)  # LoRa: the airtime that is not kept for alerts is used up
LATE = const(5)  # LoRa: its window was over before it could be sent
ANSWERED = const(6)  # LoRa: another gateway's answer, of the same hint, was heard

# Flags of `Transmit`
URGENT = const(1)  # it answers an alert: it may use the airtime kept for alerts
ALWAYS = const(2)  # LoRa: another gateway's answer does not stand in for it (SPEC 5.3)

# Keys of `Setting`
FREQUENCY_HZ = const(1)
SPREADING_FACTOR = const(2)
POWER_DBM = const(3)

BOARD_LEN = const(16)

# Field sizes. Negative is signed, more than 8 is bytes and no number.
_REST = const(0)  # the rest of the message is a frame
_LONGEST_NUMBER = const(8)


class LinkMessage:
    """A message made of the fields its class lays out."""

    type = 0
    layout: "tuple[tuple[str, int], ...]" = ()

    def __init__(self, *values: "int | bytes") -> None:
        """Take the fields in the order of the layout."""
        if len(values) != len(self.layout):
            raise ValueError("wrong number of fields")
        for i in range(len(values)):
            setattr(self, self.layout[i][0], values[i])

    def to_bytes(self) -> bytes:
        """Return type and fields; raise `OverflowError` for a value that does not fit."""
        parts = [bytes([self.type])]
        for name, size in self.layout:
            value = getattr(self, name)
            if size == _REST or size > _LONGEST_NUMBER:
                parts.append(bytes(value))
            elif size < 0:
                if not -128 <= value < 128:
                    raise OverflowError(name)
                parts.append(bytes([value & 0xFF]))
            elif value < 0:  # MicroPython's to_bytes would wrap it
                raise OverflowError(name)
            else:
                parts.append(value.to_bytes(size, "big"))
        return b"".join(parts)

    def __eq__(self, other: object) -> bool:
        """Compare as bytes."""
        return isinstance(other, LinkMessage) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.to_bytes())

    def __repr__(self) -> str:
        """Show every field by name."""
        shown = [name + "=" + repr(getattr(self, name)) for name, _ in self.layout]
        return type(self).__name__ + "(" + ", ".join(shown) + ")"


class Hello(LinkMessage):
    """The head says who it is."""

    type = 0x01
    layout = (("version", 1), ("caps", 1), ("build", 2), ("boot", 4))
    version: int
    caps: int
    build: int
    boot: int


class Received(LinkMessage):
    """A frame was heard."""

    type = 0x02
    layout = (("medium", 1), ("rssi", -1), ("snr", -1), ("ms", 4), ("frame", _REST))
    medium: int
    rssi: int
    snr: int
    ms: int
    frame: bytes


class Done(LinkMessage):
    """A transmit has ended, and how: `SENT` to `ANSWERED`."""

    type = 0x03
    layout = (("id", 2), ("status", 1))
    id: int
    status: int


class Stats(LinkMessage):
    """What one radio heard since the last: noise, occupancy, foreign adverts, own drops."""

    type = 0x04
    layout = (("medium", 1), ("noise", -1), ("busy", 1), ("foreign", 4), ("dropped", 4))
    medium: int
    noise: int
    busy: int
    foreign: int
    dropped: int


class Pong(LinkMessage):
    """Answers a ping."""

    type = 0x05
    layout = (("token", 4),)
    token: int


class Identity(LinkMessage):
    """Which head this is: the chip's number, the cause of its start (SPEC 4), its board."""

    type = 0x06
    layout = (("unique", 6), ("cause", 1), ("board", BOARD_LEN))
    unique: int
    cause: int
    board: bytes


class Health(LinkMessage):
    """How the head fares since its start; `lost` counts what the line did not take."""

    type = 0x07
    layout = (("uptime", 4), ("rescans", 2), ("restarts", 2), ("lost", 4), ("digest", 1))
    uptime: int
    rescans: int
    restarts: int
    lost: int
    digest: int


class Channel(LinkMessage):
    """What LoRa uses from now on."""

    type = 0x08
    layout = (("hz", 4), ("sf", 1), ("dbm", -1))
    hz: int
    sf: int
    dbm: int


class HelloRequest(LinkMessage):
    """Asks for a hello."""

    type = 0x81


class Transmit(LinkMessage):
    """Send `frame`: by BLE for `ms`, by LoRa once, not later than `ms` (0: whenever it can)."""

    type = 0x82
    layout = (("id", 2), ("slot", 2), ("medium", 1), ("flags", 1), ("ms", 2), ("frame", _REST))
    id: int
    slot: int
    medium: int
    flags: int
    ms: int
    frame: bytes


class Setting(LinkMessage):
    """Set `key` to `value`."""

    type = 0x83
    layout = (("key", 1), ("value", 4))
    key: int
    value: int


class Ping(LinkMessage):
    """Asks for a pong with the same token."""

    type = 0x84
    layout = (("token", 4),)
    token: int


_TYPES = {
    cls.type: cls
    for cls in (
        Hello,
        Received,
        Done,
        Stats,
        Pong,
        Identity,
        Health,
        Channel,
        HelloRequest,
        Transmit,
        Setting,
        Ping,
    )
}


def parse(data: bytes) -> LinkMessage:
    """Return the message in `data`; raise `Malformed` for an unknown type or a wrong length."""
    if not data or data[0] not in _TYPES:
        raise Malformed("link message type")
    cls = _TYPES[data[0]]
    values: "list[int | bytes]" = []
    at = 1
    for _, size in cls.layout:
        if size == _REST:
            if not FRAME_MIN <= len(data) - at <= FRAME_MAX:
                raise Malformed("frame length")
            values.append(bytes(data[at:]))
            return cls(*values)
        width = abs(size)
        if len(data) < at + width:
            raise Malformed("link message length")
        field = data[at : at + width]
        if size > _LONGEST_NUMBER:
            values.append(bytes(field))
        else:
            value = int.from_bytes(field, "big")
            values.append(value - 256 if size < 0 and value > 127 else value)
        at += width
    if at != len(data):
        raise Malformed("link message length")
    return cls(*values)

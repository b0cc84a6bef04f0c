"""What carries frames: an advertisement (SPEC 8), a capture of the serial line (SPEC 10)."""

import binascii
from collections.abc import Callable, Iterator

from protocol import cobs, link_messages
from protocol.advert import frame_span
from protocol.constants import COMPANY_ID, FRAME_MAX, FRAME_MIN
from protocol.errors import Malformed
from protocol.link_messages import LinkMessage, parse
from protocol.serial_link import parse_packet
from tools.decoding.parts import Part

ExplainFrame = Callable[[bytes, int], Part]
_CRC_LEN = 4
_LONGEST_ADVERT = 31
_LONGEST_PACKET = FRAME_MAX + 32
_AD_NAMES = {0x01: "flags", 0x09: "local name", 0x16: "service data", 0xFF: "manufacturer data"}
_STATUS = {
    link_messages.SENT: "sent",
    link_messages.REPLACED: "replaced by a newer one",
    link_messages.REFUSED: "refused",
    link_messages.BUSY: "the channel stayed busy",
    link_messages.DUTY_CYCLE: "no airtime left but that of alerts",
    link_messages.LATE: "its window was over",
    link_messages.ANSWERED: "another gateway had answered",
}


def explain_advert(payload: bytes, explain_frame: ExplainFrame) -> Part:
    """Explain an advertising payload structure by structure."""
    part = Part("advertisement")
    if len(payload) > _LONGEST_ADVERT:
        return part.refuse("malformed", f"{len(payload)} bytes; a legacy advertisement has 31")
    span = frame_span(payload)
    for start, end, ad_type in _structures(payload):
        data = payload[start + 2 : end]
        name = _AD_NAMES.get(ad_type, f"type {ad_type:02x}")
        meaning = ""
        if ad_type == 0xFF and len(data) >= 2:
            company = int.from_bytes(data[:2], "little")
            ours = "ours" if company == COMPANY_ID else "not ours"
            meaning = f"company {company:04x}, {ours}"
        part.add(name, (start, end), data.hex(), meaning)
    if span >= 0:
        begin = span >> 8
        frame = payload[begin : begin + (span & 0xFF)]
        part.parts.append(explain_frame(frame, begin))
        return part
    return part.refuse("malformed", f"no frame in the advertisement: {_why(payload)}")


def _structures(payload: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and type of each whole AD structure."""
    at = 0
    while at + 1 < len(payload) and payload[at] and at + 1 + payload[at] <= len(payload):
        yield at, at + 1 + payload[at], payload[at + 1]
        at += 1 + payload[at]


def _why(payload: bytes) -> str:
    found = list(_structures(payload))
    end = found[-1][1] if found else 0
    for start, stop, ad_type in found:
        if ad_type == 0xFF and payload[start + 2 : start + 4] == COMPANY_ID.to_bytes(2, "little"):
            length = stop - start - 4
            return f"ours has {length} bytes of data, a frame {FRAME_MIN} to {FRAME_MAX}"
    if end < len(payload) and payload[end]:
        return f"the structure at byte {end} goes past the end"
    return "none of its structures has our company identifier"


def structured(payload: bytes) -> bool:
    """Say whether the whole payload is AD structures."""
    found = list(_structures(payload))
    return bool(found) and found[-1][1] == len(payload) <= _LONGEST_ADVERT


def explain_line(data: bytes, explain_frame: ExplainFrame) -> Part:
    """Explain a capture of the serial line packet by packet."""
    part = Part("serial line")
    for start, packet in packets(data):
        part.parts.append(_explain_packet(packet, start, explain_frame))
    end = data.rfind(0) + 1
    if end < len(data):
        rest = Part("packet")
        rest.add("unfinished", (end, len(data)), data[end:].hex())
        part.parts.append(rest.refuse("malformed", "the capture ends before the 00 of this packet"))
    return part


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield start and bytes of what stands before each zero; nothing is ignored like by a head."""
    at = 0
    while (end := data.find(0, at)) >= 0:
        if end > at:
            yield at, data[at:end]
        at = end + 1


def holds_a_message(data: bytes) -> bool:
    """Say whether at least one packet of a capture is whole."""
    for _, packet in packets(data):
        try:
            parse_packet(packet)
        except Malformed:
            continue
        return True
    return False


def _explain_packet(packet: bytes, start: int, explain_frame: ExplainFrame) -> Part:
    part = Part("packet")
    end = start + len(packet)
    part.add("cobs", (start, start + 1), packet[0], "distance to the first zero")
    if len(packet) > _LONGEST_PACKET:
        return part.refuse("malformed", f"{len(packet)} bytes; a packet has at most 55")
    try:
        data = cobs.decode(packet)
    except Malformed as error:
        return part.refuse("malformed", str(error))
    if len(data) <= _CRC_LEN:
        return part.refuse("malformed", "too short for a message and its CRC")
    message, crc = data[:-_CRC_LEN], int.from_bytes(data[-_CRC_LEN:], "big")
    right = binascii.crc32(message)
    said = "right" if crc == right else f"wrong: it would be {right:08x}"
    # COBS has one block here: byte i of the message stands at i + 1 on the line.
    part.add("crc", (end - _CRC_LEN, end), f"{crc:08x}", said)
    if crc != right:
        return part.refuse("malformed", "the CRC is wrong: damaged on the line")
    try:
        part.parts.append(_explain_message(parse(message), start + 1, explain_frame))
    except Malformed as error:
        part.add("type", (start + 1, start + 2), f"{message[0]:02x}")
        return part.refuse("malformed", str(error))
    return part


def _explain_message(message: LinkMessage, at: int, explain_frame: ExplainFrame) -> Part:
    part = Part(type(message).__name__)
    part.add("type", (at, at + 1), f"{message.type:02x}", part.name)
    at += 1
    for name, size in message.layout:
        value = getattr(message, name)
        if isinstance(value, bytes) and not size:
            part.parts.append(explain_frame(value, at))
        elif isinstance(value, bytes):
            part.add(
                name, (at, at + size), value.hex(), value.rstrip(b"\0").decode("ascii", "replace")
            )
        else:
            part.add(name, (at, at + abs(size)), value, _said(name, value))
        at += abs(size)
    return part


def _said(name: str, value: int) -> str:
    if name == "medium":
        return link_messages.MEDIUM_NAMES.get(value, "reserved")
    if name == "status":
        return _STATUS.get(value, "reserved")
    if name == "caps":
        bits = {link_messages.CAP_BLE: "BLE", link_messages.CAP_LORA: "LoRa"}
        return ", ".join(said for bit, said in bits.items() if value & bit)
    units = {"rssi": "dBm", "noise": "dBm", "snr": "dB", "ms": "milliseconds", "busy": "percent"}
    return units.get(name, "")

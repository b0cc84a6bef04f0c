"""What carries frames: advertising payloads, and the serial line of a radio head."""

import binascii
from random import Random

from protocol import advert, cobs, link_messages, serial_link
from protocol.constants import FRAME_MAX, FRAME_MIN
from protocol.errors import ProtocolError
from tools.bench.fuzzing.target import changed, insist, vectors

_MESSAGES_KEPT = 64
_COMPANY = b"\xff\xff"


class Adverts:
    """A gateway's own radio takes whatever is on air."""

    longest = 64

    def seeds(self) -> list[bytes]:
        """Return the advertisements of the vectors, good and bad."""
        return [bytes.fromhex(case["payload"]) for case in vectors("adverts")]

    def mutate(self, data: bytes, chance: Random) -> bytes:
        """Return AD structures around a frame, with a single change."""
        structures = [self._structure(chance) for _ in range(chance.randrange(3))]
        frame = chance.randbytes(chance.randrange(FRAME_MIN - 2, FRAME_MAX + 2))
        ours = bytes([len(frame) + 3, 0xFF]) + _COMPANY + frame
        structures.insert(chance.randrange(len(structures) + 1), ours)
        return changed(chance.choice((data, b"".join(structures))), chance)

    @staticmethod
    def _structure(chance: Random) -> bytes:
        data = chance.randbytes(chance.randrange(6))
        return bytes([len(data) + 1, chance.choice((1, 9, 0x16, 0xFF))]) + data

    def one(self, data: bytes) -> None:
        """Look for a frame."""
        span = advert.frame_span(data)
        try:
            frame = advert.from_advert(data)
        except ProtocolError:
            insist(span == -1, "a frame that was there was not taken")
            return
        at = span >> 8
        insist(span >= 0, "a frame that was not there was taken")
        insist(FRAME_MIN <= len(frame) <= FRAME_MAX, "a frame of another length")
        insist(data[at - 2 : at + len(frame)] == _COMPANY + frame, "a frame from elsewhere")


class SerialLines:
    """A gateway reads its serial line, in whatever pieces it comes."""

    longest = 400

    def seeds(self) -> list[bytes]:
        """Return the captures of the vectors."""
        return [bytes.fromhex(case["wire"]) for case in vectors("serial_link")]

    def mutate(self, data: bytes, chance: Random) -> bytes:
        """Return whole packets with a right CRC around odd messages, then perhaps damaged."""
        message = self._message(chance)
        if chance.randrange(2):
            message = changed(message, chance)
        crc = binascii.crc32(message).to_bytes(4, "big")
        packet = cobs.encode((message + crc)[:254]) + b"\0"
        if chance.randrange(4) == 0:
            packet = changed(packet, chance)
        return data[: chance.randrange(len(data) + 1)] + packet

    @staticmethod
    def _message(chance: Random) -> bytes:
        number = chance.choice((1, 2, 3, 4, 5, 0x81, 0x82, 0x83, 0x84, chance.randrange(256)))
        return bytes([number]) + chance.randbytes(chance.randrange(34))

    def one(self, data: bytes) -> None:
        """Feed it whole and in pieces; the messages are the same, and those of each packet."""
        whole, pieces = serial_link.SerialLink(), serial_link.SerialLink()
        whole.feed(data)
        step = data[0] % 7 + 1 if data else 1
        for at in range(0, len(data), step):
            pieces.feed(data[at : at + step])
        taken = self._taken(whole)
        insist(taken == self._taken(pieces), "the pieces of a line matter")
        insist(whole.errors == pieces.errors, "the pieces of a line matter to what is counted")
        insist(len(taken) <= _MESSAGES_KEPT, "memory is not bounded")
        insist(taken == self._expected(data)[:_MESSAGES_KEPT], "a packet was taken for another")

    @staticmethod
    def _taken(link: serial_link.SerialLink) -> list[bytes]:
        taken = []
        while (message := link.take()) is not None:
            taken.append(message.to_bytes())
        return taken

    @staticmethod
    def _expected(data: bytes) -> list[bytes]:
        expected = []
        for packet in data.split(b"\0")[:-1]:
            try:
                message = cobs.decode(packet)
                crc = binascii.crc32(message[:-4])
                if len(packet) <= FRAME_MAX + 32 and message[-4:] == crc.to_bytes(4, "big"):
                    expected.append(link_messages.parse(message[:-4]).to_bytes())
            except ProtocolError:
                continue
        return expected

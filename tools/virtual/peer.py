"""A gateway's end of the air for tests of one board: it hears, unprotects, and answers as told."""

from dataclasses import dataclass

from protocol import advert
from protocol.bulk import hint_blocks
from protocol.constants import UP
from protocol.errors import ProtocolError
from protocol.keys import Keys
from protocol.kinds import COVERED
from protocol.messages import Answer, Message, parse_uplink
from protocol.protect import Downlink, Uplink
from tools.virtual.ble_air import ADV_SCAN_IND, Report
from tools.virtual.world import World

_ADDRESS = bytes.fromhex("c0ffee000001")
_ADVERTISE_US = 20_000


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame, at its first hearing."""

    at_us: int
    counter: int
    message: Message
    address: bytes
    frame: bytes


class Peer:
    """Hears one device; `answer_op` is what it says to each new frame (None: silence)."""

    def __init__(
        self, world: World, key: bytes, counters: range = range(4096), name: str = "peer"
    ) -> None:
        """Expect frames under `key` with any of `counters`."""
        keys = Keys(key)
        self.heard: list[Heard] = []
        self.answer_op: int | None = None
        self.answer_arg = COVERED
        self.answer_mark = 0
        self._world = world
        self._uplink = Uplink(keys)
        self._downlink = Downlink(keys)
        blocks = hint_blocks(keys.up_hint, UP, counters.start, len(counters))
        self._counters = {
            blocks[16 * i : 16 * i + 4]: counter for i, counter in enumerate(counters)
        }
        self._frames: set[bytes] = set()
        self.radio = world.ble.radio(name, self._on_report)
        self.radio.scan(30_000, 30_000)

    def answer(self, op: int, counter: int, seconds: float = 0.4, seq: int = 0) -> None:
        """Advertise an answer to `counter`."""
        frame = bytearray(15)
        content = Answer(op, self.answer_arg, seq, mark=self.answer_mark).to_bytes()
        self._downlink.protect(counter, content, frame)
        report = Report(0, _ADDRESS, ADV_SCAN_IND, 0, bytes(advert.to_advert(frame)))
        self.radio.advertise(_ADVERTISE_US, report)
        self._world.clock.after(round(seconds * 1_000_000), self.radio.stop_advertising)

    def _on_report(self, report: Report) -> None:
        try:
            frame = advert.from_advert(report.data)
            counter = self._counters[frame[:4]]
            message = parse_uplink(self._uplink.unprotect(counter, frame))
        except (ProtocolError, KeyError):
            return
        if frame in self._frames:
            return
        self._frames.add(frame)
        now_us = self._world.clock.now_us
        self.heard.append(Heard(now_us, counter, message, report.address, frame))
        if self.answer_op is not None:
            self.answer(self.answer_op, counter)

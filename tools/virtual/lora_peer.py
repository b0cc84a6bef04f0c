"""A gateway's end of the LoRa air for tests: it hears devices, unprotects, and answers as told.

It answers every hearing of a frame, as SPEC 9 asks: 40 ms and a random 0 to 3 times the time on air
after it, once the channel is free, unless another gateway has answered meanwhile.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from protocol.bulk import hint_blocks
from protocol.constants import UP
from protocol.errors import ProtocolError
from protocol.keys import Keys
from protocol.kinds import COVERED
from protocol.messages import Answer, Message, parse_uplink
from protocol.protect import Downlink, Uplink
from tools.virtual.lora_radio import LoraRadio, Reception
from tools.virtual.lora_signal import channel
from tools.virtual.world import World

STAGGER_US = 40_000
_BUSY_RESULTS = 5
_CAD_SYMBOLS = 4
_ANSWER_LEN = 15


@dataclass(frozen=True, slots=True)
class LoraHeard:
    """One frame, at its first hearing."""

    at_us: int
    device: str
    counter: int
    message: Message
    frame: bytes
    rssi: float
    snr: float


class _Sender:
    """What is known of one device: its keys, and the counters by their hints."""

    def __init__(self, name: str, key: bytes, counters: range) -> None:
        keys = Keys(key)
        self.name = name
        self.uplink = Uplink(keys)
        self.downlink = Downlink(keys)
        blocks = hint_blocks(keys.up_hint, UP, counters.start, len(counters))
        self.hints = {blocks[16 * i : 16 * i + 4]: counter for i, counter in enumerate(counters)}


class LoraPeer:
    """Hears devices by their keys; `answer_op` is what it says to each frame (None: silence)."""

    def __init__(
        self,
        world: World,
        keys: Mapping[str, bytes],
        counters: range = range(1024),
        name: str = "lora peer",
    ) -> None:
        """Expect frames under `keys`, by name of device, with any of `counters`; see `tune`."""
        self.heard: list[LoraHeard] = []
        self.hearings: list[tuple[int, bytes]] = []  # of every frame, each time
        self.answers: list[tuple[int, str, int]] = []  # when on air, to which device and counter
        self.answer_op: int | None = None
        self.answer_arg = COVERED
        self.answer_mark = 0
        self.on_heard: Callable[[LoraHeard], None] = lambda _heard: None
        self._dbm = 14.0
        self._world = world
        self._rng = random.Random(name)
        self._senders = {name: _Sender(name, key, counters) for name, key in keys.items()}
        self._hints = {hint: one for one in self._senders.values() for hint in one.hints}
        self._frames: set[bytes] = set()
        self._answered: set[bytes] = set()  # hints that another gateway has used
        self._planned: set[bytes] = set()
        self.radio: LoraRadio = world.lora.radio(name)
        self.radio.on_packet = self._on_packet
        self.radio.on_sent = self.radio.listen
        self.radio.listen()

    def tune(self, sf: int, hz: int = 869_525_000, dbm: float = 14.0) -> None:
        """Listen and answer so from now on; before it is SF 9 at 869.525 MHz with 14 dBm."""
        self._dbm = dbm
        self.radio.modulation = channel(sf, hz)
        self.radio.listen()

    def frames(self, device: str) -> list[LoraHeard]:
        """Return what was heard of one device."""
        return [heard for heard in self.heard if heard.device == device]

    def answer(self, op: int, device: str, counter: int, seq: int = 0) -> None:
        """Answer `counter` of `device`, when the channel is free."""
        frame = bytearray(_ANSWER_LEN)
        content = Answer(op, self.answer_arg, seq, mark=self.answer_mark).to_bytes()
        self._senders[device].downlink.protect(counter, content, frame)
        if bytes(frame) not in self._planned:
            self._planned.add(bytes(frame))
            self._answered.discard(bytes(frame[:4]))
            delay_us = STAGGER_US + self._rng.randrange(3 * self._air_us() + 1)
            self._plan(delay_us, (device, counter, bytes(frame)), 0)

    def _plan(self, delay_us: int, answer: tuple[str, int, bytes], busy: int) -> None:
        self._world.clock.after(delay_us, partial(self._try, answer, busy))

    def _try(self, answer: tuple[str, int, bytes], busy: int) -> None:
        device, counter, frame = answer
        if frame[:4] in self._answered:
            self._planned.discard(frame)
        elif busy < _BUSY_RESULTS and self._channel_is_busy():
            self._plan(self._rng.randint(1, 8) * self._air_us(), answer, busy + 1)
        elif self.radio.sending:
            self._plan(self._air_us(), answer, busy)
        else:
            self._planned.discard(frame)
            self.answers.append((self._world.clock.now_us, device, counter))
            self.radio.transmit(frame, self._dbm)

    def _channel_is_busy(self) -> bool:
        symbol_us = self.radio.modulation.symbol_us
        looked_us = self._world.clock.now_us - _CAD_SYMBOLS * symbol_us
        return self.radio.sending or self.radio.active(looked_us)

    def _air_us(self) -> int:
        return self.radio.modulation.time_on_air_us(_ANSWER_LEN)

    def _on_packet(self, reception: Reception) -> None:
        if not reception.whole:
            return
        frame = reception.payload
        sender = self._hints.get(frame[:4])
        if sender is None:
            self._answered.add(frame[:4])
            return
        counter = sender.hints[frame[:4]]
        try:
            message = parse_uplink(sender.uplink.unprotect(counter, frame))
        except ProtocolError:
            return
        self._take(sender.name, counter, message, reception)
        if self.answer_op is not None:
            self.answer(self.answer_op, sender.name, counter)

    def _take(self, device: str, counter: int, message: Message, reception: Reception) -> None:
        now_us, frame = self._world.clock.now_us, reception.payload
        self.hearings.append((now_us, frame))
        if frame in self._frames:
            return
        self._frames.add(frame)
        heard = LoraHeard(now_us, device, counter, message, frame, reception.rssi, reception.snr)
        self.heard.append(heard)
        self.on_heard(heard)

"""A gateway's devices and what it remembers of them, and what the air brings it, in memory."""

import random
from collections.abc import Callable
from functools import partial
from unittest import mock

from Crypto.Cipher import AES

from gateway.events import Received, Uplink
from gateway.frames.authenticate import authenticate
from gateway.frames.device_state import DeviceState
from gateway.frames.lookahead import CHUNK, LookAhead
from protocol.advert import from_advert, to_advert
from protocol.aes import Aes
from protocol.constants import FRAME_MIN, TIME_UNKNOWN
from protocol.errors import ProtocolError
from protocol.keys import Keys
from protocol.kinds import heartbeat_word
from protocol.protect import Uplink as UplinkFrames
from tools.bench.rounds import Work

REPEATS = 10  # an advertisement of 400 ms is heard a dozen times

_BODY = heartbeat_word(0, 0, 0, TIME_UNKNOWN).to_bytes(3, "big")


class TableAes:
    """AES by tables, as pycryptodome has it without the instructions: a Raspberry Pi 4 has none."""

    def __init__(self, key: bytes) -> None:
        """Take the 16-byte `key`."""
        self.encrypt = AES.new(key, AES.MODE_ECB, use_aesni=False).encrypt

    def encrypt_into(self, blocks: bytes, out: bytearray) -> None:
        """Do the same into `out`."""
        self.encrypt(blocks, output=out)


class Site:
    """`count` devices, each somewhere in its counters, heard in turn; with AES instructions or without."""

    def __init__(self, count: int, *, aesni: bool = True) -> None:
        """Enrol them all and hear each twice."""
        chance = random.Random(count)
        with mock.patch("protocol.keys.Aes", Aes if aesni else TableAes):
            keys = [Keys(chance.randbytes(16)) for _ in range(count)]
        self._names = [f"button-{number}" for number in range(count)]
        self._frames = [UplinkFrames(each) for each in keys]
        # Anywhere in a chunk, so that every round has its share of refills.
        self._next = [1_000 + chance.randrange(CHUNK) for _ in range(count)]
        self._turn = 0
        self._states: dict[str, DeviceState] = {}
        self._state_of = self._states.__getitem__
        self.lookahead = LookAhead()
        for name, each, counter in zip(self._names, keys, self._next, strict=True):
            self._states[name] = DeviceState(counter)
            self.lookahead.add(name, each, counter - 1)
        for payload in self.send(2 * count):
            self.accept(payload)

    def send(self, count: int) -> list[bytes]:
        """Return the advertisements of the next `count` frames, the devices taking turns."""
        return [bytes(to_advert(self._frame())) for _ in range(count)]

    def _frame(self) -> bytearray:
        at = self._turn
        self._turn = (at + 1) % len(self._names)
        frame = bytearray(FRAME_MIN)
        self._frames[at].protect(self._next[at], _BODY, frame)
        self._next[at] += 1
        return frame

    def accept(self, payload: bytes) -> None:
        """Take one advertisement all the way to what is remembered and expected next."""
        received = Received(from_advert(payload), "head", "ble", -60, 0, 0.0, 0.0)
        heard = authenticate(received, self.lookahead, self._state_of)
        if type(heard) is Uplink:
            # A draft, as the gateway has it until the commit; then that is what it knows.
            state = self._states[heard.device].copy()
            state.accept(heard.counter, received.frame)
            self._states[heard.device] = state
            self.lookahead.advance(heard.device, state.window.highest)

    def accepts(self, payloads: list[bytes]) -> None:
        """Take many."""
        for payload in payloads:
            self.accept(payload)

    def refuses(self, payloads: list[bytes]) -> int:
        """Take many that may be wrong; return how many were."""
        refused = 0
        for payload in payloads:
            try:
                self.accept(payload)
            except ProtocolError:
                refused += 1
        return refused

    def accepting(self, units: int) -> Work:
        """Prepare a round of new, genuine frames."""
        return Work(units, partial(self.accepts, self.send(units)))

    def duplicates(self, units: int) -> Work:
        """Prepare a round of frames just accepted, each heard `REPEATS` times more, mixed."""
        heard = self.send(units // REPEATS)
        self.accepts(heard)
        return Work(len(heard) * REPEATS, partial(self.accepts, heard * REPEATS))

    def unknown(self, units: int) -> Work:
        """Prepare a round of frames nobody has sent."""
        noise = [bytes(to_advert(random.randbytes(FRAME_MIN))) for _ in range(units)]
        return Work(units, _all(self.refuses, noise))

    def forged(self, units: int) -> Work:
        """Prepare a round of frames with the hint that a device will use next, and a wrong tag."""
        before = self._turn, self._next.copy()
        genuine = self.send(units)
        self._turn, self._next = before
        wrong = [payload[:-1] + bytes([payload[-1] ^ 1]) for payload in genuine]
        return Work(units, _all(self.refuses, wrong))


def _all(refuses: Callable[[list[bytes]], int], payloads: list[bytes]) -> Callable[[], None]:
    """Refuse every payload; if one is taken, what is measured is something else."""

    def run() -> None:
        if refuses(payloads) != len(payloads):
            raise RuntimeError("a wrong frame was taken")

    return run

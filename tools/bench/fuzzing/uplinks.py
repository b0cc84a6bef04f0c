"""Frames to a gateway: authenticated against a real look-ahead and real states, then remembered."""

from random import Random

from gateway.events import Duplicate, Received, Uplink
from gateway.frames import authenticate as gate
from gateway.frames.device_state import DeviceState
from gateway.frames.lookahead import LookAhead
from protocol import protect, whole_ccm
from protocol.constants import BODY_MAX, BODY_MIN, COUNTER_LIMIT, OVERHEAD, UP
from protocol.errors import BadTag, ProtocolError
from protocol.keys import Keys
from tools.bench.fuzzing.target import changed, insist, joined, records, vectors

_KEYS = {"a": bytes(range(16)), "b": b"another key here", "c": b"a third key here"}
_HIGHEST = {"a": 100, "b": -1, "c": 100}
_MOST_FRAMES = 12


class Uplinks:
    """A gateway of three devices, two of which have the same hints; it hears a few frames."""

    longest = 300

    def __init__(self) -> None:
        """Enrol the devices."""
        self._keys = {name: Keys(key) for name, key in _KEYS.items()}
        self._keys["c"].up_hint = self._keys["a"].up_hint  # every hint of these two collides
        self._frames = {name: protect.Uplink(keys) for name, keys in self._keys.items()}
        self._begin()

    def _begin(self) -> None:
        self._states = {name: DeviceState(_HIGHEST[name] + 1) for name in _KEYS}
        self._lookahead = LookAhead()
        for name, keys in self._keys.items():
            self._lookahead.add(name, keys, _HIGHEST[name])
        self._accepted: set[bytes] = set()
        self._at_first = self._remembered()

    def seeds(self) -> list[bytes]:
        """Return every uplink of the vectors, and a press as each device sends it."""
        theirs = [joined([bytes.fromhex(case["frame"])]) for case in vectors("uplinks")]
        presses = [self._genuine(name, 112, bytes.fromhex("100064")) for name in _KEYS]
        return [*theirs, joined(presses), joined(presses[:1] * 2)]

    def mutate(self, data: bytes, chance: Random) -> bytes:
        """Return frames as devices make them, the last one with a single change."""
        kept = records(data)[: chance.randrange(_MOST_FRAMES)]
        name = chance.choice(list(_KEYS))
        near = max(_HIGHEST[name], 0) + chance.randrange(-40, 200)
        counter = chance.choice((max(near, 0), chance.randrange(COUNTER_LIMIT)))
        length = chance.choice((BODY_MIN, chance.randrange(BODY_MIN, BODY_MAX + 1)))
        frame = self._genuine(name, counter, chance.randbytes(length))
        again = [frame] if chance.randrange(3) == 0 else []
        return joined([*kept, *again, changed(frame, chance) if chance.randrange(3) else frame])

    def _genuine(self, name: str, counter: int, body: bytes) -> bytes:
        frame = bytearray(len(body) + OVERHEAD)
        self._frames[name].protect(counter, body, frame)
        return bytes(frame)

    def one(self, data: bytes) -> None:
        """Hear the frames; the next ones find everything as it was."""
        try:
            for frame in records(data)[:_MOST_FRAMES]:
                self._hear(frame)
        finally:
            if self._remembered() != self._at_first:
                self._begin()

    def _hear(self, frame: bytes) -> None:
        before = self._remembered()
        received = Received(frame, "head", "ble", -60, 0, 0.0, 0.0)
        try:
            heard = gate.authenticate(received, self._lookahead, self._states.__getitem__)
        except ProtocolError:
            heard = None
        insist(self._remembered() == before, "authenticate changed a state")
        if isinstance(heard, Duplicate):
            insist(frame in self._accepted, "a duplicate of nothing")
        elif isinstance(heard, Uplink):
            insist(self._is_authentic(heard), "a wrong tag was taken")
            state = self._states[heard.device]
            state.accept(heard.counter, frame)
            self._lookahead.advance(heard.device, state.window.highest)
            self._accepted.add(frame)

    def _is_authentic(self, heard: Uplink) -> bool:
        """Check by the plain form of RFC 3610, which shares no code with the gateway's."""
        nonce = bytes([UP]) + heard.counter.to_bytes(4, "big") + bytes(8)
        sealed = heard.received.frame[4:]
        try:
            body = whole_ccm.unseal(self._keys[heard.device].up_enc, nonce, sealed, b"", 8)
        except BadTag:
            return False
        return int.from_bytes(body[:3], "big") >> 20 == heard.message.word() >> 20

    def _remembered(self) -> tuple[object, ...]:
        states = [
            (state.window.to_bytes(), tuple(state.recent.items()), state.heard_at)
            for state in self._states.values()
        ]
        return (*states, len(self._lookahead))

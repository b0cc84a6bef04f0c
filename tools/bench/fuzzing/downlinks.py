"""Frames to a device that waits for answers to its last four uplinks."""

from random import Random

from protocol import messages, protect
from protocol.constants import BODY_MIN, CONTENT_MAX, LAST_COUNTERS, OVERHEAD
from protocol.errors import ProtocolError
from protocol.keys import Keys
from protocol.names import OP_NAMES
from tools.bench.fuzzing.target import changed, insist, joined, records, vectors

_KEY = bytes(range(16))
_FIRST = 32
_MOST_FRAMES = 8


class Downlinks:
    """A device: compares the hint, checks the tag, and only then knows what was said."""

    longest = 200

    def __init__(self) -> None:
        """Wait for answers."""
        self._downlink = protect.Downlink(Keys(_KEY))
        self._gateway = protect.Downlink(Keys(_KEY))

    def seeds(self) -> list[bytes]:
        """Return the downlinks of the vectors, and acks of every stage."""
        theirs = [joined([bytes.fromhex(case["frame"])]) for case in vectors("downlinks")]
        acks = [
            self._genuine(_FIRST + stage % LAST_COUNTERS, messages.Answer(stage, 0xFF).to_bytes())
            for stage in OP_NAMES
        ]
        return [*theirs, joined(acks)]

    def mutate(self, data: bytes, chance: Random) -> bytes:
        """Return an answer as a gateway makes it, with a single change."""
        counter = _FIRST + chance.randrange(-1, LAST_COUNTERS + 1)
        content = chance.randbytes(chance.randrange(BODY_MIN, CONTENT_MAX + 1))
        frame = self._genuine(counter, content)
        kept = records(data)[: chance.randrange(_MOST_FRAMES)]
        return joined([*kept, changed(frame, chance) if chance.randrange(3) else frame])

    def _genuine(self, counter: int, content: bytes) -> bytes:
        frame = bytearray(len(content) + OVERHEAD)
        self._gateway.protect(counter, content, frame)
        return bytes(frame)

    def one(self, data: bytes) -> None:
        """Hear the frames."""
        for frame in records(data)[:_MOST_FRAMES]:
            for counter in range(_FIRST, _FIRST + LAST_COUNTERS):
                self._hear(counter, frame)

    def _hear(self, counter: int, frame: bytes) -> None:
        content = bytearray(b"\xff" * max(len(frame) - OVERHEAD, 0))
        try:
            right = self._downlink.unprotect_into(counter, frame, content)
        except ProtocolError:
            insist(content == b"\xff" * len(content), "a malformed frame was read")
            return
        if not right:
            insist(not any(content), "a device may read what no tag has proved")
            return
        # The content is in its own nonce: one content of one counter makes one frame.
        insist(self._genuine(counter, bytes(content))[4:] == frame[4:], "a wrong tag was taken")
        answer = messages.parse_downlink(bytes(content))
        insist(answer.to_bytes()[:2] == content[:2], "the answer is not what the content says")

"""Which (device, counter) a hint may stand for: a dictionary kept a little ahead of every device.

Each device is expected in aligned chunks of 32 counters, from 32 behind its highest accepted
counter (the unseen that may come late, the accepted that may come again) to 128 ahead of it (a
reboot skips up to 32 + 64). What is further away is found by no frame here: a search for it would
begin where `find` yields nothing. A chunk holds its hints at once and, from its first frame on, the
`uplink_pads` of all its counters, so that checking a frame costs one AES block.
"""

from collections.abc import Iterator, Sequence

from protocol.bulk import hint_blocks, unprotect_padded, uplink_pads
from protocol.constants import BODY_MIN, COUNTER_LIMIT, HINT_LEN, OVERHEAD, UP
from protocol.keys import Keys
from protocol.protect import Uplink

CHUNK = 32
AHEAD = 128
BEHIND = 32
_ORDINARY_LEN = BODY_MIN + OVERHEAD
_HINT_PLACES = range(0, CHUNK * HINT_LEN, HINT_LEN)


class Chunk:
    """The 32 counters of one device from `first` on."""

    __slots__ = ("_enc", "_keys", "_pads", "device", "first", "hints")

    def __init__(self, device: str, keys: Keys, first: int) -> None:
        """Compute the hints; the pads wait until they are needed."""
        self.device = device
        self.first = first
        self._keys = keys
        self._enc = keys.up_enc
        self._pads = b""
        blocks = hint_blocks(keys.up_hint, UP, first, CHUNK)
        self.hints = b"".join(blocks[at : at + HINT_LEN] for at in range(0, len(blocks), 16))

    def counter_of(self, hint: bytes) -> int:
        """Return the counter that `hint`, one of this chunk, stands for."""
        at = self.hints.find(hint)
        while at % HINT_LEN:  # a match across two hints is chance
            at = self.hints.find(hint, at + 1)
        return self.first + at // HINT_LEN

    def unprotect(self, counter: int, frame: bytes) -> bytes:
        """Return the body of `frame` if `counter` is its counter; raise `BadTag`."""
        if len(frame) != _ORDINARY_LEN:
            return Uplink(self._keys).unprotect(counter, frame)
        if not self._pads:
            self._pads = uplink_pads(self._enc, BODY_MIN, self.first, CHUNK)
        return unprotect_padded(self._enc, self._pads, (counter - self.first) * 48, frame)


class LookAhead:
    """The dictionary. Hints collide now and then: every chunk that claims one is offered."""

    def __init__(self) -> None:
        """Begin with no device."""
        self._chunks: dict[bytes, Chunk] = {}
        self._collided: dict[bytes, list[Chunk]] = {}
        self._of_device: dict[str, dict[int, Chunk]] = {}
        self._keys: dict[str, Keys] = {}
        self._place: dict[str, int] = {}
        # hint -> the first chunk that expects it, or None; bound here, a flood costs no more.
        self.first = self._chunks.get

    def add(self, device: str, keys: Keys, highest: int) -> None:
        """Expect `device`, whose highest accepted counter is `highest` (-1: none)."""
        self._of_device[device] = {}
        self._keys[device] = keys
        self._place.pop(device, None)
        self.advance(device, highest)

    def remove(self, device: str) -> None:
        """Expect nothing of `device` any more."""
        for chunk in self._of_device.pop(device, {}).values():
            self._drop(chunk)
        self._keys.pop(device, None)

    def advance(self, device: str, highest: int) -> None:
        """Move what is expected of `device` along with its highest accepted counter."""
        if self._place.get(device) == highest // CHUNK:
            return  # both ends are a whole number of chunks away
        self._place[device] = highest // CHUNK
        chunks = self._of_device[device]
        begin = max(highest - BEHIND, 0) // CHUNK * CHUNK
        end = min(highest + AHEAD, COUNTER_LIMIT - 1) // CHUNK * CHUNK
        for first in [first for first in chunks if not begin <= first <= end]:
            self._drop(chunks.pop(first))
        for first in range(begin, end + 1, CHUNK):
            if first not in chunks:
                chunks[first] = self._enter(Chunk(device, self._keys[device], first))

    def find(self, frame: bytes) -> Iterator[Chunk]:
        """Yield every chunk that expects the hint of `frame`."""
        hint = frame[:HINT_LEN]
        chunk = self.first(hint)
        if chunk is not None:
            yield chunk
            yield from self.others(hint)

    def others(self, hint: bytes) -> Sequence[Chunk]:
        """Return the chunks that expect `hint` beside the first."""
        return self._collided.get(hint, ())

    def __len__(self) -> int:
        """Count the hints."""
        return len(self._chunks) + sum(map(len, self._collided.values()))

    def _enter(self, chunk: Chunk) -> Chunk:
        chunks, hints = self._chunks, chunk.hints
        for at in _HINT_PLACES:
            hint = hints[at : at + HINT_LEN]
            if chunks.setdefault(hint, chunk) is not chunk:
                self._collided.setdefault(hint, []).append(chunk)
        return chunk

    def _drop(self, chunk: Chunk) -> None:
        hints, collided = chunk.hints, self._collided
        for at in _HINT_PLACES:
            hint = hints[at : at + HINT_LEN]
            if hint in collided:
                self._drop_collided(chunk, hint)
            else:
                self._chunks.pop(hint, None)

    def _drop_collided(self, chunk: Chunk, hint: bytes) -> None:
        others = self._collided[hint]
        if chunk in others:
            others.remove(chunk)
        else:
            self._chunks[hint] = others.pop(0)
        if not others:
            del self._collided[hint]

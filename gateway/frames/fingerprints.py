"""16 bits of the tag of every accepted frame in the window: tells a replay from a reused counter.

stored form   1,024 x fingerprint 2, at counter mod 1,024: first two bytes of the tag, 0000 as 0001
              0000: not known, or two frames with this counter were accepted

A place is asked for only while the window holds its counter as accepted. What was written for the
counter 1,024 below or above cannot be met there: one of the two is outside the window by then. So the
window may move without anything being cleared.
"""

from protocol.constants import TAG_LEN, WINDOW_BITS
from protocol.errors import Malformed

_LEN = 2
STORED_LEN = _LEN * WINDOW_BITS
_NOT_KNOWN = bytes(_LEN)


class Fingerprints:
    """What the accepted frames of one device looked like, 2,048 bytes."""

    __slots__ = ("_places",)

    def __init__(self, stored: bytes | bytearray = bytes(STORED_LEN)) -> None:
        """Begin with nothing known or with a stored form; raise `Malformed`."""
        if len(stored) != STORED_LEN:
            raise Malformed("fingerprints length")
        self._places = bytearray(stored)

    def accept(self, counter: int, frame: bytes) -> None:
        """Remember the frame that made `counter` accepted."""
        self._put(counter, _of(frame))

    def reuse(self, counter: int) -> None:
        """Remember that `counter` has had two frames.

        Neither may raise again, and one place cannot name both: from now on none can be told apart.
        """
        self._put(counter, _NOT_KNOWN)

    def knows(self, counter: int) -> bool:
        """Say whether `counter`, in the window, was accepted for one frame, and it is known which."""
        at = _LEN * (counter % WINDOW_BITS)
        return self._places[at : at + _LEN] != _NOT_KNOWN

    def differs(self, counter: int, frame: bytes) -> bool:
        """Say whether `frame` is surely not the one that made `counter`, in the window, accepted.

        A replay never differs. A reuse differs except for 2^-16 of them, and except for a counter
        whose frame is not known: where it cannot be told, nothing is to be raised.
        """
        at = _LEN * (counter % WINDOW_BITS)
        known = self._places[at : at + _LEN]
        return known not in (_NOT_KNOWN, _of(frame))

    def copy(self) -> "Fingerprints":
        """Return what can be changed without changing these."""
        return Fingerprints(self._places)

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        return bytes(self._places)

    def _put(self, counter: int, fingerprint: bytes) -> None:
        at = _LEN * (counter % WINDOW_BITS)
        self._places[at : at + _LEN] = fingerprint


def _of(frame: bytes) -> bytes:
    fingerprint = frame[-TAG_LEN : _LEN - TAG_LEN]
    return fingerprint if fingerprint != _NOT_KNOWN else b"\x00\x01"

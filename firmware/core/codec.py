"""Frames of this device: the next uplink into an advertisement, and whether a frame heard answers it.

Building and checking allocate nothing: every buffer is made once.
"""

from firmware.core.counter import Counter
from protocol import advert, kinds
from protocol.constants import BODY_MIN, FRAME_MIN, HINT_LEN, LAST_COUNTERS
from protocol.keys import Keys
from protocol.portable import const
from protocol.protect import Downlink, Uplink

NONE_HEARD = const(-1)


class Codec:
    """Holds the keys; turns words into adverts and downlinks into words."""

    __slots__ = (
        "_body",
        "_content",
        "_counters",
        "_downlink",
        "_frame",
        "_hints",
        "_slot",
        "_uplink",
        "advert",
        "counter",
        "heard_counter",
    )

    def __init__(self, key: bytes, counter: Counter) -> None:
        """Take the device key and the counter to draw from."""
        keys = Keys(key)
        self._uplink = Uplink(keys)
        self._downlink = Downlink(keys)
        self.counter = counter
        self._body = bytearray(BODY_MIN)
        self._content = bytearray(BODY_MIN)
        self._frame = bytearray(FRAME_MIN)
        self.advert = advert.advert_buffer(FRAME_MIN)  # what is to be advertised
        self._hints = [bytearray(HINT_LEN) for _ in range(LAST_COUNTERS)]
        self._counters = [NONE_HEARD] * LAST_COUNTERS
        self._slot = 0
        self.heard_counter = NONE_HEARD  # the uplink that the last downlink answered

    def send(self, word: int) -> None:
        """Take a counter and put the frame of `word` into `advert`."""
        counter = self.counter.take()
        kinds.put_word(word, self._body)
        self._uplink.protect(counter, self._body, self._frame)
        for i in range(FRAME_MIN):
            self.advert[advert.HEADER_LEN + i] = self._frame[i]
        self._downlink.hint(counter, self._hints[self._slot])
        self._counters[self._slot] = counter
        self._slot = (self._slot + 1) % LAST_COUNTERS

    def receive(self, frame: bytearray, length: int) -> int:
        """Return the word of a downlink that answers one of the last four uplinks, or `NONE_HEARD`.

        `frame` may be longer than `length`; what is not ours costs a comparison of hints.
        """
        if length != FRAME_MIN:
            return NONE_HEARD
        for i in range(LAST_COUNTERS):
            if self._counters[i] >= 0 and self._hint_is(frame, self._hints[i]):
                for at in range(FRAME_MIN):
                    self._frame[at] = frame[at]
                if self._downlink.unprotect_into(self._counters[i], self._frame, self._content):
                    self.heard_counter = self._counters[i]
                    return kinds.word_of(self._content)
        return NONE_HEARD

    def _hint_is(self, frame: bytearray, hint: bytearray) -> bool:
        return (
            frame[0] == hint[0]
            and frame[1] == hint[1]
            and frame[2] == hint[2]
            and frame[3] == hint[3]
        )

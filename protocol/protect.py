"""protect and unprotect: from body and counter to frame, and back only if the tag is right.

    uplink    hint 4 | body 3..11 ^ S_1    | tag 8   AES-CCM, nonce 01 | counter 4 | zeros 8
    downlink  hint 4 | content 3..7 ^ mask | tag 8   AES-CCM of nothing,
                                           nonce 02 | counter 4 | length 1 | content, zeros to 7
    mask      first bytes of E(K_down_hint, 03 | counter 4 | tag 8 | zeros 3)

The content of a downlink stands in its nonce, so two gateways that answer the same uplink with the
same content make the same frame, and with other content use another nonce: gateways share no state.
"""

from protocol.ccm import ShortCcm
from protocol.constants import (
    BODY_MAX,
    BODY_MIN,
    CONTENT_MAX,
    COUNTER_LIMIT,
    DOWN,
    HINT_LEN,
    MASK,
    OVERHEAD,
    TAG_LEN,
    UP,
)
from protocol.errors import BadTag, Malformed
from protocol.hint import Hinter
from protocol.keys import Keys
from protocol.portable import copy, put_counter, xor

_NOTHING = bytearray(0)


class Uplink:
    """Frames from one device. `protect` allocates nothing."""

    __slots__ = ("_ccm", "_hinter")

    def __init__(self, keys: Keys) -> None:
        """Take the keys of the device."""
        self._ccm = ShortCcm(keys.up_enc)
        self._ccm.nonce[0] = UP
        self._hinter = Hinter(keys.up_hint, UP)

    def protect(self, counter: int, body: bytes | bytearray, frame: bytearray) -> None:
        """Write the frame of `body` to `frame`, which is 12 bytes longer."""
        length = len(body)
        _check(counter, length, BODY_MAX, len(frame))
        self._hinter.put(counter, frame)
        put_counter(self._ccm.nonce, 1, counter)
        self._ccm.seal(body, length, frame, HINT_LEN)

    def unprotect(self, counter: int, frame: bytes | bytearray) -> bytes:
        """Return the body of `frame`; raise `Malformed` or `BadTag`. The hint is not looked at."""
        length = len(frame) - OVERHEAD
        if not BODY_MIN <= length <= BODY_MAX:
            raise Malformed("frame length")
        put_counter(self._ccm.nonce, 1, counter)
        body = bytearray(length)
        if not self._ccm.unseal(frame, HINT_LEN, length, body):
            raise BadTag
        return bytes(body)


class Downlink:
    """Frames to one device. `protect` and `unprotect_into` allocate nothing."""

    __slots__ = ("_ccm", "_hinter", "_mask", "_mask_aes", "_mask_block")

    def __init__(self, keys: Keys) -> None:
        """Take the keys of the device."""
        self._ccm = ShortCcm(keys.down_enc)
        self._ccm.nonce[0] = DOWN
        self._hinter = Hinter(keys.down_hint, DOWN)
        self._mask_aes = keys.down_hint
        self._mask_block = bytearray(16)
        self._mask_block[0] = MASK
        self._mask = bytearray(16)

    def hint(self, counter: int, out: bytearray) -> None:
        """Write the hint an answer to `counter` carries to the first four bytes of `out`."""
        self._hinter.put(counter, out)

    def protect(self, counter: int, content: bytes | bytearray, frame: bytearray) -> None:
        """Write the frame that answers uplink `counter` with `content` to `frame`, 12 longer."""
        length = len(content)
        _check(counter, length, CONTENT_MAX, len(frame))
        self._hinter.put(counter, frame)
        self._load_nonce(counter, content, length)
        self._ccm.seal(_NOTHING, 0, frame, HINT_LEN + length)
        self._derive_mask(counter, frame, HINT_LEN + length)
        xor(frame, HINT_LEN, self._mask, 0, content, length)

    def unprotect_into(self, counter: int, frame: bytes | bytearray, content: bytearray) -> bool:
        """Write the content of `frame` to `content`, 12 shorter; say whether the tag is right.

        Where it is not, `content` is zeroed. Raise `Malformed` for a wrong length.
        """
        length = len(frame) - OVERHEAD
        if not BODY_MIN <= length <= CONTENT_MAX or len(content) != length:
            raise Malformed("frame length")
        self._derive_mask(counter, frame, HINT_LEN + length)
        xor(content, 0, frame, HINT_LEN, self._mask, length)
        self._load_nonce(counter, content, length)
        right = self._ccm.unseal(frame, HINT_LEN + length, 0, _NOTHING)
        if not right:
            for i in range(length):
                content[i] = 0
        return right

    def _load_nonce(self, counter: int, content: bytes | bytearray, length: int) -> None:
        nonce = self._ccm.nonce
        put_counter(nonce, 1, counter)
        nonce[5] = length
        copy(nonce, 6, content, 0, length)
        for i in range(length, CONTENT_MAX):
            nonce[6 + i] = 0

    def _derive_mask(self, counter: int, frame: bytes | bytearray, tag_at: int) -> None:
        block = self._mask_block
        put_counter(block, 1, counter)
        copy(block, 5, frame, tag_at, TAG_LEN)
        self._mask_aes.encrypt_into(block, self._mask)


def _check(counter: int, length: int, longest: int, frame_len: int) -> None:
    """Refuse what would be our own mistake."""
    if not 0 <= counter < COUNTER_LIMIT:
        raise ValueError("counter out of range")
    if not BODY_MIN <= length <= longest or frame_len != length + OVERHEAD:
        raise ValueError("body or frame length")

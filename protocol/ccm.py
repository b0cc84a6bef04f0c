"""AES-CCM (RFC 3610) with L = 2, in the short form that frames use.

B0  = flags | nonce 13 | payload length 2        authenticates
A_i = flags | nonce 13 | i 2                     S_i = E(A_i) encrypts
tag = first bytes of CBC-MAC(B0, payload) ^ S_0,  ciphertext = payload ^ S_1 ...
"""

from protocol.aes import Aes
from protocol.constants import TAG_LEN
from protocol.portable import copy, spread, xor

NONCE_LEN = 13
_FLAGS_A = 1  # RFC 3610, 2.3: L - 1
_FLAGS_SHORT = 0x19  # RFC 3610, 2.2: no associated data, 8-byte tag, L = 2


class ShortCcm:
    """CCM of a payload of at most 16 bytes, no associated data, 8-byte tag; allocates nothing.

    Fill `nonce`, then `seal` or `unseal`. Not re-entrant: the buffers are the object's own.
    """

    __slots__ = ("_aes", "_blocks", "_mac", "_pads", "nonce")

    def __init__(self, aes: Aes) -> None:
        """Take the cipher of the direction."""
        self._aes = aes
        self.nonce = bytearray(NONCE_LEN)
        self._blocks = bytearray(48)  # B0 | A0 | A1
        self._blocks[0] = _FLAGS_SHORT
        self._blocks[16] = self._blocks[32] = _FLAGS_A
        self._blocks[47] = 1
        self._pads = bytearray(48)  # E(B0) | S0 | S1
        self._mac = memoryview(self._pads)[:16]  # E(B0) goes on to be the CBC-MAC in its place

    def seal(self, payload: bytes | bytearray, length: int, out: bytearray, at: int) -> None:
        """Write the ciphertext of `payload[:length]` and its tag to `out` from `at` on."""
        self._start(length)
        pads = self._pads
        if length:
            xor(out, at, pads, 32, payload, length)
            xor(pads, 0, pads, 0, payload, length)
            self._aes.encrypt_into(self._mac, self._mac)
        xor(out, at + length, pads, 16, pads, TAG_LEN)

    def unseal(self, sealed: bytes | bytearray, at: int, length: int, out: bytearray) -> bool:
        """Decrypt `length` bytes of `sealed` from `at` on to `out`; say whether the tag is right.

        Where it is not, `out` is zeroed.
        """
        self._start(length)
        pads = self._pads
        if length:
            copy(out, 0, sealed, at, length)
            xor(out, 0, pads, 32, out, length)
            xor(pads, 0, pads, 0, out, length)
            self._aes.encrypt_into(self._mac, self._mac)
        at += length
        difference = 0
        for i in range(TAG_LEN):
            difference |= sealed[at + i] ^ pads[i] ^ pads[16 + i]
        if difference:
            for i in range(length):
                out[i] = 0
        return difference == 0

    def _start(self, length: int) -> None:
        blocks = self._blocks
        spread(blocks, self.nonce)
        blocks[15] = length
        self._aes.encrypt_into(blocks, self._pads)

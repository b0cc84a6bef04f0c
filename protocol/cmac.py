"""AES-CMAC (RFC 4493): a 16-byte mac from single AES blocks."""

from protocol.aes import Aes

_R128 = 1 << 128 | 0x87  # RFC 4493, 2.3; and the bit that is shifted out
_MSB = 0x80


def cmac(aes: Aes, message: bytes) -> bytes:
    """Return the 16-byte AES-CMAC of `message`."""
    subkey = _double(aes.encrypt(bytes(16)))  # RFC 4493, 2.3: K1
    last_at = (len(message) - 1) // 16 * 16 if message else 0
    last = message[last_at:]
    if len(last) < 16:
        subkey = _double(subkey)  # K2
        last = last + b"\x80" + bytes(15 - len(last))
    state = bytes(16)
    for at in range(0, last_at, 16):
        state = aes.encrypt(_xor(state, message[at : at + 16]))
    return aes.encrypt(_xor(state, _xor(last, subkey)))


def _double(block: bytes) -> bytes:
    """Multiply by x in GF(2^128)."""
    doubled = int.from_bytes(block, "big") << 1
    if block[0] & _MSB:
        doubled ^= _R128
    return doubled.to_bytes(16, "big")


def _xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(16, "big")

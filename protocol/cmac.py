"""AES-CMAC (RFC 4493): a 16-byte mac from single AES blocks."""

from protocol.aes import Aes

_R128 = 0x87  # RFC 4493, 2.3
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
    out = bytearray(16)
    carry = 0
    for i in range(15, -1, -1):
        out[i] = (block[i] << 1) & 0xFF | carry
        carry = block[i] >> 7
    if block[0] & _MSB:
        out[15] ^= _R128
    return bytes(out)


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes([a[i] ^ b[i] for i in range(16)])

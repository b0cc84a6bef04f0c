"""AES-CCM (RFC 3610) with L = 2, the whole of it: the reference of `protocol.ccm`. No board loads it."""

from protocol.aes import Aes
from protocol.errors import BadTag

_FLAGS_A = 1  # RFC 3610, 2.3: L - 1


def seal(aes: Aes, nonce: bytes, payload: bytes, ad: bytes, tag_len: int) -> bytes:
    """Return ciphertext and tag of `payload` (RFC 3610, 2.2 to 2.4)."""
    return _crypt(aes, nonce, payload) + _mac(aes, nonce, payload, ad, tag_len)


def unseal(aes: Aes, nonce: bytes, sealed: bytes, ad: bytes, tag_len: int) -> bytes:
    """Return the payload of `sealed`; raise `BadTag` where the tag is wrong (RFC 3610, 2.5)."""
    payload = _crypt(aes, nonce, sealed[:-tag_len])
    difference = 0
    for ours, theirs in zip(_mac(aes, nonce, payload, ad, tag_len), sealed[-tag_len:]):
        difference |= ours ^ theirs
    if difference:
        raise BadTag
    return payload


def _crypt(aes: Aes, nonce: bytes, data: bytes) -> bytes:
    out = bytearray(data)
    for at in range(0, len(data), 16):
        stream = aes.encrypt(_counter_block(nonce, at // 16 + 1))
        for i in range(at, min(at + 16, len(data))):
            out[i] ^= stream[i - at]
    return bytes(out)


def _mac(aes: Aes, nonce: bytes, payload: bytes, ad: bytes, tag_len: int) -> bytes:
    flags = (0x40 if ad else 0) | ((tag_len - 2) // 2) << 3 | 1
    blocks = bytes([flags]) + nonce + len(payload).to_bytes(2, "big")
    if ad:
        blocks += _padded(len(ad).to_bytes(2, "big") + ad)
    blocks += _padded(payload)
    state = bytes(16)
    for at in range(0, len(blocks), 16):
        state = aes.encrypt(bytes([state[i] ^ blocks[at + i] for i in range(16)]))
    pad = aes.encrypt(_counter_block(nonce, 0))
    return bytes([state[i] ^ pad[i] for i in range(tag_len)])


def _counter_block(nonce: bytes, index: int) -> bytes:
    return bytes([_FLAGS_A]) + nonce + index.to_bytes(2, "big")


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)

"""The protocol once more, from SPEC.md alone: pycryptodome, and nothing of ours."""

from zlib import crc32

from Crypto.Cipher import AES
from Crypto.Hash import CMAC


def block(key: bytes, data: bytes) -> bytes:
    return AES.new(key, AES.MODE_ECB).encrypt(data)


def mac(key: bytes, data: bytes) -> bytes:
    return CMAC.new(key, data, AES).digest()


def derive(device_key: bytes, label: str) -> bytes:
    """SPEC 2: SP 800-108 in counter mode, 8 bits of counter, 16 of length."""
    return mac(device_key, b"\x01" + label.encode() + b"\0" + (128).to_bytes(2))


def ccm(key: bytes, nonce: bytes, plain: bytes) -> bytes:
    """RFC 3610 with a tag of 8 bytes."""
    sealed, tag = AES.new(key, AES.MODE_CCM, nonce=nonce, mac_len=8).encrypt_and_digest(plain)
    return sealed + tag


def hint(device_key: bytes, direction: str, counter: int) -> bytes:
    """SPEC 3.1."""
    first = {"up": b"\x01", "down": b"\x02"}[direction]
    key = derive(device_key, f"Tocsin 1 {direction} hint")
    return block(key, first + counter.to_bytes(4) + bytes(11))[:4]


def uplink(device_key: bytes, counter: int, body: bytes) -> bytes:
    """SPEC 3.3."""
    nonce = b"\x01" + counter.to_bytes(4) + bytes(8)
    return hint(device_key, "up", counter) + ccm(derive(device_key, "Tocsin 1 up enc"), nonce, body)


def downlink(device_key: bytes, counter: int, content: bytes) -> bytes:
    """SPEC 3.4."""
    nonce = b"\x02" + counter.to_bytes(4) + bytes([len(content)]) + content.ljust(7, b"\0")
    tag = ccm(derive(device_key, "Tocsin 1 down enc"), nonce, b"")
    stream = block(
        derive(device_key, "Tocsin 1 down hint"), b"\x03" + counter.to_bytes(4) + tag + bytes(3)
    )
    masked = bytes(a ^ b for a, b in zip(content, stream, strict=False))
    return hint(device_key, "down", counter) + masked + tag


def bits(*fields: tuple[int, int]) -> bytes:
    """Lay (value, width) one behind the other, most significant bit first."""
    text = "".join(f"{value:0{width}b}" for value, width in fields)
    return int(text, 2).to_bytes(len(text) // 8)


def packet(message: bytes) -> bytes:
    """SPEC 10: COBS by its definition, each zero-free run behind its length."""
    runs = (message + crc32(message).to_bytes(4)).split(b"\0")
    return b"".join(bytes([len(run) + 1]) + run for run in runs)

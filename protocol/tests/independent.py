"""The protocol once more, from SPEC.md alone: `cryptography`, and nothing of ours."""

from zlib import crc32

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode


def block(key: bytes, data: bytes) -> bytes:
    return Cipher(AES(key), ECB()).encryptor().update(data)


def mac(key: bytes, data: bytes) -> bytes:
    cmac = CMAC(AES(key))
    cmac.update(data)
    return cmac.finalize()


def derive(device_key: bytes, label: str) -> bytes:
    """SPEC 2."""
    return KBKDFCMAC(
        algorithm=AES,
        mode=Mode.CounterMode,
        length=16,
        rlen=1,
        llen=2,
        location=CounterLocation.BeforeFixed,
        label=label.encode(),
        context=b"",
        fixed=None,
    ).derive(device_key)


def hint(device_key: bytes, direction: str, counter: int) -> bytes:
    """SPEC 3.1."""
    first = {"up": b"\x01", "down": b"\x02"}[direction]
    key = derive(device_key, f"Tocsin 1 {direction} hint")
    return block(key, first + counter.to_bytes(4) + bytes(11))[:4]


def uplink(device_key: bytes, counter: int, body: bytes) -> bytes:
    """SPEC 3.3."""
    nonce = b"\x01" + counter.to_bytes(4) + bytes(8)
    ccm = AESCCM(derive(device_key, "Tocsin 1 up enc"), tag_length=8)
    return hint(device_key, "up", counter) + ccm.encrypt(nonce, body, None)


def downlink(device_key: bytes, counter: int, content: bytes) -> bytes:
    """SPEC 3.4."""
    nonce = b"\x02" + counter.to_bytes(4) + bytes([len(content)]) + content.ljust(7, b"\0")
    tag = AESCCM(derive(device_key, "Tocsin 1 down enc"), tag_length=8).encrypt(nonce, b"", None)
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

"""AES-128 single blocks, the only cryptographic primitive Tocsin imports."""

try:
    from cryptolib import aes as _aes

    _MODE_ECB = 1

    class Aes:
        """AES-128 encryption under one key (FIPS 197), by MicroPython's cryptolib."""

        __slots__ = ("_cipher",)

        def __init__(self, key: bytes) -> None:
            """Take the 16-byte `key`."""
            if len(key) != 16:  # cryptolib would take 32 as well
                raise ValueError("an AES-128 key has 16 bytes")
            self._cipher = _aes(key, _MODE_ECB)

        def encrypt(self, blocks: bytes | bytearray) -> bytes:
            """Encrypt each 16-byte block of `blocks` on its own."""
            out: bytes = self._cipher.encrypt(blocks)
            return out

        def encrypt_into(
            self, blocks: "bytes | bytearray | memoryview", out: "bytearray | memoryview"
        ) -> None:
            """Do the same into `out`, of the same length, allocating nothing."""
            self._cipher.encrypt(blocks, out)

except ImportError:
    from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES as _AES
    from cryptography.hazmat.primitives.ciphers.modes import ECB as _ECB

    class Aes:  # type: ignore[no-redef]
        """AES-128 encryption under one key (FIPS 197), by OpenSSL.

        A block takes a tenth of what it takes by pycryptodome, which goes through a dozen Python functions.
        """

        __slots__ = ("_update",)

        def __init__(self, key: bytes) -> None:
            """Take the 16-byte `key`."""
            if len(key) != 16:  # it would take 24 and 32 as well
                raise ValueError("an AES-128 key has 16 bytes")
            # One object for all: a new one a frame costs thirty times as much. ECB keeps nothing.
            self._update = _Cipher(_AES(key), _ECB()).encryptor().update  # noqa: S305 - single blocks

        def encrypt(self, blocks: "bytes | bytearray | memoryview") -> bytes:
            """Encrypt each 16-byte block of `blocks` on its own."""
            if len(blocks) & 15:  # it would keep the rest for the next call
                raise ValueError("AES takes whole blocks of 16 bytes")
            out: bytes = self._update(blocks)
            return out

        def encrypt_into(
            self, blocks: "bytes | bytearray | memoryview", out: "bytearray | memoryview"
        ) -> None:
            """Do the same into `out`, of the same length."""
            out[:] = self.encrypt(blocks)

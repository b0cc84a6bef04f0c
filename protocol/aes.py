"""AES-128 single blocks, the only cryptographic primitive Tocsin imports."""

try:
    from cryptolib import aes as _aes

    _ECB = 1

    class Aes:
        """AES-128 encryption under one key (FIPS 197), by MicroPython's cryptolib."""

        __slots__ = ("_cipher",)

        def __init__(self, key: bytes) -> None:
            """Take the 16-byte `key`."""
            if len(key) != 16:  # cryptolib would take 32 as well
                raise ValueError("an AES-128 key has 16 bytes")
            self._cipher = _aes(key, _ECB)

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
    from Crypto.Cipher import AES as _AES

    class Aes:  # type: ignore[no-redef]
        """AES-128 encryption under one key (FIPS 197), by pycryptodome."""

        __slots__ = ("encrypt",)

        def __init__(self, key: bytes) -> None:
            """Take the 16-byte `key`."""
            if len(key) != 16:  # pycryptodome would take 24 and 32 as well
                raise ValueError("an AES-128 key has 16 bytes")
            # One cached ECB object: a new cipher object a frame costs twenty times as much.
            self.encrypt = _AES.new(key, _AES.MODE_ECB).encrypt

        def encrypt_into(
            self, blocks: "bytes | bytearray | memoryview", out: "bytearray | memoryview"
        ) -> None:
            """Do the same into `out`, of the same length."""
            self.encrypt(blocks, output=out)

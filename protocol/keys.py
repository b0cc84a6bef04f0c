"""From the one 16-byte key of a device to the five it uses (SP 800-108r1, counter mode, AES-CMAC).

K = CMAC(device key, 01 | label | 00 | 0080)      label "Tocsin 1 ..." carries the version
"""

from protocol.aes import Aes
from protocol.cmac import cmac
from protocol.constants import KEY_LEN


class Keys:
    """The ciphers of one device: encryption and hint for each direction, and incident ids."""

    __slots__ = ("down_enc", "down_hint", "incident", "up_enc", "up_hint")

    def __init__(self, device_key: bytes) -> None:
        """Derive all from the 16-byte `device_key`."""
        if len(device_key) != KEY_LEN:
            raise ValueError("a device key has 16 bytes")
        root = Aes(device_key)
        self.up_enc = Aes(derive(root, b"Tocsin 1 up enc"))
        self.up_hint = Aes(derive(root, b"Tocsin 1 up hint"))
        self.down_enc = Aes(derive(root, b"Tocsin 1 down enc"))
        self.down_hint = Aes(derive(root, b"Tocsin 1 down hint"))
        self.incident = Aes(derive(root, b"Tocsin 1 incident"))


def derive(root: Aes, label: bytes) -> bytes:
    """Return the 16-byte key of `label` (SP 800-108r1, 4.1; one block, empty context)."""
    return cmac(root, b"\x01" + label + b"\x00\x00\x80")

"""Blobs in the non-volatile storage (NVS) of the chip, each written whole or not at all."""

import esp32

_NAMESPACE = "tocsin"


def read(key: str, longest: int) -> bytes:
    """Return the blob of `key`, or nothing where there is none of at most `longest` bytes."""
    buffer = bytearray(longest)
    try:
        length = esp32.NVS(_NAMESPACE).get_blob(key, buffer)
    except OSError as error:
        if error.args[0] in (_NOT_FOUND, _INVALID_LENGTH):
            return b""
        raise
    return bytes(buffer[:length])


def write(key: str, blob: bytes) -> None:
    """Write the blob of `key`; when this returns, it is in flash."""
    nvs = esp32.NVS(_NAMESPACE)
    nvs.set_blob(key, blob)
    nvs.commit()


_NOT_FOUND = -0x1102  # ESP_ERR_NVS_NOT_FOUND
_INVALID_LENGTH = -0x110C  # ESP_ERR_NVS_INVALID_LENGTH

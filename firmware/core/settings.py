"""What provisioning writes beside the key: which program runs, on which board, and how it behaves.

    stored form   JSON object | CRC-32 4

A missing or broken record gives the safe defaults; a key this version does not know is left alone.
"""

import json

from firmware.core.sealed import seal, unseal

LONGEST = 512


class Settings:
    """Settings of one device; the class attributes are the defaults."""

    role = "panic_button"
    board = "esp32c3_devkit"
    hold_ms = 800  # one press so long is an alert
    cancel_ms = 5_000  # and so long withdraws it
    heartbeat_s = 900
    discreet = True  # vibration only

    def __init__(self, values: "dict[str, int | str]", whole: bool) -> None:
        """Take what differs from the defaults; `whole` tells whether a record was found intact."""
        self.whole = whole
        for name, value in values.items():
            if hasattr(Settings, name):
                setattr(self, name, value)


def pack(values: "dict[str, int | str]") -> bytes:
    """Return the stored form."""
    return seal(json.dumps(values).encode())


def unpack(record: bytes) -> Settings:
    """Return the settings in a stored form, all defaults where it is not whole."""
    data = unseal(record)
    return Settings({}, False) if data is None else Settings(json.loads(data), True)

"""What a device was told at provisioning, and what it does where it was told nothing.

`settings` reads it and is let go of then; this is what stays in memory.
"""

from protocol.band import DEFAULT_DBM, DEFAULT_HZ, DEFAULT_SF


class Settings:
    """Settings of one device; the class attributes are the defaults. `refused`: names with a bad value."""

    role = "panic_button"
    board = "esp32c3_devkit"
    hold_ms = 800  # one press so long is an alert
    cancel_ms = 5_000  # and so long withdraws it
    main = "qphpc"  # what SHORT, DOUBLE, TRIPLE, HOLD and LONG on the main contact do
    second = "-hhh-"
    heartbeat_s = 900
    discreet = True  # vibration only
    visit_min = 30
    chemistry = "li_mno2"
    capacity_mah = 1_000
    lora_hz = DEFAULT_HZ
    lora_sf = DEFAULT_SF
    lora_dbm = DEFAULT_DBM
    siren_s = 180
    watchdog_s = 30

    def __init__(self, whole: bool) -> None:
        """Begin with the defaults; `whole` tells whether a record was found intact."""
        self.whole = whole
        self.refused: "tuple[str, ...]" = ()

    def broken(self) -> bool:
        """Say whether the device does not run as it was told to."""
        return not self.whole or bool(self.refused)

"""What provisioning writes beside the key: which program runs, on which board, and how it behaves.

A JSON object, kept twice (`copies`). What is missing, or refused by `LIMITS`, has its default; a name
that this version does not know is left alone.
"""

import json

from firmware.core.copies import OVERHEAD, Copies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.core.copies import Read, Write

    Value = int | str
    Values = dict[str, Value]

VERSION = 1
LONGEST = 768
NAMES = ("settings", "settings2")
_COPIES = Copies(NAMES, VERSION, LONGEST)

ROLES = ("panic_button", "call_box", "radio_head")
CHEMISTRIES = ("li_mno2", "li_socl2", "lipo", "lifepo4", "alkaline")
# EU868 band P: 869.4 to 869.65 MHz, 500 mW e.r.p., 10 % (EN 300 220-2, annex B). A LoRa signal of
# 125 kHz must lie inside with its whole width.
_BAND_HZ = (869_400_000 + 62_500, 869_650_000 - 62_500)
_ALERTS = "phm"

LIMITS = {
    "hold_ms": (300, 5_000),
    "cancel_ms": (2_000, 30_000),
    "heartbeat_s": (10, 86_400),
    "discreet": (0, 1),
    "visit_min": (5, 1_275),
    "capacity_mah": (20, 200_000),
    "lora_hz": _BAND_HZ,
    "lora_sf": (7, 12),
    "lora_dbm": (-9, 27),  # 27 dBm e.r.p. is the band's limit; the board may allow less
    "siren_s": (0, 900),
    "watchdog_s": (10, 120),
}
WORDS = ("role", "board", "main", "second", "chemistry")


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
    lora_hz = 869_525_000
    lora_sf = 9
    lora_dbm = 14
    siren_s = 180
    watchdog_s = 30

    def __init__(self, values: "Values", whole: bool) -> None:
        """Take what differs from the defaults; `whole` tells whether a record was found intact."""
        self.whole = whole
        self.refused: "tuple[str, ...]" = ()
        for name, value in values.items():
            if name in LIMITS or name in WORDS:
                self._take(name, value)
        self._take_together(values)

    def broken(self) -> bool:
        """Say whether the device does not run as it was told to."""
        return not self.whole or bool(self.refused)

    def fit(self, max_dbm: int) -> None:
        """Refuse a power that the board cannot or must not give, and take the most it may."""
        if self.lora_dbm > max_dbm:
            self.refused += ("lora_dbm",)
            self.lora_dbm = max_dbm

    def _take(self, name: str, value: "Value") -> None:
        if allowed(name, value):
            setattr(self, name, value)
        else:
            self.refused += (name,)

    def _take_together(self, values: "Values") -> None:
        """Apply the rules that more than one setting has a part in."""
        if self.cancel_ms <= self.hold_ms:
            self._refuse("hold_ms", "cancel_ms")
        if not any(letter in self.main + self.second for letter in _ALERTS):
            self._refuse("main", "second")  # a button that cannot raise an alert
        if self.role == "call_box" and (
            "heartbeat_s" not in values or "heartbeat_s" in self.refused
        ):
            self.heartbeat_s = 300

    def _refuse(self, *names: str) -> None:
        for name in names:
            setattr(self, name, getattr(Settings, name))
        self.refused += names


def allowed(name: str, value: object) -> bool:
    """Say whether the setting `name` may be `value`."""
    if name in LIMITS:
        low, high = LIMITS[name]
        fits = isinstance(value, (int, bool)) and low <= value <= high
        return fits and (name != "visit_min" or value in range(0, 1_280, 5))
    if not isinstance(value, str):
        return False
    if name == "role":
        return value in ROLES
    if name == "chemistry":
        return value in CHEMISTRIES
    if name == "board":
        return 0 < len(value) <= 24 and all(
            c in "abcdefghijklmnopqrstuvwxyz0123456789_" for c in value
        )
    return len(value) == 5 and all(letter in "qphmcve-" for letter in value)


def pack(values: "Values", sequence: int = 1) -> bytes:
    """Return one stored copy."""
    return _COPIES.pack(json.dumps(values).encode(), sequence)


def unpack(copy: bytes) -> Settings:
    """Return the settings of one stored copy, all defaults where it is not whole."""
    found = _COPIES.unpack(copy)
    return _settings(None if found is None else found[1])


def load(read: "Read") -> Settings:
    """Return the settings of the newer whole copy; `read(key, longest)` gives a record or nothing."""
    return _settings(_COPIES.newest(read))


def store(values: "Values", read: "Read", write: "Write") -> bool:
    """Replace the older copy by `values`; say whether flash holds them now."""
    data = json.dumps(values).encode()
    if len(data) + OVERHEAD > LONGEST:
        raise ValueError("settings too long")
    return _COPIES.write(data, read, write)


def _settings(data: "bytes | None") -> Settings:
    try:
        values = None if data is None else json.loads(data)
    except ValueError:
        values = None
    return Settings({}, False) if not isinstance(values, dict) else Settings(values, True)

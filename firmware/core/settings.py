"""What provisioning writes beside the key: which program runs, on which board, and how it behaves.

A JSON object, kept twice (`copies`). What is missing, or refused by `LIMITS`, has its default; a name
that this version does not know is left alone.
"""

import json

from firmware.core.chosen import Settings
from firmware.core.copies import OVERHEAD, Copies
from protocol import band

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
_ALERTS = "phm"

LIMITS = {
    "hold_ms": (300, 5_000),
    "cancel_ms": (2_000, 30_000),
    "heartbeat_s": (10, 86_400),
    "discreet": (0, 1),
    "visit_min": (5, 1_275),
    "capacity_mah": (20, 200_000),
    "lora_hz": (band.LOWEST_HZ, band.HIGHEST_HZ),
    "lora_sf": (band.LOWEST_SF, band.HIGHEST_SF),
    "lora_dbm": (band.LOWEST_DBM, band.HIGHEST_DBM),  # the board may allow less
    "siren_s": (0, 900),
    "watchdog_s": (10, 120),
}
WORDS = ("role", "board", "main", "second", "chemistry")


def of(values: "Values", whole: bool = True) -> Settings:
    """Return the settings that differ from the defaults by `values`."""
    settings = Settings(whole)
    for name, value in values.items():
        if name in LIMITS or name in WORDS:
            if allowed(name, value):
                setattr(settings, name, value)
            else:
                settings.refused += (name,)
    _take_together(settings, values)
    return settings


def fit(settings: Settings, max_dbm: int) -> None:
    """Refuse a power that the board cannot or must not give, and take the most it may."""
    if settings.lora_dbm > max_dbm:
        settings.refused += ("lora_dbm",)
        settings.lora_dbm = max_dbm


def _take_together(settings: Settings, values: "Values") -> None:
    """Apply the rules that more than one setting has a part in."""
    if settings.cancel_ms <= settings.hold_ms:
        _refuse(settings, "hold_ms", "cancel_ms")
    if not any(letter in settings.main + settings.second for letter in _ALERTS):
        _refuse(settings, "main", "second")  # a button that cannot raise an alert
    if settings.role == "call_box" and (
        "heartbeat_s" not in values or "heartbeat_s" in settings.refused
    ):
        settings.heartbeat_s = 300


def _refuse(settings: Settings, *names: str) -> None:
    for name in names:
        setattr(settings, name, getattr(Settings, name))
    settings.refused += names


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
    return of(values) if isinstance(values, dict) else of({}, whole=False)

"""Reads what this device is and runs its program. Any end of the program is a reset."""

import sys

from firmware import life
from firmware.core.chosen import Settings
from firmware.hal import storage
from firmware.hal.pulled import is_low, open_pins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Imports nest, and each level takes stack, of which a board has 16 KB: the end of a long chain comes first.
_FIRST = {"panic_button": "firmware.core.codec", "call_box": "firmware.core.codec"}
_ONLY_READ = (
    "firmware.core.settings",
    "firmware.core.copies",
    "firmware.boards.pins",
    "protocol.band",
)
_PAUSES_S = {"panic_button": 3_600}
_PAUSE_ON_MAINS_S = 60


def run() -> bool:
    """Run the program for ever; return only where a person holds the board out of it."""
    life.begin()
    longest_s = _PAUSE_ON_MAINS_S
    contacts: "tuple[int, ...]" = ()  # that may end a pause
    try:
        settings = _settings()
        longest_s = _PAUSES_S.get(settings.role, _PAUSE_ON_MAINS_S)
        if is_low(_board(settings).MAINTENANCE):
            return True
        pins = _pins(settings)
        contacts = _contacts(settings, pins)
        life.pause(longest_s, open_pins(contacts))
        if hasattr(_board(settings), "prepare"):
            _board(settings).prepare()
        _forget(*_ONLY_READ, "firmware.boards." + settings.board)
        _module(_FIRST.get(settings.role, "firmware"))
        _module("firmware." + settings.role).run(settings, pins)
    except Exception as error:  # noqa: BLE001  whatever it is, the next start knows
        life.fail(error, longest_s, open_pins(contacts))
    return False


def _settings() -> Settings:
    from firmware.core.settings import load  # nothing else keeps it in memory

    return load(storage.read)


def _board(settings: Settings) -> "Any":  # noqa: ANN401  a module
    return _module("firmware.boards." + settings.board)


def _pins(settings: Settings) -> "Any":  # noqa: ANN401  of a role
    from firmware.core.settings import fit

    pins = getattr(_board(settings), settings.role.upper())
    if pins.lora is not None:
        fit(settings, pins.lora.max_dbm)
    return pins


def _contacts(settings: Settings, pins: "Any") -> "tuple[int, ...]":  # noqa: ANN401  of a role
    return (pins.contact_main, pins.contact_second) if settings.role == "panic_button" else ()


def _forget(*names: str) -> None:
    """Let go of modules that a program does not need: together they are some KB of its heap."""
    for name in names:
        if name in sys.modules:
            package, _, last = name.rpartition(".")
            delattr(sys.modules[package], last)
            del sys.modules[name]


def _module(name: str) -> "Any":  # noqa: ANN401  a module
    __import__(name)
    return sys.modules[name]

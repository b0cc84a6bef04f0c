"""Whether the cells of a device may be so: by the firmware's own rules, with a fix for each breach."""

import difflib
import re
import runpy
from collections.abc import Iterable
from functools import cache
from typing import Any

from firmware.core import settings
from firmware.core.chosen import Settings
from tools.firmware_closure import ROOT, boards_of
from tools.provision.identity import Setting
from tools.provision.rows import Cell, Problem
from tools.provision.words import say

OWN = ("id", "role", "label", "place")  # beside what the firmware knows
SETTINGS = ("board", "main", "second", "chemistry", *settings.LIMITS)
FIELDS = (*OWN, *SETTINGS)
EXAMPLES = {
    "id": 'id = "button-01"',
    "role": 'role = "panic_button"',
    "label": 'label = "Dr Martin"',
    "place": 'place = "Room 3"',
}
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}")
_GAPS = dict.fromkeys(map(ord, " _\u00a0\u202f"))  # as spreadsheets group digits
_YES = ("true", "vrai", "yes", "oui", "1")
_NO = ("false", "faux", "no", "non", "0")
_TEXT_MAX = 200


def typed(name: str, text: str) -> Setting:
    """Return the cell of a spreadsheet as a .toml would have it; the text itself where it cannot be."""
    if name == "discreet" and text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    digits = text.translate(_GAPS)
    if name in settings.LIMITS and name != "discreet" and _NUMBER.fullmatch(digits):
        return int(digits)
    return text


def wrong(name: str, value: object) -> str | None:
    """Return why a field alone may not be `value`, with the fix, or None."""
    if name in ("label", "place"):
        good = isinstance(value, str) and 1 <= len(value) <= _TEXT_MAX and value.isprintable()
        return None if good else say("plan.bad_text")
    if name == "id":
        good = isinstance(value, str) and bool(_ID.fullmatch(value))
        return None if good else say("plan.bad_id")
    if name == "board":
        return None if value in boards() else _not_one_of(value, boards())
    # A flag is a number for the firmware; in a plan it is a slip.
    fits = isinstance(value, bool) == (name == "discreet") and settings.allowed(name, value)
    return None if fits else _refused(name, value)


def _refused(name: str, value: object) -> str:
    if name == "discreet":
        return say("plan.bad_flag")
    if name in settings.LIMITS:
        low, high = settings.LIMITS[name]
        kind = "plan.bad_step" if name == "visit_min" else "plan.bad_number"
        return say(kind, low=low, high=high)
    if name in ("main", "second"):
        return say("plan.bad_grammar")
    return _not_one_of(value, settings.ROLES if name == "role" else settings.CHEMISTRIES)


def unknown(name: str) -> str:
    """Return what to say of a field that does not exist."""
    return say("plan.unknown_field", known=", ".join(FIELDS), near=near(name, FIELDS))


def near(value: object, known: Iterable[str]) -> str:
    """Return the question whether the most similar of `known` is meant, or nothing."""
    found = difflib.get_close_matches(str(value), list(known), 1)
    return say("plan.near", near=found[0]) if found else ""


def together(values: dict[str, Setting], cells: dict[str, Cell], line: int) -> list[Problem]:
    """Return what is wrong with fields that are good alone: the rules of the firmware and the pin map."""

    def problem(names: tuple[str, ...], sentence: str, **filled: object) -> Problem:
        named = next((name for name in names if name in cells), names[0])
        where = cells[named].line if named in cells else line
        return Problem(where, named, say(sentence, **filled))

    chosen = settings.of(dict(values))
    found = []
    if "cancel_ms" in chosen.refused:
        found.append(problem(("cancel_ms", "hold_ms"), "plan.hold_and_cancel"))
    if "main" in chosen.refused:
        found.append(problem(("main", "second"), "plan.no_alert"))
    if chosen.board not in boards_of(chosen.role):
        known = ", ".join(boards_of(chosen.role))
        found.append(problem(("board",), "plan.no_map", role=chosen.role, known=known))
        return found
    most = max_dbm(chosen)
    if most is not None:
        settings.fit(chosen, most)
    if "lora_dbm" in chosen.refused:
        found.append(problem(("lora_dbm",), "plan.board_power", board=chosen.board, most=most))
    return found


@cache
def boards() -> tuple[str, ...]:
    """Return the boards with a pin map for any role."""
    return tuple(sorted({board for role in settings.ROLES for board in boards_of(role)}))


def max_dbm(chosen: Settings) -> int | None:
    """Return the power that the board may give in its role, None where it has no LoRa."""
    lora = pins_of(chosen.board, chosen.role).lora
    return None if lora is None else int(lora.max_dbm)


@cache
def pins_of(board: str, role: str) -> Any:  # noqa: ANN401 - of a role
    """Return the pin map of a board in a role; raise KeyError where it has none."""
    return runpy.run_path(str(ROOT / "firmware" / "boards" / f"{board}.py"))[role.upper()]


def _not_one_of(value: object, known: tuple[str, ...]) -> str:
    return say("plan.not_one_of", known=", ".join(known), near=near(value, known))

"""What firmware/README.md promises about settings and boards is what the files say."""

import importlib
import itertools
import re
from pathlib import Path

from firmware.boards.pins import ButtonPins
from firmware.core.settings import LIMITS, WORDS, allowed
from firmware.tests.test_boards import NAMES, button_pins, chip, used

README = (Path(__file__).parents[1] / "README.md").read_text()
ROLE_WORDS = {"PANIC_BUTTON": "button", "CALL_BOX": "box", "RADIO_HEAD": "head"}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    lines = README.split(f"## {heading}\n", 1)[1].splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    table = itertools.takewhile(lambda line: line.startswith("|"), lines[first + 2 :])
    return [line.strip("| ").split(" | ") for line in table]


def test_each_setting_stands_there_with_its_limits() -> None:
    found = {name: cells for cells in rows("Settings") for name in re.findall(r"`(\w+)`", cells[0])}
    assert set(found) == {*LIMITS, *WORDS}
    for name, (low, high) in LIMITS.items():
        if name != "discreet":
            assert f"{low:,} to {high:,}" in found[name][2]


def test_each_board_stands_there_with_its_maintenance_pin_and_roles() -> None:
    found = {cells[0].split("`")[1]: cells for cells in rows("Boards")}
    assert set(found) == set(NAMES)
    for name, cells in found.items():
        module = importlib.import_module(f"firmware.boards.{name}")
        assert f"GPIO {module.MAINTENANCE}" in cells[1]
        roles = {ROLE_WORDS[role] for role in used(name)}
        assert (
            {"button", "box", "head"} if cells[2] == "all" else set(cells[2].split(", "))
        ) == roles
        assert ("its own USB" in cells[3]) == (module.RADIO_HEAD.link == "stdio")
        assert (cells[4] == "-") == (module.RADIO_HEAD.lora is None)


def test_the_example_of_a_board_is_one() -> None:
    lines = README.split("Write `boards/our_badge.py`:\n", 1)[1].splitlines()
    source = "\n".join(line[4:] for line in lines if line.startswith("    ") or not line)
    names: dict[str, object] = {}
    exec(source.split("\n\n\n")[0], names)
    pins = names["PANIC_BUTTON"]
    assert isinstance(pins, ButtonPins)
    assert {gpio for gpio in button_pins(pins) if gpio >= 0} <= chip("our_badge").pins
    assert names["MAINTENANCE"] not in button_pins(pins)
    assert allowed("board", "our_badge")

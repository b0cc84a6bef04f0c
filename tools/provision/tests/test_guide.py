"""The guide's commands exist, with the options that it gives them, in both languages."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from tools.cli import app

GUIDE = Path(__file__).resolve().parents[1] / "README.md"
OTHERS = ("provision", "verify")  # have tests of their own


def commands() -> list[str]:
    """Return each line of the guide's blocks that calls the tool, without its remark."""
    lines = re.findall(r"^    (tocsin .*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    told = re.findall(r"`(tocsin (?:keys|fuses) [a-z]+[^`]*)`", GUIDE.read_text(encoding="utf-8"))
    return sorted({line.split(" #")[0].split(" > ")[0].strip() for line in [*lines, *told]})


@pytest.mark.parametrize("line", commands())
def test_a_command_of_the_guide_exists_with_its_options(line: str) -> None:
    words = shlex.split(line)[1:]
    if words[0] in OTHERS:
        return
    command = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]  # type: ignore[attr-defined]  # a group
    assert not hasattr(command, "commands"), f"no such command: {line}"
    known = {option for each in command.params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_guide_is_whole_in_both_languages() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    english, french = text.split("\n---\n")
    for part in (english, french):
        for number in range(1, 6):
            assert f"## {number}. " in part
        for command in (
            "keys new",
            "plan plan",
            "labels",
            "cards",
            "keys enrol",
            "commission sign",
        ):
            assert f"tocsin {command}" in part

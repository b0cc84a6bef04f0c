"""The guide's commands exist, with the options that it gives them, and are the same in both languages."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from tools.cli import app
from tools.provision import battery

GUIDE = Path(__file__).resolve().parents[1] / "README.md"
TEXT = GUIDE.read_text(encoding="utf-8")
ENGLISH, FRENCH = TEXT.split("\n---\n")


def commands(text: str) -> list[str]:
    """Return each call of the tool in blocks and in sentences, without its remark."""
    lines = re.findall(r"^    (tocsin .*)$", text, re.MULTILINE)
    told = re.findall(r"`(tocsin [a-z]+ [a-z]+[^`]*)`", text)
    called = [line.split(" #")[0].split(" > ")[0].strip() for line in [*lines, *told]]
    return [line for line in called if "," not in line]  # several in one


def parsed(line: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the names of a command and its options; fail where there is no such command or option."""
    words = shlex.split(line)[1:]
    command, names = get_command(app), []
    while words and words[0] in getattr(command, "commands", {}):
        names.append(words.pop(0))
        command = command.commands[names[-1]]  # type: ignore[attr-defined]  # a group
    alone = getattr(command, "invoke_without_command", True)
    assert alone or not hasattr(command, "commands"), f"no such command: {line}"
    options = frozenset(word for word in words if word.startswith("--"))
    assert options <= {option for each in command.params for option in each.opts}, line
    return tuple(names), options


@pytest.mark.parametrize("line", sorted(set(commands(TEXT))))
def test_a_command_of_the_guide_exists_with_its_options(line: str) -> None:
    names, _ = parsed(line)
    assert names


def test_a_command_that_does_not_exist_would_be_found() -> None:
    for line in (
        "tocsin provision --plan plan.toml --imgae KIT",
        "tocsin verify record.json --kye FILE",
        "tocsin keys nwe",
    ):
        with pytest.raises(AssertionError):
            parsed(line)


def test_both_languages_give_the_same_commands() -> None:
    english, french = ({parsed(line) for line in commands(part)} for part in (ENGLISH, FRENCH))
    assert english == french
    assert {names[0] for names, _ in english} >= {"provision", "verify", "keys", "commission"}


def test_the_guide_is_whole_in_both_languages() -> None:
    for part in (ENGLISH, FRENCH):
        for number in range(1, 6):
            assert f"## {number}. " in part


@pytest.mark.parametrize("chemistry", battery.FULL_MV)
def test_the_limits_of_the_battery_are_those_that_are_judged(chemistry: str) -> None:
    [row] = re.findall(rf"^\| `{chemistry}` \| ([\d,]+) \| ([\d,]+) \|", TEXT, re.MULTILINE)
    least, most = (int(cell.replace(",", "")) for cell in row)
    for millivolts, good in ((least - 1, False), (least, True), (most, True), (most + 1, False)):
        assert (battery.Reading(millivolts, chemistry).fault is None) == good

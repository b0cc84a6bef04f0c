"""Whatever stops a board is said in both languages, with the same values."""

import re
from pathlib import Path
from string import Formatter

import tools.provision
from tools.provision import steps
from tools.provision.words import _WORDS as WORDS

_USED = re.compile(r'(?:Stopped|Lost|BadImage|kind)\(\s*"(\w+)"')


def test_every_reason_and_every_step_has_its_sentence() -> None:
    folder = Path(tools.provision.__file__).parent
    used = {name for path in folder.glob("*.py") for name in _USED.findall(path.read_text())}
    assert len(used) > 20
    wanted = {f"board.{name}" for name in used} | {f"board.step_{name}" for name in steps.NAMES}
    assert wanted <= WORDS.keys()


def test_both_languages_tell_the_same_values() -> None:
    for name, both in WORDS.items():
        fields = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in both]
        assert fields[0] == fields[1], name

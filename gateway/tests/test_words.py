"""Every sentence is there in English and in French, with the same places, and once."""

import ast
import re
from pathlib import Path

import pytest

import gateway
from gateway import words

ROOT = Path(gateway.__file__).parent


def test_every_sentence_is_in_both_languages_with_the_same_places() -> None:
    for english, french in words._WORDS.values():
        assert sorted(_places(english)) == sorted(_places(french))


def test_no_sentence_is_there_twice() -> None:
    names = [name for topic in words._TOPICS for name in topic.WORDS]
    assert sorted(names) == sorted(set(names))


def test_every_sentence_that_is_asked_for_is_there() -> None:
    asked = set()
    for path in sorted(ROOT.rglob("*.py")):
        if "tests" not in path.parts:
            asked |= set(_asked(path))
    assert asked
    assert asked - set(words._WORDS) == set()


@pytest.mark.parametrize(
    ("variables", "french"),
    [
        ({"TOCSIN_LANG": "fr"}, True),
        ({"TOCSIN_LANG": "en", "LANG": "fr_FR.UTF-8"}, False),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, False),
        ({"LANG": "fr_BE"}, True),
        ({}, False),
    ],
)
def test_the_language_of_the_reader(
    variables: dict[str, str], french: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert words.french() is french


def _places(sentence: str) -> list[str]:
    return re.findall(r"\{(\w+)", sentence)


def _asked(path: Path) -> list[str]:
    """Return the sentences that the module `path` asks for by name."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if _says(call) and call.args]
    return [str(name.value) for name in names if isinstance(name, ast.Constant)]


def _says(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "say"

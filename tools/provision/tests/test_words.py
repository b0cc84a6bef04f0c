"""Every sentence exists in both languages, takes the same values in both, and is said somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from tools.provision import words
from tools.provision.words import say, say_in

PACKAGE = Path(__file__).resolve().parents[1]
FAMILIES = (
    "audit.",
    "board.",
    "card.",
    "coverage.",
    "fuses.",
    "keys.",
    "lack.",
    "role.",
    "verdict.",
)  # said by f"..."


def said() -> Iterator[tuple[str, str]]:
    """Yield file and name of each sentence that is named where it is said."""
    for path in PACKAGE.rglob("*.py"):
        if "tests" in path.parts or "wording" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named = NAME.fullmatch(node.value)
                if named and named[1] in TOPICS and named[2] not in FILES:
                    yield path.name, node.value


TOPICS = {name.partition(".")[0] for name in words._WORDS}
NAME = re.compile(r"([a-z]+)\.([a-z0-9_]*[a-z0-9])")  # not the beginning of one
FILES = ("age", "jsonl", "pdf", "toml")  # their endings


@pytest.mark.parametrize("name", words._WORDS)
def test_a_sentence_takes_the_same_values_in_both_languages(name: str) -> None:
    english, french = words._WORDS[name]
    assert english
    assert french
    assert _values(english) == _values(french)


def _values(sentence: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}


def test_every_sentence_that_is_said_exists() -> None:
    missing = [(file, name) for file, name in said() if name not in words._WORDS]
    assert not missing


def test_no_sentence_is_said_nowhere() -> None:
    named = {name for _, name in said()}
    left = {name for name in words._WORDS if name not in named and not name.startswith(FAMILIES)}
    assert not left


def test_the_language_is_that_of_the_terminal_or_of_the_paper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert say("verdict.good") == "bonne"
    monkeypatch.setenv("TOCSIN_LANG", "en")
    assert say("verdict.good") == "good"
    assert say_in("fr", "verdict.good") == "bonne"

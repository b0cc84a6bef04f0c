import re

import pytest

from tools.demonstration import words
from tools.virtual import bystander
from tools.virtual.wearer import NAMES


@pytest.mark.parametrize("key", sorted(words._TEXTS))
def test_both_languages_say_the_same_things(key: str) -> None:
    english, french = words._TEXTS[key]

    assert english.strip()
    assert french.strip()
    assert sorted(re.findall(r"{(\w+)", english)) == sorted(re.findall(r"{(\w+)", french))


def test_whatever_can_be_felt_or_shown_has_words() -> None:
    signs = {*bystander._NAMES.values(), bystander.HELP, bystander.DARK}
    felt = {f"felt_{name}" for name in NAMES.values()}
    assert felt | {f"{word}_{sign}" for word in ("shown", "light") for sign in signs} <= set(
        words._TEXTS
    )


@pytest.mark.parametrize(
    ("chosen", "environment", "expected"),
    [
        ("fr", "en_GB.UTF-8", "panique"),
        ("en", "fr_FR.UTF-8", "panic"),
        (None, "fr_FR.UTF-8", "panique"),
        (None, "de_DE.UTF-8", "panic"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_systems(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, environment: str, expected: str
) -> None:
    monkeypatch.setenv("LC_ALL", environment)
    words.language(chosen)

    assert words.say("panic") == expected
    words.language("en")

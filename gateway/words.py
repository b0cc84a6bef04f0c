"""What the gateway says to an installer, in English and in French. `gateway.wording` has the sentences."""

import os

from gateway.wording import (
    checks,
    columns,
    commands,
    files,
    first_start,
    options,
    people,
    plan,
    receivers,
    values,
)

_TOPICS = (checks, columns, commands, files, first_start, options, people, plan, receivers, values)
_WORDS: dict[str, tuple[str, str]] = {
    name: both for topic in _TOPICS for name, both in topic.WORDS.items()
}


def french() -> bool:
    """Say whether the person at this terminal reads French; TOCSIN_LANG wins over the locale."""
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].lower().startswith("fr")
    return False


def known(sentence: str) -> bool:
    """Say whether there is such a sentence."""
    return sentence in _WORDS


def say(sentence: str, /, **values: object) -> str:
    """Return `sentence` with `values` filled in."""
    return _WORDS[sentence][french()].format(**values)


def say_in(language: str, sentence: str, /, **values: object) -> str:
    """Return `sentence` in `language`, fr or en: for who is told, not for who sits at this terminal."""
    return _WORDS[sentence][language == "fr"].format(**values)

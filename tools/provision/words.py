"""What the tool says to an installer, in English and in French; `wording` has the sentences."""

import os

from tools.provision.wording import board, commission, fuses, keys, paper, plan, self_test

_TOPICS = (board, commission, fuses, keys, paper, plan, self_test)
_WORDS: dict[str, tuple[str, str]] = {
    name: both for topic in _TOPICS for name, both in topic.WORDS.items()
}


def french() -> bool:
    """Say whether the person at this terminal reads French; TOCSIN_LANG wins over the locale."""
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].lower().startswith("fr")
    return False


def say(sentence: str, /, **values: object) -> str:
    """Return `sentence` in the language of this terminal, with `values` filled in."""
    return _WORDS[sentence][french()].format(**values)


def say_in(language: str, sentence: str, /, **values: object) -> str:
    """Return `sentence` in `language`, fr or en: for who reads the paper, not for who sits here."""
    return _WORDS[sentence][language == "fr"].format(**values)

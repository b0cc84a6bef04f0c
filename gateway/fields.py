"""Reads typed fields out of a TOML or JSON table and collects every problem it meets."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.words import say

_LONGEST_SLIP = 24
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TEXT_MAX = 200
_KEY_EXAMPLE = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"  # of RFC 8037, appendix A.2
_REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with `key`, in words that say how to put it right."""

    key: str
    what: str


class Fields:
    """One table. Every reader returns a usable value; `problems` tells whether it may be used."""

    def __init__(self, table: Mapping[str, object], where: str, problems: list[Problem]) -> None:
        """Read `table`, named `where`, adding to `problems`."""
        self._table = table
        self._where = where
        self._problems = problems
        self._known: list[str] = []

    def text(self, key: str, example: str, default: str | None = None) -> str:
        """Return a text of 1 to 200 characters."""
        value = self._text(key, example, default)
        if not 1 <= len(value) <= _TEXT_MAX or not value.isprintable():
            self.bad_form(key, "form.text", example)
        return value

    def any_text(self, key: str, example: str, default: str) -> str:
        """Return a text, which may be empty; what it must look like is for the caller to say."""
        return self._text(key, example, default)

    def optional(self, key: str, example: str) -> str | None:
        """Return a text, or None where the key is absent."""
        if key in self._table:
            return self.text(key, example)
        self._known.append(key)
        return None

    def texts(self, key: str, example: str) -> tuple[str, ...] | None:
        """Return a list of texts, or a text that stands for one; None where the key is absent."""
        value = self._take(key, example, None)
        items = [value] if isinstance(value, str) else value
        if items is None:
            return None
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self._wrong_type(key, "type.texts", f'["{example}"]')
            return None
        return tuple(items)

    def some(self, key: str, known: Sequence[str]) -> tuple[str, ...] | None:
        """Return some of `known`, each once; None where the key is absent."""
        values = self.texts(key, known[0] if known else "")
        if values is not None and not (values and set(values) <= set(known)):
            self.problem(key, say("not_some_of", known=", ".join(known)))
        return values and tuple(dict.fromkeys(values))

    def name(self, key: str, example: str, default: str | None = None) -> str:
        """Return a text fit for a topic, a file name or a log line."""
        value = self._text(key, example, default)
        if not _NAME.fullmatch(value):
            self.bad_form(key, "form.name", example)
        return value

    def public_key(self, key: str) -> bytes:
        """Return the 32 bytes of an Ed25519 public key, written as `x` of a JWK (RFC 8037)."""
        value = self._text(key, _KEY_EXAMPLE, None)
        try:
            raw = base64.b64decode(value + "=", altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        if len(raw) != 32:
            self.bad_form(key, "form.public_key", _KEY_EXAMPLE)
        return raw

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """Return one of `known`."""
        value = self._text(key, known[0], default)
        if value not in known:
            self.problem(key, say("not_one_of", known=", ".join(known)))
            return known[0]
        return value

    def number(
        self, key: str, low: int, high: int, default: int | None = None, why: str | None = None
    ) -> int:
        """Return a whole number from `low` to `high`; `why` names the reason of these limits."""
        example = str(low if default is None else default)
        value = self._take(key, example, _REQUIRED if default is None else default)
        if not isinstance(value, int) or isinstance(value, bool):
            self._wrong_type(key, "type.number", example)
            return low
        if not low <= value <= high:
            reason = f" ({say(f'limit.{why}')})" if why else ""
            self.problem(key, say("out_of_range", low=low, high=high) + reason)
            return low
        return value

    def optional_number(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number from `low` to `high`, or None where the key is absent."""
        if key in self._table:
            return self.number(key, low, high)
        self._known.append(key)
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, "true", default)
        if not isinstance(value, bool):
            self._wrong_type(key, "type.flag", "true")
            return default
        return value

    def table(self, key: str) -> "Fields":
        """Return the table `key`, empty where it is absent."""
        value = self._take(key, "", {})
        if not isinstance(value, dict):
            self._wrong_type(key, "type.table", f"[{key}]")
            value = {}
        return Fields(value, self._name(key), self._problems)

    def has(self, key: str) -> bool:
        """Say whether the table has this key."""
        return key in self._table

    def tables(self, key: str) -> list["Fields"]:
        """Return the tables of the list `key`."""
        value = self._take(key, "", [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong_type(key, "type.tables", f"[[{key}]]")
            value = []
        return [
            Fields(item, f"{self._name(key)}[{place}]", self._problems)
            for place, item in enumerate(value, 1)
        ]

    def finish(self) -> None:
        """Report every key nobody asked for."""
        for key in self._table:
            if key not in self._known:
                # A damaged file may have run a secret into a name: a long one is not repeated.
                shown = key if len(key) <= _LONGEST_SLIP else "?"
                self.problem(shown, say("unknown_key", known=", ".join(self._known)))

    def problem(self, key: str, what: str) -> None:
        """Add a problem of `key`."""
        self._problems.append(Problem(self._name(key), what))

    def bad_form(self, key: str, form: str, example: str) -> None:
        """Add that `key` lacks the form `form`, once where it is already known to be wrong."""
        if not any(problem.key == self._name(key) for problem in self._problems):
            self.problem(key, say("bad_form", wanted=say(form), example=repr(example)))

    def _text(self, key: str, example: str, default: str | None) -> str:
        value = self._take(key, f'{key} = "{example}"', _REQUIRED if default is None else default)
        if not isinstance(value, str):
            self._wrong_type(key, "type.text", f'"{example}"')
            return example
        return value

    def _take(self, key: str, example: str, default: object) -> object:
        self._known.append(key)
        if key in self._table:
            return self._table[key]
        if default is _REQUIRED:
            shown = example if "=" in example else f"{key} = {example}"
            self.problem(key, say("missing_key", example=shown))
        return default

    def _wrong_type(self, key: str, wanted: str, example: str) -> None:
        if not any(problem.key == self._name(key) for problem in self._problems):
            self.problem(key, say("wrong_type", wanted=say(wanted), example=example))

    def _name(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

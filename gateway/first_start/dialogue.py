"""The questions of the first start. Each is asked until its answer can be used; Enter is the default."""

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from gateway.fields import Fields, Problem
from gateway.first_start import answers
from gateway.first_start.hardware import Found
from gateway.upstream.targets import read_target
from gateway.words import say

Judge = Callable[[Fields], object]
"""Reads the answer out of a table of one field, as the configuration's own reader does."""
_YES = ("y", "yes", "o", "oui")
_NO = ("n", "no", "non")
_ANYWHERE = Path("/")  # where a secret will lie is no matter of the answer


class GivenUp(Exception):
    """Whoever was asked has left: nothing was changed."""


class Dialogue:
    """Asks at a terminal; `ask` returns one line, `ask_secretly` one that is not shown."""

    def __init__(self, ask: Callable[[str], str], ask_secretly: Callable[[str], str]) -> None:
        """Ask nothing yet."""
        self._ask = ask
        self._ask_secretly = ask_secretly

    def run(self, found: Found) -> dict[str, object]:
        """Return all answers as a table, the form of a file of answers; raise `GivenUp`."""
        self.tell(say("setup.begin"))
        table: dict[str, object] = {
            "site": self._text("site", lambda one: one.name("site", "health-centre")),
            "name": self._text("name", lambda one: one.name("name", "gateway"), "gateway"),
            "mark": int(self._text("mark", _mark, "1")),
            "ports": self._chosen("port", found.ports),
            "adapters": self._chosen("adapter", found.adapters),
        }
        if not table["ports"] and not table["adapters"]:
            self.tell(say("setup.nothing_found"))
            pattern = "/dev/serial/by-id/usb-Espressif*"
            table["ports"] = [
                self._text("pattern", lambda one: one.text("pattern", pattern), pattern)
            ]
        return table | self._ways()

    def _ways(self) -> dict[str, object]:
        ways: dict[str, object] = {}
        while not ways:
            self.tell(say("setup.ways"))
            asked = {"mqtt": self._mqtt, "webhook": self._webhook, "mail": self._mail}
            for kind, ask in asked.items():
                if self._agreed(say(f"setup.{kind}")):
                    ways[kind] = self._usable(kind, ask)
        return ways

    def _usable(self, kind: str, ask: Callable[[], dict[str, object]]) -> dict[str, object]:
        """Ask for a way out until the configuration's reader has nothing against it."""
        while True:
            given = ask()
            problems: list[Problem] = []
            values, _ = answers.apart(kind, given, _ANYWHERE)
            read_target(Fields({"type": kind} | values, "", problems))
            if not problems:
                return given
            for problem in problems:
                self.tell(f"{problem.key}: {problem.what}")

    def _webhook(self) -> dict[str, object]:
        url = "https://alerts.example.org/tocsin"
        return {"url": self._text("url", lambda one: one.text("url", url))}

    def _mqtt(self) -> dict[str, object]:
        host = self._text("host", lambda one: one.text("host", "broker.example.org"))
        return {"host": host} | self._login()

    def _mail(self) -> dict[str, object]:
        host = self._text("host", lambda one: one.text("host", "mail.example.org"))
        sender = self._text("sender", lambda one: one.text("sender", "tocsin@example.org"))
        recipients = self._text("recipients", lambda one: one.text("recipients", "a@example.org"))
        people = [one.strip() for one in recipients.split(",") if one.strip()]
        return {"host": host, "sender": sender, "recipients": people} | self._login()

    def _login(self) -> dict[str, object]:
        user = self._line(say("setup.ask.username"))
        if not user:
            return {}
        password = self._secret(say("setup.ask.password"))
        return {"username": user, "password": password} if password else {"username": user}

    def _text(self, key: str, judge: Judge, default: str = "") -> str:
        """Ask for `key` until `judge` has nothing against the answer."""
        shown = f" [{default}]" if default else ""
        while True:
            answer = self._line(say(f"setup.ask.{key}") + shown) or default
            problems: list[Problem] = []
            value: object = int(answer) if answer.isascii() and answer.isdigit() else answer
            judge(Fields({key: value if key == "mark" else answer}, "", problems))
            if not problems:
                return answer
            self.tell(problems[0].what)

    def _chosen(self, kind: str, there: tuple[str, ...]) -> list[str]:
        return [one for one in there if self._agreed(say(f"setup.{kind}", which=one), default=True)]

    def _agreed(self, question: str, *, default: bool = False) -> bool:
        """Ask for yes or no; Enter is `default`."""
        choice = say("setup.yes_no" if default else "setup.no_yes")
        while True:
            answer = self._line(f"{question} {choice}").lower()
            if answer in _YES + _NO + ("",):
                return default if not answer else answer in _YES

    def _line(self, question: str) -> str:
        return self._asked(self._ask, question)

    def _secret(self, question: str) -> str:
        return self._asked(self._ask_secretly, question)

    @staticmethod
    def _asked(ask: Callable[[str], str], question: str) -> str:
        try:
            return ask(f"{question}: ").strip()
        except (EOFError, KeyboardInterrupt) as error:
            raise GivenUp from error

    @staticmethod
    def tell(text: str) -> None:
        """Say something that is no question."""
        sys.stdout.write(text + "\n")


def at_this_terminal() -> Dialogue:
    """Return who asks here; where answers are piped in, a password is a line like any other."""
    return Dialogue(input, getpass.getpass if sys.stdin.isatty() else input)


def _mark(fields: Fields) -> object:
    return fields.number("mark", 1, 7)

"""The tree of commands and their options, with every text in the reader's language.

argparse says a few things by itself, in English. Those a person meets are said again here: headings,
`-h`, and the mistakes on a command line; a mistake that is not known here stays in English.
"""

import argparse
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from gateway import config as configuration
from gateway.commands.exits import USAGE
from gateway.words import say

Command = Callable[[argparse.Namespace], int]
FILE = {"bash": "_shtab_compgen_files", "zsh": "_files"}  # how shtab names the completion of a path
_MISTAKES = (
    (r"the following arguments are required: (?P<what>.+)", "usage.missing"),
    (r"unrecognized arguments: (?P<what>.+)", "usage.unknown"),
    (r"argument (?P<what>.+?): expected one argument", "usage.no_value"),
    (r"argument (?P<what>.+?): invalid int value: (?P<value>.+)", "usage.no_number"),
    (
        r"argument (?P<what>.+?): invalid choice: (?P<value>.+?) \(choose from (?P<known>.+)\)",
        "usage.choice",
    ),
    (r"ambiguous option: (?P<what>.+?) could match (?P<known>.+)", "usage.ambiguous"),
    (r"argument (?P<what>.+?): (?P<why>.+)", "usage.wrong"),
)


class _Layout(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, say("usage.begin") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser whose headings, help and complaints are in the reader's language."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - whatever argparse gives a command
        """Describe a command."""
        super().__init__(**given, add_help=False, formatter_class=_Layout)
        self.needed = self.add_argument_group(say("usage.needed"))
        self.optional = self.add_argument_group(say("usage.optional"))
        self.optional.add_argument("-h", "--help", action="help", help=say("help.help"))

    def error(self, message: str) -> NoReturn:
        """Tell how the command is used, and the mistake; exit with 2."""
        self.exit(USAGE, f"{self.format_usage()}{self.prog}: {mistake(message)}\n")


def mistake(message: str) -> str:
    """Return what argparse complains of, in the reader's language where it is known."""
    for pattern, sentence in _MISTAKES:
        found = re.fullmatch(pattern, message)
        if found:
            return say(sentence, **found.groupdict())
    return message


class Commands:
    """The commands below one parser."""

    def __init__(self, parser: Parser) -> None:
        """Begin with none; one must be given."""
        self.whole = parser
        text = say("usage.commands")
        self._commands = parser.add_subparsers(
            required=True, metavar=say("usage.command"), title=text
        )
        self._name = ""

    def add(self, name: str, call: Command) -> Parser:
        """Add the command `name`, described by the sentence `help.<name>`; return its parser."""
        parser = self._parser(name)
        text = say("help.config", path=configuration.DEFAULT_PATH)
        parser.optional.add_argument(
            "--config", type=Path, default=configuration.DEFAULT_PATH, metavar="FILE", help=text
        ).complete = FILE  # type: ignore[attr-defined]  # what shtab looks for
        parser.optional.add_argument("--json", action="store_true", help=say("help.json"))
        parser.set_defaults(call=call)
        return parser

    def family(self, name: str) -> "Commands":
        """Add the command `name` that has commands of its own; return these."""
        commands = Commands(self._parser(name))
        commands._name = f"{self._name}{name}."
        return commands

    def _parser(self, name: str) -> Parser:
        text = say(f"help.{self._name}{name}")
        return self._commands.add_parser(name, help=text, description=text)

"""journal verify | export: what happened, and whether anybody has changed it."""

import argparse
from contextlib import closing

from gateway import config as configuration
from gateway.commands.exits import DONE, FAULT, of_result
from gateway.commands.options import Commands, Parser
from gateway.commands.reading import reading
from gateway.commands.terminal import complain, show, show_json
from gateway.disk import journal
from gateway.words import say

_DIGEST_HEX = 64


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    family = commands.family("journal")
    _head(family.add("verify", verify))
    parser = family.add("export", export)
    parser.optional.add_argument("--incident", metavar="ID", help=say("help.incident"))


def verify(options: argparse.Namespace) -> int:
    """Read the whole chain, and compare it with a head that was told upstream, where one is given."""
    config = configuration.load(options.config)
    with closing(reading(config)) as connection:
        verdict = journal.verify(connection, options.head)
    shown = {
        "intact": verdict.intact,
        "head": verdict.head.shown(),
        "erased": verdict.erased,
        "broken_at": verdict.broken_at,
    }
    if options.json:
        show_json(shown)
    elif verdict.broken_at is not None:
        show(say("journal.broken", n=verdict.broken_at))
    else:
        n, chain = verdict.head
        show(say("journal.intact", n=n, erased=verdict.erased, head=f"{n}:{chain.hex()}"))
    return DONE if verdict.intact else FAULT


def export(options: argparse.Namespace) -> int:
    """Print the journal, one JSON object a line."""
    config = configuration.load(options.config)
    entries = -1  # the head comes before them
    with closing(reading(config)) as connection:
        for line in journal.export(connection, options.incident):
            show_json(line)
            entries += 1
    if options.incident and not entries:
        return complain(say("command.unknown_incident"), of_result("unknown_incident"))
    return DONE


def _head(parser: Parser) -> None:
    parser.optional.add_argument(
        "--head", type=_known_head, metavar="N:SHA256", help=say("help.head")
    )


def _known_head(text: str) -> journal.Head:
    """Return what an upstream event told as `journal_head`."""
    number, _, chain = text.partition(":")
    if not number.isdecimal() or len(chain) != _DIGEST_HEX:
        raise argparse.ArgumentTypeError(say("journal.bad_head"))
    return journal.Head(int(number), bytes.fromhex(chain))

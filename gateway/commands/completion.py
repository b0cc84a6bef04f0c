"""completion: what a shell needs to complete our commands, made from the options themselves."""

import argparse

import shtab

from gateway.commands.exits import DONE
from gateway.commands.options import Commands
from gateway.commands.terminal import show
from gateway.words import say


def add(commands: Commands) -> None:
    """Offer the command of this module, which needs all others."""

    def complete(options: argparse.Namespace) -> int:
        show(shtab.complete(commands.whole, options.shell))
        return DONE

    parser = commands.add("completion", complete)
    parser.needed.add_argument("shell", choices=("bash", "zsh"), help=say("help.shell"))

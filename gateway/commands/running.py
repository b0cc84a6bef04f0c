"""run: the gateway itself."""

import argparse
import asyncio

from uvloop import new_event_loop

from gateway import config as configuration
from gateway.commands.exits import DONE
from gateway.commands.options import Commands
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.sole_user import sole_user
from gateway.service import Service


def add(commands: Commands) -> None:
    """Offer the command of this module."""
    commands.add("run", run)


def run(options: argparse.Namespace) -> int:
    """Be the gateway until a signal ends it."""
    config = configuration.load(options.config)
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.runtime_dir.mkdir(parents=True, exist_ok=True)
    # Between two alerts all code has left the cache: a loop in C brings less of it back.
    with sole_user(config.state_dir), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(Service(config, GatewayKey.load(config.state_dir)).run())
    return DONE

"""key: the gateway's own, to which enrolments are encrypted, and the one it signs events with."""

import argparse
import json

from gateway import config as configuration
from gateway.commands.exits import DONE
from gateway.commands.options import Commands
from gateway.commands.terminal import show, show_json
from gateway.disk import signing_key
from gateway.disk.gateway_key import GatewayKey


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    family = commands.family("key")
    family.add("new", make)
    family.add("show", show_recipient)
    family.add("signing", show_signing)


def make(options: argparse.Namespace) -> int:
    """Make the key; never overwrite one."""
    config = configuration.load(options.config)
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _show(options, GatewayKey.make(config.state_dir))


def show_recipient(options: argparse.Namespace) -> int:
    """Print the public half."""
    return _show(options, GatewayKey.load(configuration.load(options.config).state_dir))


def show_signing(options: argparse.Namespace) -> int:
    """Print the public half of the key that signs: as a JWK, and as Standard Webhooks want it."""
    config = configuration.load(options.config)
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    signer = signing_key.load_or_make(config.state_dir)
    if options.json:
        show_json({"jwk": signer.jwk(), "webhook_key": signer.webhook_key()})
    else:
        show(f"{json.dumps(signer.jwk())}\n{signer.webhook_key()}")
    return DONE


def _show(options: argparse.Namespace, key: GatewayKey) -> int:
    if options.json:
        show_json({"recipient": key.recipient})
    else:
        show(key.recipient)
    return DONE

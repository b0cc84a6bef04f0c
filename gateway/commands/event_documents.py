"""events: what this gateway tells, as JSON Schema and AsyncAPI, for who writes a receiver."""

import argparse
from importlib.metadata import version

from gateway.commands.exits import DONE
from gateway.commands.options import Commands
from gateway.commands.terminal import show_json
from gateway.upstream.event_documents import asyncapi, event_schema


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    family = commands.family("events")
    family.add("schema", show_schema)
    family.add("asyncapi", show_asyncapi)


def show_schema(_: argparse.Namespace) -> int:
    """Print the schema of every event."""
    show_json(event_schema())
    return DONE


def show_asyncapi(_: argparse.Namespace) -> int:
    """Print what goes over which topic."""
    show_json(asyncapi(version("tocsin")))
    return DONE

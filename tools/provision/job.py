"""What is to be done with one port, and what is known of the board there so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tools.provision.esptool import Found
from tools.provision.files import Program
from tools.provision.head import Head
from tools.provision.identity import Identity, Planned
from tools.provision.images import Image
from tools.provision.journal import Journal
from tools.provision.queue import Queue
from tools.provision.repl import Repl

Told = Callable[[str, float], None]  # the step, and how much of it is done, from 0 to 1


class Keeper(Protocol):
    """Who gives keys and keeps them: the organisation's store."""

    def issue(self, planned: Planned) -> Identity:
        """Return a device with a key that no device had before, kept before this returns."""

    def given(self, identity: Identity, board: str) -> None:
        """Take note that the board with this MAC holds it."""


@dataclass(frozen=True, slots=True)
class Job:
    """One port, and what all ports of a run share."""

    port: str
    images: Path  # a file, or a kit
    queue: Queue
    journal: Journal
    keeper: Keeper
    baud: int = 921_600
    press: bool = True  # a person is there to press buttons
    head: Head | None = None  # on the table; None: nobody listens to the board


@dataclass(slots=True)
class Known:
    """What the steps found out, each for those behind it."""

    found: Found
    planned: Planned
    image: Image
    done: tuple[str, ...] = ()  # of an earlier run
    repl: Repl | None = None
    program: Program | None = None
    identity: Identity | None = None
    tested: dict[str, Any] = field(default_factory=dict)

"""What a fleet tells its alerts to, and one mosquitto as the measure of what a single broker costs."""

import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tools.bench.fleet_client import Address
from tools.bench.fleet_server import NotReady, Server, free_ports

HERE = "127.0.0.1"
_MOSQUITTO = """
listener {port} {here}
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 0
max_inflight_messages 0
user root
"""


class Brokers(Protocol):
    """What takes the alerts of a fleet."""

    @property
    def name(self) -> str:
        """What it is called in the report."""

    @property
    def servers(self) -> Sequence[Server]:
        """Its processes."""

    def start(self) -> None:
        """Start all of it and wait until it answers; raise `NotReady`."""

    def nodes(self) -> list[Address]:
        """Return where MQTT is spoken."""

    def break_it(self) -> bool:
        """Kill what hurts most, if anything is left then; say whether that was done."""


class Mosquitto:
    """One broker, of which nothing can be spared."""

    name = "mosquitto"

    def __init__(self, folder: Path) -> None:
        """Write its configuration."""
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            raise NotReady("mosquitto is missing (Debian: apt install mosquitto)")
        (self._port,) = free_ports(1)
        config = folder / "mosquitto.conf"
        config.write_text(_MOSQUITTO.format(port=self._port, here=HERE, folder=folder))
        self.servers = [Server(self.name, [program, "-c", config], folder / "mosquitto.log")]

    def start(self) -> None:
        """See `Brokers`."""
        (server,) = self.servers
        server.start()
        server.wait(self._listens)

    def nodes(self) -> list[Address]:
        """See `Brokers`."""
        return [(HERE, self._port)]

    def break_it(self) -> bool:
        """See `Brokers`."""
        return False

    def _listens(self) -> bool:
        try:
            socket.create_connection((HERE, self._port), 1).close()
        except OSError:
            return False
        return True

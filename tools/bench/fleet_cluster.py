"""The cluster of three NATS nodes on this machine: with the settings that are shipped, in clear."""

import json
import shutil
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

import gateway
from tools import nats_server
from tools.bench.fleet_brokers import HERE
from tools.bench.fleet_client import Address
from tools.bench.fleet_server import NotReady, Server, free_ports

NODES = 3
STREAM = "$MQTT_msgs"  # where nats-server keeps what was published with QoS 1
SHIPPED = Path(gateway.__file__).parent / "packaging" / "fleet"
_SETTINGS = ("storage.conf", "sessions.conf")
_ANSWER_WITHIN_S = 10.0
_BOOTS = 3
_WHOLE_WITHIN_S = 10.0
_LOOK_S = 0.1
_NODE = """
server_name: "{name}"
listen: "{here}:{client}"
http: "{here}:{monitor}"
jetstream {{
  store_dir: "{folder}/{name}"
  include "storage.conf"
}}
cluster {{
  name: "tocsin"
  listen: "{here}:{route}"
  routes: [{routes}]
}}
mqtt {{
  listen: "{here}:{mqtt}"
  include "sessions.conf"
}}
"""


class Cluster:
    """Three nodes; one can be spared."""

    name = "cluster"

    def __init__(self, folder: Path) -> None:
        """Write the configuration of every node."""
        self._folder = folder
        program = nats_server.command()
        for name in _SETTINGS:
            shutil.copy(SHIPPED / name, folder)
        ports = free_ports(4 * NODES)
        self._mqtt, self._monitors = ports[:NODES], ports[NODES : 2 * NODES]
        routes, clients = ports[2 * NODES : 3 * NODES], ports[3 * NODES :]
        known = ", ".join(f'"nats://{HERE}:{port}"' for port in routes)
        self.servers = []
        for at in range(NODES):
            name = f"tocsin-{at + 1}"
            config = folder / f"{name}.conf"
            text = _NODE.format(
                name=name,
                here=HERE,
                folder=folder,
                client=clients[at],
                monitor=self._monitors[at],
                route=routes[at],
                mqtt=self._mqtt[at],
                routes=known,
            )
            config.write_text(text)
            self.servers.append(Server(name, [program, "-c", config], folder / f"{name}.log"))

    def start(self) -> None:
        """Start every node and wait until they are one cluster; raise `NotReady`.

        Of nodes that start for the first time at the same moment, the leader may never learn of one:
        nothing can be placed on three nodes then. They begin anew, with empty disks.
        """
        for _ in range(_BOOTS):
            for server in self.servers:
                server.start()
            for server in self.servers:
                server.wait(partial(self._healthy, server))
            if self._whole():
                return
            for server in self.servers:
                server.kill()
                shutil.rmtree(self._folder / server.name, ignore_errors=True)
        raise NotReady(f"a node was left out {_BOOTS} times")

    def _whole(self) -> bool:
        """Say whether a leader has all other nodes behind it, before long."""
        give_up = time.monotonic() + _WHOLE_WITHIN_S
        while time.monotonic() < give_up:
            for server in self.servers:
                known = self._ask(server, "jsz").get("meta_cluster", {})
                current = [peer for peer in known.get("replicas", ()) if peer["current"]]
                if known.get("leader") == server.name and len(current) == NODES - 1:
                    return True
            time.sleep(_LOOK_S)
        return False

    def restart(self, server: Server) -> None:
        """Start a node that was killed, and wait until it has caught up; raise `NotReady`."""
        server.start()
        server.wait(lambda: self._healthy(server) and self.replicas() == NODES)

    def nodes(self) -> list[Address]:
        """Return where MQTT is spoken."""
        return [(HERE, port) for port in self._mqtt]

    def break_it(self) -> bool:
        """Kill the node that leads the stream of events; raise `NotReady` where none does."""
        for server in self.servers:
            if server.running and self._stream(server).get("leader") == server.name:
                server.kill()
                return True
        raise NotReady(f"no node leads {STREAM}")

    def replicas(self) -> int:
        """Return on how many nodes the stream of events is whole, by its leader; 0 where it has none."""
        for server in self.servers:
            stream = self._stream(server) if server.running else {}
            if stream.get("leader") == server.name:  # the others know of no peer but themselves
                whole = [peer for peer in stream.get("replicas", ()) if peer["current"]]
                return 1 + len(whole)
        return 0

    def _healthy(self, server: Server) -> bool:
        try:
            return bool(self._ask(server, "healthz")["status"] == "ok")
        except OSError:  # not yet; or HTTP 503, with what is missing
            return False

    def _stream(self, server: Server) -> dict[str, Any]:
        """Return what a node knows of those that have the stream of events."""
        told = self._ask(server, "jsz?streams=1")
        for account in told.get("account_details", ()):
            for stream in account["stream_detail"]:
                if stream["name"] == STREAM:
                    cluster: dict[str, Any] = stream["cluster"]
                    return cluster
        return {}

    def _ask(self, server: Server, what: str) -> dict[str, Any]:
        port = self._monitors[self.servers.index(server)]
        address = f"http://{HERE}:{port}/{what}"
        with urllib.request.urlopen(address, timeout=_ANSWER_WITHIN_S) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

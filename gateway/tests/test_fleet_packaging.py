"""The shipped cluster: three nodes with TLS and accounts, judged by a client that is not ours.

Only addresses, ports and folders are others than in the files.
"""

import asyncio
import json
import re
import signal
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiomqtt
import pytest

from gateway.tests.receivers import Authority
from tools import nats_server
from tools.bench.fleet_server import Server, free_ports

FLEET = Path(__file__).parents[1] / "packaging" / "fleet"
NODES = (1, 2, 3)
DESK, GATEWAY = "desk.example.org", "pharmacie-12.example.org"
EVENT, COMMAND = "tocsin/pharmacie-12/event", "tocsin/pharmacie-12/command"


class Shipped:
    """The three nodes, each in a folder with the shipped files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.mqtt = dict(zip(NODES, free_ports(3), strict=True))
        self.monitor = dict(zip(NODES, free_ports(3), strict=True))
        self._routes = dict(zip(NODES, free_ports(3), strict=True))
        self.servers = [self._node(number, folder / str(number)) for number in NODES]

    def _node(self, number: int, folder: Path) -> Server:
        folder.mkdir()
        certificate, key = self.authority.sign("127.0.0.1")
        changes: dict[str, str] = {
            r"127\.0\.0\.1:4222": "127.0.0.1:-1",
            r"127\.0\.0\.1:8222": f"127.0.0.1:{self.monitor[number]}",
            r"0\.0\.0\.0:6222": f"127.0.0.1:{self._routes[number]}",
            r"0\.0\.0\.0:8883": f"127.0.0.1:{self.mqtt[number]}",
            "/var/lib/nats/jetstream": str(folder / "jetstream"),
            "/etc/nats/tls/ca.pem": str(self.authority.file),
            "/etc/nats/tls/node.pem": str(certificate),
            "/etc/nats/tls/node.key": str(key),
        }
        changes |= {
            rf"tocsin-{other}\.example\.org:6222": f"127.0.0.1:{port}"
            for other, port in self._routes.items()
        }
        for file in FLEET.glob("*.conf"):
            text = file.read_text(encoding="utf-8")
            for was, becomes in changes.items():
                text = re.sub(was, becomes, text)
            (folder / file.name).write_text(text, encoding="utf-8")
        config = folder / f"node-{number}.conf"
        return Server(str(number), [nats_server.command(), "-c", config], folder / "log")

    def start(self) -> None:
        for server in self.servers:
            server.start()
        for server in self.servers:
            server.wait(lambda number=int(server.name): self._healthy(number))  # type: ignore[misc]

    def stop(self) -> None:
        for server in self.servers:
            server.kill()

    def client(self, name: str | None, node: int, **options: object) -> aiomqtt.Client:
        """Return a client that shows the certificate of `name`; None: none at all."""
        context = ssl.create_default_context(cafile=self.authority.file)
        if name is not None:
            context.load_cert_chain(*self.authority.sign(name))
        port = self.mqtt[node]
        return aiomqtt.Client("127.0.0.1", port, tls_context=context, timeout=15, **options)  # type: ignore[arg-type]

    def stream(self, name: str) -> dict[str, object]:
        told = self._ask(1, "jsz?streams=1&config=1")
        streams = [stream for one in told["account_details"] for stream in one["stream_detail"]]
        found: dict[str, object] = next(stream for stream in streams if stream["name"] == name)
        return found

    def _healthy(self, number: int) -> bool:
        with suppress(OSError):
            return str(self._ask(number, "healthz")["status"]) == "ok"
        return False

    def _ask(self, number: int, what: str) -> dict[str, list[dict[str, list[dict[str, object]]]]]:
        address = f"http://127.0.0.1:{self.monitor[number]}/{what}"
        with urllib.request.urlopen(address, timeout=5) as answer:
            return json.load(answer)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    cluster = Shipped(tmp_path_factory.mktemp("fleet"))
    try:
        cluster.start()
        asyncio.run(_enrol_desk(cluster))
        yield cluster
    finally:
        cluster.stop()


async def _enrol_desk(cluster: Shipped) -> None:
    """Make the streams by the first connection: until each has a leader, it is refused."""
    async with asyncio.timeout(90):
        while True:
            try:
                async with desk(cluster, 1) as client:
                    await client.subscribe("tocsin/+/event", qos=1)
                    return
            except aiomqtt.MqttError:
                await asyncio.sleep(0.5)


def desk(cluster: Shipped, node: int) -> aiomqtt.Client:
    return cluster.client(DESK, node, identifier="desk", clean_session=False)


async def next_of(client: aiomqtt.Client) -> bytes:
    async with asyncio.timeout(15):
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            return message.payload
    raise AssertionError


def test_the_nodes_differ_by_their_names_alone() -> None:
    for number in NODES:
        comment, *lines = (FLEET / f"node-{number}.conf").read_text(encoding="utf-8").splitlines()
        assert comment.startswith(f"# Node {number} of 3.")
        assert lines == [f"server_name: tocsin-{number}", 'include "fleet.conf"']


@pytest.mark.slow
async def test_what_is_told_to_one_node_is_on_three_and_read_at_another(shipped: Shipped) -> None:
    async with shipped.client(GATEWAY, 1) as gateway:
        await gateway.publish(EVENT, b"help", qos=1)
    async with desk(shipped, 2) as client:  # it was away, and comes back to another node
        assert await next_of(client) == b"help"
    config = shipped.stream("$MQTT_msgs")["config"]
    assert isinstance(config, dict)
    assert (config["num_replicas"], config["storage"]) == (3, "file")


@pytest.mark.slow
async def test_a_command_reaches_the_gateway_at_its_node(shipped: Shipped) -> None:
    async with shipped.client(GATEWAY, 3) as gateway, desk(shipped, 1) as client:
        await gateway.subscribe(COMMAND, qos=0)
        await client.publish(COMMAND, b"acknowledge", qos=1)
        assert await next_of(gateway) == b"acknowledge"


async def _tries(cluster: Shipped, topic: str) -> None:
    """Let the gateway of pharmacie-12 publish what it may not; a broker may answer by leaving."""
    with suppress(aiomqtt.MqttError):
        async with cluster.client(GATEWAY, 1) as gateway:
            await gateway.publish(topic, b"forged", qos=1)


@pytest.mark.slow
async def test_a_gateway_does_not_speak_for_another_site(shipped: Shipped) -> None:
    async with desk(shipped, 1) as client:
        await _tries(shipped, "tocsin/other-site/event")
        async with shipped.client(GATEWAY, 1) as gateway:
            await gateway.publish(EVENT, b"of its own", qos=1)
        assert await next_of(client) == b"of its own"


@pytest.mark.slow
async def test_a_gateway_commands_nobody(shipped: Shipped) -> None:
    async with shipped.client(GATEWAY, 1) as listener, desk(shipped, 1) as client:
        await listener.subscribe(COMMAND, qos=0)
        await _tries(shipped, COMMAND)
        await client.publish(COMMAND, b"of the desk", qos=1)
        assert await next_of(listener) == b"of the desk"


@pytest.mark.slow
async def test_a_gateway_does_not_hear_other_sites(shipped: Shipped) -> None:
    async with shipped.client(GATEWAY, 1) as gateway:
        with pytest.raises(aiomqtt.MqttError):
            await asyncio.wait_for(_hears(gateway, "tocsin/+/event"), 10)


async def _hears(client: aiomqtt.Client, topic: str) -> None:
    granted = await client.subscribe(topic, qos=1)
    if all(getattr(code, "is_failure", code == 0x80) for code in granted):
        raise aiomqtt.MqttError("refused")


@pytest.mark.slow
async def test_a_gateway_is_added_while_the_nodes_run(shipped: Shipped) -> None:
    added = "pharmacie-13.example.org"
    for server in shipped.servers:
        accounts = shipped.folder / server.name / "accounts.conf"
        text = accounts.read_text(encoding="utf-8")
        entry = text[text.index('      {\n        user: "pharmacie-12') : text.index("    ]\n")]
        more = text.replace(entry, entry + entry.replace("pharmacie-12", "pharmacie-13"))
        accounts.write_text(more, encoding="utf-8")
        assert server._process is not None
        server._process.send_signal(signal.SIGHUP)  # as `systemctl reload` does
    await asyncio.sleep(1)
    async with desk(shipped, 1) as client:
        async with shipped.client(added, 2) as gateway:
            await gateway.publish("tocsin/pharmacie-13/event", b"new here", qos=1)
        assert await next_of(client) == b"new here"


@pytest.mark.slow
@pytest.mark.parametrize("name", [None, "stranger.example.org"])
async def test_who_has_no_account_is_not_let_in(shipped: Shipped, name: str | None) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with shipped.client(name, 1):
            pass


@pytest.mark.slow
async def test_a_certificate_of_another_authority_is_not_let_in(
    shipped: Shipped, tmp_path: Path
) -> None:
    context = ssl.create_default_context(cafile=shipped.authority.file)
    context.load_cert_chain(*Authority(tmp_path).sign(GATEWAY))
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", shipped.mqtt[1], tls_context=context):
            pass

"""The MQTT upstream where the broker asks who we are: certificates both ways, access lists, MQTT 5."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from gateway.config import ConfigError, load
from gateway.events import Fault, Restore
from gateway.tests.brokers import Mosquitto
from gateway.tests.receivers import Authority
from gateway.tests.test_mqtt import ID, SITE, FakePath, Running, config, row
from gateway.tests.waiting import eventually
from gateway.upstream import held, mqtt, mqtt_client
from gateway.upstream.mqtt_config import MqttConfig

# paho forgets to close the socket whose handshake failed; the collector does.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
ACCESS = f"""
user gateway
topic write tocsin/{SITE}/event
topic write tocsin/{SITE}/one/+
topic read tocsin/{SITE}/command
user desk
topic read tocsin/{SITE}/event
topic write tocsin/{SITE}/command
"""
COMMAND = json.dumps({"command": "close", "incident": ID, "by": "Jo"})


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> FakePath:
    monkeypatch.setattr(mqtt, "RETRY_FIRST_S", 0.05)
    monkeypatch.setattr(mqtt, "RETRY_MAX_S", 0.2)
    monkeypatch.setattr(mqtt, "CONFIRM_WITHIN_S", 2.0)
    monkeypatch.setattr(mqtt, "FOR_S", 0.1)
    monkeypatch.setattr(held, "FOR_S", 0.1)
    return FakePath()


@pytest.fixture
async def running(path: FakePath) -> AsyncIterator[Running]:
    running = Running(path)
    yield running
    await running.stop()


class Strict:
    """A broker that lets in who shows a certificate of `authority`, within `access`."""

    def __init__(self, broker: Mosquitto, folder: Path) -> None:
        self.broker = broker
        self.authority = Authority(folder / "authority")
        self.access = folder / "access"
        self.access.write_text(ACCESS, encoding="utf-8")
        self.access.chmod(0o600)
        broker.stop()
        broker.encrypt(*self.authority.sign("127.0.0.1"))
        broker.demand(self.authority.file, self.access)
        broker.start()

    def settings(
        self, name: str | None = "gateway", days: float = 30, **fields: object
    ) -> dict[str, object]:
        certificate, key = self.authority.sign(name, days) if name else (None, None)
        trust = {"tls": True, "ca_file": self.authority.file}
        return trust | {"cert_file": certificate, "key_file": key} | fields

    def client(self, name: str) -> aiomqtt.Client:
        settings = config(self.broker.port, **self.settings(name))
        return mqtt_client.make(settings, 2.0)


@pytest.fixture
def strict(broker: Mosquitto, tmp_path: Path) -> Strict:
    return Strict(broker, tmp_path)


def faults(path: FakePath) -> dict[str, str]:
    """Causes by code, of the faults that stand."""
    standing: dict[str, str] = {}
    for one in path.conditions:
        if isinstance(one, Fault):
            standing[one.code] = one.why
        else:
            standing.pop(one.code, None)
    return standing


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_by_its_certificate_it_tells_and_obeys(
    strict: Strict, path: FakePath, running: Running, protocol: str
) -> None:
    settings = config(strict.broker.port, **strict.settings(protocol=protocol))
    upstream = running.start(settings)
    await eventually(lambda: upstream.up)
    async with strict.client("desk") as desk:
        await desk.subscribe(f"tocsin/{SITE}/event", qos=1)
        path.add(row(1))
        message = await anext(desk.messages)
        assert json.loads(message.payload)["id"] == row(1).event
        await desk.publish(f"tocsin/{SITE}/command", COMMAND, qos=1)
        await eventually(lambda: len(path.commands) == 1)
    await eventually(lambda: len(path.delivered) == 1)
    assert faults(path) == {}
    ends = await mqtt_client.greet(settings, 2.0)
    assert ends is not None


@pytest.mark.parametrize(
    ("name", "days", "why"),
    [
        (None, 30, "connection_lost"),  # by TLS 1.3 a client learns no more: it has been hung up on
        ("gateway", -1, "connection_lost"),
    ],
)
async def test_a_certificate_that_the_broker_does_not_take_is_a_fault_until_it_is_a_good_one(
    strict: Strict, path: FakePath, running: Running, name: str | None, days: float, why: str
) -> None:
    running.start(config(strict.broker.port, **strict.settings(name, days)))
    path.add(row(1))
    await eventually(lambda: faults(path) == {"unreachable": why})
    assert path.delivered == []
    await running.stop()
    running.start(config(strict.broker.port, **strict.settings()))
    await eventually(lambda: [one.row for one in path.delivered] == [1])


async def test_a_certificate_of_a_stranger_is_not_taken(
    strict: Strict, path: FakePath, running: Running, tmp_path: Path
) -> None:
    certificate, key = Authority(tmp_path / "stranger").sign("gateway")
    settings = strict.settings(cert_file=certificate, key_file=key)
    upstream = running.start(config(strict.broker.port, **settings))
    await eventually(lambda: faults(path) == {"unreachable": "connection_lost"})
    assert not upstream.up


@pytest.mark.parametrize("content", ["", "no key", "sealed"])
async def test_a_key_that_cannot_be_used_is_a_fault_and_nobody_is_asked_for_its_password(
    strict: Strict, path: FakePath, running: Running, tmp_path: Path, content: str
) -> None:
    settings = strict.settings()
    key = tmp_path / "key"
    key.write_bytes(_sealed(settings["key_file"]) if content == "sealed" else content.encode())
    running.start(config(strict.broker.port, **settings | {"key_file": key}))
    await eventually(lambda: faults(path) == {"unreachable": "cert_file"})


def _sealed(key_file: object) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    assert isinstance(key_file, Path)
    key = form.load_pem_private_key(key_file.read_bytes(), None)
    lock = form.BestAvailableEncryption(b"secret")
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock)


async def test_by_mqtt_5_an_event_that_the_access_list_refuses_is_kept_and_told_of(
    strict: Strict, path: FakePath, running: Running
) -> None:
    strict.broker.stop()
    strict.access.write_text(ACCESS.replace(f"topic write tocsin/{SITE}/event\n", "", 1))
    strict.broker.start()
    settings = strict.settings(protocol="5")
    upstream = running.start(config(strict.broker.port, **settings))
    path.add(row(1))
    await eventually(lambda: faults(path) == {"event_refused": "not_authorized"})
    assert upstream.up
    assert path.delivered == []
    strict.access.write_text(ACCESS)
    strict.broker.reload()
    await eventually(lambda: [one.row for one in path.delivered] == [1])
    await eventually(lambda: faults(path) == {})


async def serve_refusals(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A broker that takes everybody and every event, and gives nobody a subscription."""
    while first := await reader.read(1):
        length = shift = 0
        while True:
            (byte,) = await reader.readexactly(1)
            length, shift = length | (byte & 127) << shift, shift + 7
            if byte < 128:
                break
        body = await reader.readexactly(length)
        match first[0] >> 4:
            case 1:
                writer.write(bytes([0x20, 2, 0, 0]))
            case 3:
                topic = int.from_bytes(body[:2])
                writer.write(bytes([0x40, 2]) + body[2 + topic : 4 + topic])
            case 8:
                writer.write(bytes([0x90, 3]) + body[:2] + b"\x80")
            case 14:
                break
    writer.close()


async def test_a_subscription_that_is_refused_is_a_fault_and_events_go_out_all_the_same(
    path: FakePath, running: Running
) -> None:
    server = await asyncio.start_server(serve_refusals, "127.0.0.1", 0)
    running.start(config(server.sockets[0].getsockname()[1]))
    path.add(row(1))
    await eventually(lambda: len(path.delivered) == 1)
    assert faults(path) == {"command_not_heard": "not_taken"}
    await running.stop()
    server.close()


class Relay:
    """Stands between gateway and broker: a network that is slow, or gone without a word."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.slow_s = 0.0
        self.gone = False
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._broker_sides: list[asyncio.StreamWriter] = []
        self._gateway_sides: list[asyncio.StreamWriter] = []

    async def open(self) -> asyncio.Server:
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def cut(self) -> None:
        """Let the broker lose the connection, and the gateway not know of it."""
        self.gone = True
        for side in self._broker_sides:
            side.transport.abort()
        self._broker_sides.clear()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for side in (*self._broker_sides, *self._gateway_sides):
            side.transport.abort()
        await asyncio.sleep(0)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", self._to)
        self._broker_sides.append(here)
        self._gateway_sides.append(writer)
        for source, sink in ((reader, here), (there, writer)):
            self._tasks.add(asyncio.create_task(self._carry(source, sink)))

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(64):
                await asyncio.sleep(self.slow_s)
                if not self.gone:
                    sink.write(data)
                    await sink.drain()
            if not self.gone:
                sink.close()


async def test_a_connection_that_is_half_open_is_given_up_and_the_will_has_told_of_it(
    broker: Mosquitto, path: FakePath, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "CONFIRM_WITHIN_S", 0.5)
    monkeypatch.setattr(mqtt, "_ANNOUNCE_WITHIN_S", 0.5)
    relay = Relay(broker.port)
    server = await relay.open()
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe(f"tocsin/{SITE}/one/status", qos=1)
        upstream = running.start(config(relay.port))
        await eventually(lambda: upstream.up)
        relay.cut()
        path.add(row(1))
        await eventually(lambda: faults(path).keys() == {"unreachable"})
        relay.gone = False
        await eventually(lambda: len(path.delivered) == 1)
        said = [json.loads((await anext(client.messages)).payload) for _ in range(3)]
        assert [one["state"] for one in said] == ["online", "offline", "online"]
        assert said[1]["at"] is None  # the broker says so, by the will
    await running.stop()
    server.close()
    await relay.close()


async def test_a_slow_line_delays_and_loses_nothing(
    broker: Mosquitto, path: FakePath, running: Running
) -> None:
    relay = Relay(broker.port)
    server = await relay.open()
    upstream = running.start(config(relay.port))
    await eventually(lambda: upstream.up)
    relay.slow_s = 0.03  # 2 kB/s
    path.add(*[row(number, f"{number:032x}") for number in range(3)])
    await eventually(lambda: len(path.delivered) == 3)
    assert not any(isinstance(one, Fault) for one in path.conditions)
    assert any(isinstance(one, Restore) for one in path.conditions)
    await running.stop()
    server.close()
    await relay.close()


HEAD = """
[gateway]
site = "s"
[[radio]]
type = "radio_head"
port = "/dev/ttyUSB0"
[[upstream]]
type = "mqtt"
host = "broker.example.org"
"""


def test_gateway_toml_names_certificate_and_protocol(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(HEAD + 'cert_file = "/c"\nkey_file = "/k"\nprotocol = "5"\n')
    (found,) = load(file).upstreams
    assert isinstance(found, MqttConfig)
    assert (found.tls, found.protocol, found.secrets) == (True, "5", (Path("/k"),))


@pytest.mark.parametrize(
    ("mistake", "key"),
    [
        ('cert_file = "/c"', "cert_file"),
        ('key_file = "/k"', "cert_file"),
        ('tls = false\ncert_file = "/c"\nkey_file = "/k"', "cert_file"),
        ('protocol = "4"', "protocol"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path: Path, mistake: str, key: str) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(HEAD + mistake)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert [problem.key for problem in caught.value.problems] == [f"upstream[1].{key}"]

"""The MQTT upstream against a real mosquitto: outages, confirmations, commands good and bad."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.config import Place
from gateway.disk.outbox_rows import UNSTORED, Row
from gateway.events import (
    SHARED_TYPE,
    Acknowledge,
    Close,
    Delivered,
    Event,
    Fault,
    Refusal,
    Restore,
    Shared,
)
from gateway.tests.brokers import Mosquitto, free_port, listen
from gateway.tests.waiting import eventually
from gateway.upstream import mqtt, mqtt_client
from gateway.upstream.cloudevent import Author
from gateway.upstream.desk import Desk
from gateway.upstream.mqtt import MqttUpstream
from gateway.upstream.mqtt_client import Begun
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.shared import Peers
from gateway.upstream.signature import Signer
from gateway.upstream.signed_command import Operator as Enrolled
from gateway.upstream.signed_command import Operators
from tools.operator_key import signed
from tools.verify import check

ID = "ab" * 16
SITE = "test-site"
SIGNER = Signer(bytes(32))
AUTHOR = Author(Place(SITE, "one"), SIGNER)
OPERATOR = Signer(b"o" * 32)
OTHER = Signer(b"p" * 32)
PEERS = {"two": OTHER.public}


def row(number: int, subject: str = ID) -> Row:
    data = {"incident": subject, "label": "Dr Noémie"}
    event = f"{subject}.{number}"
    return Row(number, event, subject, "tocsin.alert.raised", 1_000.0, subject, number, data)


class FakePath:
    """Stands for outbox and path: rows go once delivered, commands are kept."""

    def __init__(self) -> None:
        self.waiting: list[Row] = []
        self.delivered: list[Delivered] = []
        self.unstored: list[str] = []
        self.commands: list[Acknowledge | Close] = []
        self.conditions: list[Fault | Restore] = []
        self.shared: list[Shared] = []
        self.refused: list[str] = []
        self.refusals: list[Refusal] = []
        self.result = "done"
        self.holds = False
        self.begin: Callable[[Row], None] | None = None
        self._wake = asyncio.Event()

    def add(self, *rows: Row) -> None:
        self.waiting += rows
        self._wake.set()

    def add_at_once(self, row: Row) -> None:
        assert self.begin is not None
        self.begin(row)
        self.add(row)

    def at_once(self, begin: Callable[[Row], None] | None) -> None:
        self.begin = begin

    async def rows(self, limit: int) -> list[Row]:
        self._wake.clear()
        first = {one.subject: one for one in reversed(self.waiting)}
        return list(first.values())[:limit]

    async def changed(self, timeout_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:
        if settled is None:
            self.unstored.append(row.event)
            self.waiting.remove(row)

    def post(self, event: Event, /) -> asyncio.Future[str]:
        settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        match event:
            case Delivered():
                self.delivered.append(event)
                self.waiting = [one for one in self.waiting if one.id != event.row]
            case Acknowledge() | Close():
                self.commands.append(event)
                if self.holds:
                    return settled
            case Shared():
                self.shared.append(event)
            case Refusal():
                self.refusals.append(event)
            case Fault() | Restore():
                self.conditions.append(event)
        settled.set_result(self.result)
        return settled


def config(port: int, **fields: object) -> MqttConfig:
    values: dict[str, object] = {
        "name": "broker",
        "host": "127.0.0.1",
        "port": port,
        "tls": False,
        "ca_file": None,
        "username": None,
        "password_file": None,
        "unsigned_commands": True,
    } | fields
    return MqttConfig(**values)  # type: ignore[arg-type]


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> FakePath:
    monkeypatch.setattr(mqtt, "RETRY_FIRST_S", 0.05)
    monkeypatch.setattr(mqtt, "RETRY_MAX_S", 0.2)
    monkeypatch.setattr(mqtt, "CONFIRM_WITHIN_S", 2.0)  # a broker may go in any moment
    return FakePath()


def desk(path: FakePath, settings: MqttConfig) -> Desk:
    operators = Operators(SITE, [Enrolled("desk", OPERATOR.public)])
    unsigned = settings.unsigned_commands
    return Desk(operators, path.post, path.refused.append, unsigned=unsigned, via="mqtt")


class Running:
    """Starts upstreams and ends them with the test."""

    def __init__(self, path: FakePath) -> None:
        self._path = path
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, settings: MqttConfig, *, shares: bool = False) -> MqttUpstream:
        path = self._path
        upstream = MqttUpstream(settings, AUTHOR, path, path.post, desk(path, settings))
        if shares:
            upstream.share(Peers(SITE, "one", PEERS))
        self._tasks.append(asyncio.create_task(upstream.run()))
        return upstream

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


@pytest.fixture
async def running(path: FakePath) -> AsyncIterator[Running]:
    running = Running(path)
    yield running
    await running.stop()


def told(path: FakePath) -> tuple[str, str]:
    """Return code and cause of the first that was told, a fault."""
    fault = path.conditions[0]
    assert isinstance(fault, Fault)
    return fault.code, fault.why


class Operator:
    """A client that hears every event and may command."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[aiomqtt.Message] = []

    async def listen(self) -> None:
        async for message in self.client.messages:
            self.heard.append(message)

    def events(self) -> list[dict[str, object]]:
        return [
            json.loads(message.payload)
            for message in self.heard
            if message.topic.matches(f"tocsin/{SITE}/event")
        ]

    def states(self) -> list[str]:
        return [
            json.loads(message.payload)["state"]
            for message in self.heard
            if message.topic.matches(f"tocsin/{SITE}/one/status")
        ]

    def results(self) -> list[dict[str, object]]:
        """What came of commands, each checked to be signed by the gateway."""
        return [
            check(bytes(message.payload).decode(), json.dumps(SIGNER.jwk()))
            for message in self.heard
            if message.topic.matches(f"tocsin/{SITE}/one/result")
        ]

    async def command(self, payload: str, *, retain: bool = False) -> None:
        await self.client.publish(f"tocsin/{SITE}/command", payload, qos=1, retain=retain)


@pytest.fixture
async def operator(broker: Mosquitto) -> AsyncIterator[Operator]:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe(f"tocsin/{SITE}/event", qos=1)
        await client.subscribe(f"tocsin/{SITE}/one/status", qos=1)
        operator = Operator(client)
        listening = asyncio.create_task(operator.listen())
        yield operator
        listening.cancel()


async def test_a_row_is_a_cloud_event_and_delivered_only_once_confirmed(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    path.add(row(1))
    upstream = running.start(config(broker.port))
    await eventually(lambda: len(operator.events()) == 1 and len(path.delivered) == 1)
    event = check(json.dumps(operator.events()[0]), json.dumps(SIGNER.jwk()))
    assert event == {
        "specversion": "1.0",
        "id": f"{ID}.1",
        "source": f"/tocsin/{SITE}/one",
        "type": "tocsin.alert.raised",
        "subject": ID,
        "time": "1970-01-01T00:16:40.000+00:00",
        "datacontenttype": "application/json",
        "data": {"incident": ID, "label": "Dr Noémie"},
    }
    delivered = path.delivered[0]
    assert (delivered.row, delivered.target, delivered.number) == (1, "broker", 1)
    assert upstream.up
    path.add(row(2))
    await eventually(lambda: len(operator.events()) == 2)


async def test_what_is_not_stored_is_told_and_what_was_told_so_is_not_told_again(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    running.start(config(broker.port))
    path.add(replace(row(1), id=UNSTORED))
    await eventually(lambda: path.unstored == [f"{ID}.1"])
    path.add(replace(row(1), confirmed_at=5.0), row(2, "other"))
    await eventually(lambda: len(path.delivered) == 2)
    assert path.delivered[0].at == 5.0
    await eventually(lambda: len(operator.events()) == 2)
    assert [event["id"] for event in operator.events()] == [f"{ID}.1", "other.2"]


async def test_a_row_that_leaves_as_it_is_written_is_told_once_and_ends_as_any_other(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    upstream = running.start(config(broker.port))
    await eventually(lambda: upstream.up and path.begin is not None)
    path.add_at_once(row(1))
    path.add(row(2))
    await eventually(lambda: len(path.delivered) == 2)
    await eventually(lambda: len(operator.events()) == 2)
    assert [event["id"] for event in operator.events()] == [f"{ID}.1", f"{ID}.2"]


async def test_a_row_that_left_and_was_never_confirmed_goes_again_under_its_id(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    upstream = running.start(config(broker.port))
    await eventually(lambda: upstream.up and path.begin is not None)
    broker.freeze(frozen=True)
    path.add_at_once(row(1))
    broker.kill()
    await eventually(lambda: not upstream.up)
    assert path.begin is None
    assert path.delivered == []
    broker.start()
    await eventually(lambda: [one.row for one in path.delivered] == [1])


async def test_nothing_is_delivered_while_the_broker_is_away_and_all_once_when_it_is_back(
    broker: Mosquitto, path: FakePath, running: Running
) -> None:
    broker.stop()
    upstream = running.start(config(broker.port))
    path.add(*[row(number, f"{number:032x}") for number in range(40)])
    await eventually(lambda: any(isinstance(one, Fault) for one in path.conditions))
    assert not upstream.up
    assert path.delivered == []
    broker.start()
    await eventually(lambda: len(path.delivered) == 40)
    assert sorted(one.row for one in path.delivered) == list(range(40))
    assert isinstance(path.conditions[-1], Restore)


async def test_the_broker_goes_in_the_middle_and_every_event_arrives(
    broker: Mosquitto, path: FakePath, running: Running
) -> None:
    found: list[dict[str, object]] = []
    topic = f"tocsin/{SITE}/event"
    subscribed = asyncio.Event()
    listening = asyncio.create_task(listen(broker.port, topic, found.append, subscribed))
    await subscribed.wait()  # before that nobody would miss what is lost
    running.start(config(broker.port))
    for burst in range(3):
        subjects = [f"{burst:016x}{number:016x}" for number in range(30)]
        path.add(*[row(1000 * burst + n, one) for n, one in enumerate(subjects)])
        await asyncio.sleep(0.02)
        broker.stop()
        await asyncio.sleep(0.05)
        broker.start()
        await eventually(lambda: not path.waiting)
    await eventually(lambda: len({event["id"] for event in found}) == 90)
    listening.cancel()


@pytest.mark.parametrize("command_qos", [1, 0])
async def test_commands_become_events(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator, command_qos: int
) -> None:
    upstream = running.start(config(broker.port, command_qos=command_qos))
    await eventually(lambda: upstream.up)
    acknowledge = {"command": "acknowledge", "incident": ID, "by": "Jo", "eta_minutes": 4}
    await operator.command(json.dumps(acknowledge))
    await operator.command(json.dumps({"command": "close", "incident": ID, "by": "Jo"}))
    await eventually(lambda: len(path.commands) == 2)
    first, second = path.commands
    assert isinstance(first, Acknowledge)
    assert (first.incident, first.by, first.eta_minutes) == (ID, "Jo", 4)
    assert isinstance(second, Close)
    assert path.refused == []


async def test_where_commands_must_be_signed_others_are_refused_and_everyone_is_told(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    upstream = running.start(config(broker.port, unsigned_commands=False))
    await operator.client.subscribe(f"tocsin/{SITE}/one/result")
    await eventually(lambda: upstream.up)
    said = {"command": "close", "event": f"{ID}.2"}
    key, stranger = (Ed25519PrivateKey.from_private_bytes(byte * 32) for byte in (b"o", b"s"))
    good = signed(key, {"jti": "0123456789", **said}, SITE, time.time(), 60)
    for payload in (
        json.dumps({"command": "close", "incident": ID, "by": "Jo"}),
        signed(stranger, said, SITE, time.time(), 60),
        signed(key, said, SITE, time.time() - 60, 60),
        good,
    ):
        await operator.command(payload)
    await eventually(lambda: len(operator.results()) == 4)
    assert [(one["id"], one["result"]) for one in operator.results()] == [
        ("", "unsigned"),
        ("", "forged"),
        (operator.results()[2]["id"], "expired"),
        ("0123456789", "done"),
    ]
    (command,) = path.commands
    assert (command.incident, command.by, command.mandate.answers) == (ID, "desk", 2)
    assert path.refused == ["unsigned", "forged", "expired"]
    assert [one.reason for one in path.refusals] == path.refused


async def test_bad_commands_are_refused_and_the_next_is_obeyed(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    upstream = running.start(config(broker.port))
    await eventually(lambda: upstream.up)
    for payload in ("", "[]", "{", '{"command": "open"}', "\udc80".encode("utf-8", "replace")):
        await operator.client.publish(f"tocsin/{SITE}/command", payload, qos=1)
    good = json.dumps({"command": "close", "incident": ID, "by": "Jo"})
    await operator.command(good)
    await eventually(lambda: len(path.commands) == 1)
    assert path.refused == ["not_json", "not_an_object", "not_json", "incident", "not_json"]
    path.result = "unknown_incident"
    await operator.command(good)
    await eventually(lambda: path.refused[-1] == "unknown_incident")


async def test_a_retained_command_is_refused(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    good = json.dumps({"command": "close", "incident": ID, "by": "Jo"})
    await operator.command(good, retain=True)
    running.start(config(broker.port))
    await eventually(lambda: path.refused == ["retained"])
    assert path.commands == []


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_a_command_sent_while_away_arrives_and_one_not_committed_comes_again(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator, protocol: str
) -> None:
    upstream = running.start(config(broker.port, protocol=protocol))
    await eventually(lambda: upstream.up)
    await running.stop()
    await operator.command(json.dumps({"command": "close", "incident": ID, "by": "Jo"}))
    path.holds = True  # the disk takes it not: killed before the commit
    upstream = running.start(config(broker.port, protocol=protocol))
    await eventually(lambda: len(path.commands) == 1)
    await running.stop()
    path.holds = False
    running.start(config(broker.port, protocol=protocol))
    await eventually(lambda: len(path.commands) == 2)
    await running.stop()
    upstream = running.start(config(broker.port, protocol=protocol))
    await eventually(lambda: upstream.up)
    await asyncio.sleep(0.1)
    assert len(path.commands) == 2


async def test_the_status_topic_says_whether_somebody_is_there(
    broker: Mosquitto, path: FakePath, running: Running, operator: Operator
) -> None:
    upstream = running.start(config(broker.port))
    await eventually(lambda: operator.states() == ["online"])
    await running.stop()
    await eventually(lambda: operator.states() == ["online", "offline"])
    assert not upstream.up


async def test_a_missing_password_file_is_a_fault_and_not_a_crash(
    broker: Mosquitto, path: FakePath, running: Running, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    upstream = running.start(config(broker.port, username="gateway", password_file=password))
    await eventually(lambda: bool(path.conditions))
    fault = path.conditions[0]
    assert isinstance(fault, Fault)
    assert (fault.source, fault.why) == ("upstream.broker", "password_file")
    password.write_text("secret\n", encoding="utf-8")
    await eventually(lambda: upstream.up)


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_a_password_that_is_refused_is_a_fault_and_the_right_one_mends_it(
    broker: Mosquitto, path: FakePath, running: Running, tmp_path: Path, protocol: str
) -> None:
    broker.lock(tmp_path / "users")
    password = tmp_path / "password"
    password.write_text("wrong", encoding="utf-8")
    login = {"username": "gateway", "password_file": password, "protocol": protocol}
    upstream = running.start(config(broker.port, **login))
    await eventually(lambda: bool(path.conditions))
    fault = path.conditions[0]
    assert isinstance(fault, Fault)
    assert fault.why == "password_refused"
    password.write_text("right", encoding="utf-8")
    await eventually(lambda: upstream.up)


async def test_a_broker_that_hangs_is_given_up_and_nothing_is_lost(
    broker: Mosquitto, path: FakePath, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "CONFIRM_WITHIN_S", 0.2)
    upstream = running.start(config(broker.port))
    await eventually(lambda: upstream.up)
    broker.freeze(frozen=True)
    path.add(row(1))
    await eventually(lambda: any(isinstance(one, Fault) for one in path.conditions))
    assert path.delivered == []
    broker.freeze(frozen=False)
    await eventually(lambda: len(path.delivered) == 1)


async def test_it_can_be_ended_while_the_broker_hangs(
    broker: Mosquitto, path: FakePath, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "CONFIRM_WITHIN_S", 0.2)
    monkeypatch.setattr(mqtt, "_ANNOUNCE_WITHIN_S", 0.2)
    upstream = running.start(config(broker.port))
    await eventually(lambda: upstream.up)
    broker.freeze(frozen=True)
    async with asyncio.timeout(5):
        await running.stop()
    assert not upstream.up


async def test_a_host_that_refuses_is_a_fault(path: FakePath, running: Running) -> None:
    running.start(config(free_port()))
    await eventually(lambda: bool(path.conditions))
    assert told(path) == ("unreachable", "connection_refused")


# paho forgets to close the socket whose handshake failed; the collector does.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
async def test_tls_to_a_server_without_it_is_a_fault(
    broker: Mosquitto, path: FakePath, running: Running
) -> None:
    upstream = running.start(config(broker.port, tls=True))
    await eventually(lambda: bool(path.conditions))
    assert told(path) == ("unreachable", "connection_lost")
    assert not upstream.up


class ForgetfulClient(mqtt_client.Client):
    """Returns from `finish` though it was cancelled, as `wait_for` of Python 3.11 lets it at times."""

    def begin(self, *_: object) -> Begun:
        return Begun(asyncio.Event(), contextlib.ExitStack())

    async def finish(self, *_: object) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def test_a_stop_that_meets_a_confirmation_is_not_forgotten(path: FakePath) -> None:
    upstream = MqttUpstream(config(1), AUTHOR, path, path.post, desk(path, config(1)))
    task = asyncio.create_task(upstream._deliver(ForgetfulClient("127.0.0.1"), row(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert path.delivered == []


async def test_what_gateways_share_has_a_topic_of_its_own_and_ones_own_is_no_news(
    broker: Mosquitto, path: FakePath, running: Running
) -> None:
    said = {
        "incident": ID,
        "gateway": "one",
        "mark": 1,
        "state": "open",
        "counter": 16,
        "delivered": False,
        "round": 1,
        "told": [],
        "by": None,
        "eta_minutes": None,
    }
    heard: list[dict[str, object]] = []
    listening = asyncio.create_task(
        listen(broker.port, f"tocsin/{SITE}/incident/{ID}", heard.append)
    )
    upstream = running.start(config(broker.port), shares=True)
    await eventually(lambda: upstream.up)
    path.add(Row(1, f"{ID}.1.one", f"site.{ID}", SHARED_TYPE, 1_000.0, None, 0, said))
    await eventually(lambda: heard and path.delivered)
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        topic = f"tocsin/{SITE}/incident/{ID}"
        for signer, state in ((OTHER, "?"), (OPERATOR, "open"), (OTHER, "open")):
            theirs: dict[str, object] = {
                "type": SHARED_TYPE,
                "source": f"/tocsin/{SITE}/two",
                "data": said | {"gateway": "two", "state": state},
            }
            theirs["signature"] = signer.detached(theirs)
            await client.publish(topic, json.dumps(theirs), qos=1)
        await client.publish(topic, json.dumps({"data": said}), qos=1, retain=True)
    await eventually(lambda: path.shared and path.refused)
    assert [shared.gateway for shared in path.shared] == ["two"]
    assert path.refused == ["shared_state", "shared_forged"]
    listening.cancel()

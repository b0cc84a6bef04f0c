"""test-upstream as a person uses it: on a gateway that runs and on one that does not, in both languages."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiomqtt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.commands import exits
from gateway.tests.brokers import Mosquitto, free_port
from gateway.tests.player import PtyHead
from gateway.tests.process import SITE, GatewayProcess, Said
from gateway.tests.receivers import OK, Authority, Receiver, receiving
from gateway.tests.test_sia_dc09 import KEYS, Centre, key_file
from gateway.tests.waiting import eventually
from tools.operator_key import load, new, signed

TABLES = """
[[upstream]]
type = "webhook"
url = "http://127.0.0.1:{port}/in"
"""
CENTRE = """
[[upstream]]
type = "sia"
host = "127.0.0.1"
port = {port}
second_host = "127.0.0.1"
second_port = {second}
account = "1234"
key_file = "{key}"
"""
OWN = """
[[upstream]]
type = "webhook"
url = "https://127.0.0.1:{port}/in"
ca_file = "{ca}"
"""
PERSON = """
[[upstream]]
type = "apprise"
name = "anne"
url_file = "{file}"
"""


@pytest.fixture
def gateway(tmp_path: Path, broker: Mosquitto) -> Iterator[GatewayProcess]:
    folder = tmp_path / "g"
    folder.mkdir()
    gateway = GatewayProcess(folder, broker.port)
    yield gateway
    gateway.kill()


@pytest.fixture
async def receiver(gateway: GatewayProcess) -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        with gateway.config.open("a", encoding="utf-8") as file:
            file.write(TABLES.format(port=receiver.port))
        yield receiver


@pytest.fixture
def desk(gateway: GatewayProcess, capsys: pytest.CaptureFixture[str]) -> Ed25519PrivateKey:
    """Enrol an operator; return its key."""
    file = gateway.folder / "desk.key"
    new(file, "desk")
    with gateway.config.open("a", encoding="utf-8") as table:
        table.write(capsys.readouterr().out)
    return load(file)


async def asked(gateway: GatewayProcess, *arguments: str, lang: str = "en") -> Said:
    return await asyncio.to_thread(gateway.ask, "test-upstream", *arguments, lang=lang)


def add(gateway: GatewayProcess, table: str, **values: object) -> None:
    with gateway.config.open("a", encoding="utf-8") as file:
        file.write(table.format(**values))


def hops(line: str) -> dict[str, str]:
    return {hop["hop"]: hop.get("why", "") for hop in json.loads(line)["hops"]}


async def test_where_the_gateway_does_not_run_the_test_is_handed_over_from_here(
    gateway: GatewayProcess, receiver: Receiver
) -> None:
    said = await asked(gateway, "--json")
    assert said.code == exits.DONE, said.err
    by_mqtt, by_webhook = said.out.splitlines()
    assert list(hops(by_mqtt)) == ["resolved", "connected", "greeting", "accepted"]
    assert list(hops(by_webhook)) == ["resolved", "connected", "accepted"]
    (request,) = receiver.requests
    assert json.loads(request.body)["type"] == "tocsin.test.trial"
    assert json.loads(by_webhook)["event"] == request.headers["webhook-id"]


@pytest.mark.parametrize(("lang", "words"), [("en", "FAILED"), ("fr", "ÉCHEC")])
async def test_a_hop_that_fails_is_told_and_leaves_1(
    gateway: GatewayProcess, lang: str, words: str
) -> None:
    with gateway.config.open("a", encoding="utf-8") as file:
        file.write(TABLES.format(port=free_port()))
    said = await asked(gateway, "webhook", lang=lang)
    assert said.code == exits.FAULT
    assert words in said.out.splitlines()[-1]


async def test_a_target_that_is_not_there_is_named_with_those_that_are(
    gateway: GatewayProcess,
) -> None:
    said = await asked(gateway, "elsewhere")
    assert said.code == exits.FAULT
    assert "elsewhere" in said.err
    assert "broker" in said.err


async def test_both_receivers_of_a_centre_are_asked_and_an_unknown_account_is_told(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    ports, key = (free_port(), free_port()), key_file(tmp_path, KEYS[16])
    add(gateway, CENTRE, port=ports[0], second=ports[1], key=key)
    async with Centre(ports[0], KEYS[16]) as first, Centre(ports[1], KEYS[16]) as second:
        said = await asked(gateway, "centre", "--json")
    assert said.code == exits.DONE, said.out
    assert [*hops(said.out).items()] == [
        ("resolved", ""), ("connected", ""), ("greeting", ""), ("accepted", ""),
    ]  # fmt: skip
    assert [event.code for event in first.taken + second.taken] == ["RP"]
    assert {str(one.sequence) for one in second.heard} == {"0000"}, "a NULL"
    async with Centre(ports[0], KEYS[16], account="9999"), Centre(ports[1], KEYS[16]):
        said = await asked(gateway, "centre", "--json")
    assert (said.code, [*hops(said.out).items()][-1]) == (exits.FAULT, ("greeting", "nak"))


async def test_a_receiver_that_asks_for_a_certificate_of_ours_takes_the_test_with_it_alone(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "theirs")
    context = authority.serving("127.0.0.1", clients=True)
    certificate, key = authority.sign("gateway.example.org")
    async with receiving(OK, context=context) as receiver:
        add(gateway, OWN, port=receiver.port, ca=authority.file)
        said = await asked(gateway, "webhook", "--json", "--within-s", "1")
        assert said.code == exits.FAULT
        assert hops(said.out)["accepted"] in ("connection_lost", "not_http"), (
            "TLS 1.3: or its alert"
        )
        assert receiver.requests == []
        add(gateway, 'cert_file = "{own}"\nkey_file = "{key}"\n', own=certificate, key=key)
        said = await asked(gateway, "webhook", "--json")
        assert said.code == exits.DONE, said.out
        assert list(hops(said.out)) == ["resolved", "connected", "tls", "accepted"]
        assert json.loads(said.out)["hops"][2]["certificate_ends"]
    assert len(receiver.requests) == 1


@pytest.mark.slow
async def test_a_person_reached_by_apprise_is_tested_and_checked_without_the_secret_being_shown(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    file = tmp_path / "anne.url"
    add(gateway, PERSON, file=file)
    async with receiving() as receiver:
        file.write_text(f"json://127.0.0.1:{receiver.port}/s3cr3t", encoding="utf-8")
        said = await asked(gateway, "anne", "--json")
        assert (said.code, hops(said.out)) == (exits.DONE, {"set_up": "", "accepted": ""})
    assert "ESSAI" in json.loads(receiver.requests[0].body)["title"]
    file.write_text("ntfy://example.org/s3cr3t", encoding="utf-8")
    said = await asked(gateway, "anne")
    checked = await asyncio.to_thread(gateway.ask, "check")
    for told in (said, checked):
        assert told.code == exits.FAULT
        assert "would send in clear" in told.out
        assert "s3cr3t" not in told.out + told.err


@pytest.mark.slow
async def test_where_it_runs_the_test_goes_its_way_to_one_target_and_an_operator_answers_it(
    gateway: GatewayProcess, receiver: Receiver, desk: Ed25519PrivateKey, broker: Mosquitto
) -> None:
    head = PtyHead(gateway.port)
    gateway.start()
    await eventually(lambda: len(gateway.lines("up")) == 3, 40)
    trials: list[str] = []

    async def answer() -> None:
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.subscribe(f"tocsin/{SITE}/event", qos=1)
            async for message in client.messages:
                event = json.loads(message.payload)
                if event["type"] == "tocsin.test.trial":
                    trials.append(event["id"])
                    said = {"command": "acknowledge", "event": event["id"]}
                    order = signed(desk, said, SITE, time.time(), 60)
                    await client.publish(f"tocsin/{SITE}/command", order, qos=1)

    answering = asyncio.create_task(answer())
    await asyncio.sleep(0.5)
    said = await asked(gateway, "broker", "--json", "--answer-within-s", "20")
    answering.cancel()
    assert said.code == exits.DONE, said.out
    assert list(hops(said.out)) == [
        "resolved", "connected", "greeting", "disk", "accepted", "acknowledged",
    ]  # fmt: skip
    assert len(trials) == 1
    assert not any(b"test.trial" in request.body for request in receiver.requests)

    receiver.answers = [b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"]
    said = await asked(gateway, "webhook", "--json", "--within-s", "1")
    assert (said.code, hops(said.out)["accepted"]) == (exits.NOT_YET, "not_yet")
    head.unplug()

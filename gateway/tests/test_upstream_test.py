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
from gateway.tests.receivers import Receiver, receiving
from gateway.tests.waiting import eventually
from tools.operator_key import load, new, signed

TABLES = """
[[upstream]]
type = "webhook"
url = "http://127.0.0.1:{port}/in"
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

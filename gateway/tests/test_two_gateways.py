"""Two real gateways of one site on one real broker: one escalates, a person at one stops both."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import aiomqtt
import pytest

from gateway.disk import signing_key
from gateway.tests.brokers import Mosquitto, listen
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import ACKNOWLEDGED, CLOSED, DELIVERED

pytestmark = pytest.mark.slow

SITE_PLAN = """
[site]
address = "12 rue des Lilas"
broker = "broker"
takeover_s = 3
[plan]
[[plan.step]]
targets = "broker"
[[plan.step]]
after_s = 2
targets = ["guard", "annunciator"]
[[upstream]]
type = "mqtt"
name = "guard"
host = "127.0.0.1"
port = {port}
[annunciator]
pins = "virtual"
[[annunciator.output]]
name = "light"
gpio = 17
"""


class Gateway(NamedTuple):
    process: GatewayProcess
    head: PtyHead
    source: str


@pytest.fixture
async def site(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[tuple[Gateway, Gateway]]:
    gateways: list[Gateway] = []
    try:
        made = {mark: _made(tmp_path / f"g{mark}", mark, broker.port) for mark in (1, 2)}
        for mark, process in made.items():
            _enlist(process, 3 - mark, made[3 - mark])
        gateways += [_start(process, mark) for mark, process in made.items()]
        for one in gateways:
            await eventually(lambda one=one: len(one.process.lines("up")) == 3, 20)  # type: ignore[misc]
        yield gateways[0], gateways[1]
    finally:
        for one in gateways:
            one.process.kill()
            one.head.unplug()


def _enlist(process: GatewayProcess, mark: int, other: GatewayProcess) -> None:
    """Let a gateway believe the other one, and nobody else."""
    key = signing_key.load_or_make(other.state_dir).jwk()["x"]
    with process.config.open("a", encoding="utf-8") as file:
        file.write(f'[[site.peer]]\nname = "gateway-{mark}"\nkey = "{key}"\n')


def _made(folder: Path, mark: int, port: int) -> GatewayProcess:
    folder.mkdir()
    process = GatewayProcess(folder, port)
    text = process.config.read_text(encoding="utf-8")
    named = text.replace("[gateway]", f'[gateway]\nname = "gateway-{mark}"\nmark = {mark}', 1)
    process.config.write_text(named + SITE_PLAN.format(port=port), encoding="utf-8")
    enrolled = process.call("enrol", process.enrolment("button-01", KEY))
    assert enrolled.returncode == 0, enrolled.stderr
    return process


def _start(process: GatewayProcess, mark: int) -> Gateway:
    head = PtyHead(process.port)
    process.start()
    return Gateway(process, head, f"/tocsin/{SITE}/gateway-{mark}")


@pytest.fixture
async def told(broker: Mosquitto) -> AsyncIterator[list[dict[str, object]]]:
    heard: list[dict[str, object]] = []
    listening = asyncio.create_task(listen(broker.port, f"tocsin/{SITE}/event", heard.append))
    yield heard
    listening.cancel()


def types(told: list[dict[str, object]], source: str) -> list[str]:
    prefix = "tocsin.alert."
    names = [str(one["type"]) for one in told if one["source"] == source]
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


async def press(site: tuple[Gateway, Gateway]) -> Wearer:
    wearer = Wearer(KEY)
    frame = wearer.press()
    for gateway in site:
        gateway.head.hear(frame)
    for gateway in site:
        await gateway.head.answered(wearer, DELIVERED)
    return wearer


async def test_one_escalates_and_a_person_at_the_other_stops_both(
    site: tuple[Gateway, Gateway], told: list[dict[str, object]]
) -> None:
    first, second = site
    wearer = await press(site)
    await eventually(lambda: "escalated" in types(told, first.source), 10)
    status = first.process.folder / "run" / "status.json"
    await eventually(lambda: json.loads(status.read_text())["annunciator"] == {"light": True}, 15)
    await asyncio.sleep(1)
    assert types(told, second.source) == ["raised"]
    taken = second.process.call("acknowledge", wearer.incident, "--by", "Zebedee")
    assert taken.returncode == 0, taken.stderr
    for gateway in site:
        await gateway.head.answered(wearer, ACKNOWLEDGED)
    assert first.process.call("close", wearer.incident, "--by", "Zebedee").returncode == 0
    for gateway in site:
        await gateway.head.answered(wearer, CLOSED)
    raised = next(one["data"] for one in told if one["type"] == "tocsin.alert.raised")
    assert isinstance(raised, dict)
    assert raised["access"] == {"address": "12 rue des Lilas"}


async def test_the_other_takes_over_from_one_that_dies(
    site: tuple[Gateway, Gateway], told: list[dict[str, object]], broker: Mosquitto
) -> None:
    first, second = site
    states: dict[str, str] = {}
    await press(site)
    first.process.kill()
    await eventually(lambda: "escalated" in types(told, second.source), 15)
    assert "escalated" not in types(told, first.source)
    async with aiomqtt.Client("127.0.0.1", broker.port) as client, asyncio.timeout(30):
        await client.subscribe(f"tocsin/{SITE}/+/status")
        async for message in client.messages:
            states[str(message.topic).split("/")[2]] = json.loads(bytes(message.payload))["state"]
            if states == {"gateway-1": "offline", "gateway-2": "online"}:
                break

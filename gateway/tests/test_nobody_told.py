"""Stored, and nobody told: the real gateway lights its lamp, says so to the wearer, and gets over it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.tests.brokers import Mosquitto, listen
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import DELIVERED, PLAN_OK, STORED, UPSTREAM_OK
from protocol.messages import Answer

pytestmark = pytest.mark.slow

MORE = """
[plan]
nobody_told_s = 5
[[plan.step]]
targets = "broker"
[annunciator]
pins = "virtual"
[[annunciator.output]]
name = "light"
gpio = 17
[[annunciator.output]]
name = "fault"
gpio = 27
kinds = "fault"
"""


@pytest.fixture
async def process(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[GatewayProcess]:
    folder = tmp_path / "g"
    folder.mkdir()
    process = GatewayProcess(folder, broker.port)
    with process.config.open("a", encoding="utf-8") as config:
        config.write(MORE)
    assert process.call("enrol", process.enrolment("button-01", KEY)).returncode == 0
    yield process
    process.kill()


async def ask(head: PtyHead, wearer: Wearer) -> Answer:
    """Return what a wearer is answered who asks whether she is covered."""
    head.sent.clear()
    head.hear(wearer.query())
    counter = wearer.counter - 1

    def answers() -> list[Answer]:
        heard = [wearer.read(message.frame) for message in head.sent]
        return [one[1] for one in heard if one is not None and one[0] == counter]

    await eventually(answers)
    return answers()[0]


async def test_nobody_told_is_a_fault_shown_here_felt_and_over_when_somebody_is(
    process: GatewayProcess, broker: Mosquitto
) -> None:
    head, wearer = PtyHead(process.port), Wearer(KEY)
    told: list[dict[str, object]] = []
    listening = asyncio.create_task(listen(broker.port, f"tocsin/{SITE}/event", told.append))
    process.start()
    await eventually(lambda: len(process.lines("up")) == 2, 20)
    covered = await ask(head, wearer)
    assert covered.arg & PLAN_OK
    assert covered.arg & UPSTREAM_OK

    broker.stop()
    head.hear(wearer.press())
    await head.answered(wearer, STORED)
    await eventually(lambda: process.lines("nobody_told"), 15)
    escalated = await process.said("escalated")
    assert escalated["targets"] == ["annunciator"]
    await eventually(lambda: "nobody_told" in [line["code"] for line in process.lines("fault")])
    status = process.folder / "run" / "status.json"
    lit = {"light": True, "fault": True}
    await eventually(lambda: json.loads(status.read_text())["annunciator"] == lit, 15)
    assert not (await ask(head, wearer)).arg & (PLAN_OK | UPSTREAM_OK)

    broker.start()
    asked, wearer.counter = wearer.counter, wearer.first + 1  # her incident goes on
    await head.answered(wearer, DELIVERED, 30)
    wearer.counter = asked
    await eventually(lambda: "nobody_told" in [line["code"] for line in process.lines("restore")])
    assert (await ask(head, wearer)).arg & PLAN_OK
    await eventually(lambda: "tocsin.gateway.restore" in [str(one["type"]) for one in told], 15)
    types = [str(one["type"]) for one in told]
    for name in ("tocsin.alert.raised", "tocsin.alert.nobody_told", "tocsin.gateway.fault"):
        assert name in types
    listening.cancel()
    head.unplug()

"""The gateway as a process: deaf while no head is there, and a device that falls silent is missed."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from gateway.tests.brokers import Mosquitto, listen
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually

_DEVICE = "button-01"
_RULE = f"""
            [[supervision.rule]]
            device = "{_DEVICE}"
            duty = "fixed"
            missing_s = 36
"""


def prepared(folder: Path, broker: Mosquitto) -> GatewayProcess:
    folder.mkdir()
    process = GatewayProcess(folder, broker.port)
    with process.config.open("a", encoding="utf-8") as config:
        config.write(_RULE)
    enrolled = process.call("enrol", process.enrolment(_DEVICE, KEY, heartbeat_s=10))
    assert enrolled.returncode == 0, enrolled.stderr
    return process


@pytest.mark.slow
async def test_deaf_until_a_head_is_there_then_a_silent_device_is_late_and_missing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    process = prepared(tmp_path / "g", broker)
    told: list[dict[str, object]] = []
    listening = asyncio.create_task(listen(broker.port, f"tocsin/{SITE}/event", told.append))
    begun = time.monotonic()
    process.start()

    def codes(kind: str) -> list[object]:
        types = f"tocsin.gateway.{kind}", f"tocsin.device.{kind}"
        data = [event["data"] for event in told if event["type"] in types]
        return [one["code"] for one in data if isinstance(one, dict)]

    await eventually(lambda: "deaf" in codes("fault"), within_s=30)
    head = PtyHead(process.port)
    await eventually(lambda: "link_down" in codes("restore"), within_s=60)
    wearer = Wearer(KEY, counter=16)
    await certified(head, wearer, begun)
    heard = time.monotonic()
    await eventually(lambda: "deaf" in codes("restore"), within_s=30)
    await eventually(lambda: "late" in codes("late"), within_s=40)
    assert 20 < time.monotonic() - heard < 26
    await eventually(lambda: "missing" in codes("missing"), within_s=30)
    assert 35 < time.monotonic() - heard < 41
    (shown,) = json.loads(process.call("devices", "--json").stdout)
    assert shown["supervision"] == "missing"
    process.kill()
    head.unplug()
    listening.cancel()


async def certified(head: PtyHead, wearer: Wearer, begun: float) -> None:
    """Send two heartbeats: the second tells that the first was answered by the gateway of mark 1."""
    wearer.shows(time.monotonic() - begun)
    head.hear(wearer.heartbeat())
    await head.transmitted(lambda sent: wearer.read(sent.frame) is not None)
    head.hear(wearer.heartbeat(data=1, heard=1))

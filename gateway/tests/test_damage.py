"""The real process over a database that was cut short: it starts, hears, tells, and says what happened."""

import asyncio
import os
from pathlib import Path

import pytest

from gateway.disk.rows import read_incidents
from gateway.disk.store import connect
from gateway.tests.brokers import Mosquitto, listen
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import STORED


@pytest.mark.slow
async def test_the_next_refresh_is_answered_and_nothing_old_is_believed(
    tmp_path: Path, broker: Mosquitto
) -> None:
    process = GatewayProcess(tmp_path, broker.port)
    assert process.call("enrol", process.enrolment("button-01", KEY)).returncode == 0
    events: list[dict[str, object]] = []
    listening = asyncio.create_task(listen(broker.port, f"tocsin/{SITE}/event", events.append))
    head, wearer = PtyHead(process.port), Wearer(KEY)
    database = process.state_dir / "gateway.sqlite"
    try:
        process.start()
        await eventually(lambda: len(process.lines("up")) >= 2)
        head.hear(wearer.press())
        await head.answered(wearer, STORED)
        process.kill()
        os.truncate(database, 0)
        head.sent.clear()
        process.start()
        await eventually(lambda: len(process.lines("started")) == 2)
        await eventually(lambda: len(process.lines("up")) >= 4)
        head.hear(wearer.refresh())
        await head.answered(wearer, STORED)
        await eventually(lambda: any("'code': 'damaged'" in str(event["data"]) for event in events))
    finally:
        process.kill()
        head.unplug()
        listening.cancel()
    assert len(list(process.state_dir.glob("gateway.sqlite.damaged-*Z"))) == 1
    connection = connect(database)
    (incident,) = read_incidents(connection)
    connection.close()
    assert (incident.id, incident.freshness) == (wearer.incident, "unverified")

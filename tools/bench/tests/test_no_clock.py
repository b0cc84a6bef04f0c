"""A Pi starts without a clock and without a network: it hears, stores and answers as if it had both."""

import asyncio
import time
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cases.incident import Incident
from gateway.disk.rows import read_incidents
from gateway.disk.store import connect
from gateway.tests.player import Wearer
from gateway.tests.waiting import eventually
from protocol.kinds import STORED
from tools.bench.chaos_clock import WallClock
from tools.bench.gateway_head import Head
from tools.bench.gateway_process import GatewayProcess

KEY = b"sixteen byte key"
NOBODY = 1  # a port that nobody listens at
DAY_S = 86_400


@pytest.mark.slow
async def test_an_alert_in_1970_is_stored_answered_and_kept_when_the_clock_comes(
    tmp_path: Path,
) -> None:
    clock = WallClock(tmp_path)
    assert clock.works, "libfaketime is neither here nor to be had"
    clock.step(-int(time.time()) + 60)
    gateway = GatewayProcess(tmp_path, NOBODY)
    gateway.enrol_many({"button-1": KEY})
    wearer, answers = Wearer(KEY), list[int]()

    def transmitted(frame: bytes, _: float) -> None:
        read = wearer.read(frame)
        if read is not None:
            answers.append(read[1].op)

    head = Head(gateway.tty / "head0", transmitted)
    gateway.start(clock.environment())
    pid = gateway.pid
    try:
        await eventually(lambda: any(line["event"] == "up" for line in gateway.lines()))
        head.hear(wearer.press())
        await eventually(lambda: STORED in answers)
        (raised,) = await asyncio.to_thread(incidents, gateway)
        assert raised.opened_at < DAY_S  # 1970
        clock.step(0)  # the network is there, and with it the time
        for _ in range(3):
            head.hear(wearer.refresh())
            await asyncio.sleep(0.3)
        (kept,) = await asyncio.to_thread(incidents, gateway)
        assert kept.id == raised.id
        assert gateway.stop() == 0
    finally:
        gateway.close()
        clock.tidy(pid)
        head.unplug()


def incidents(gateway: GatewayProcess) -> list[Incident]:
    with closing(connect(gateway.database)) as connection:
        return list(read_incidents(connection))

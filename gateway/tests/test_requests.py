"""What a person asks of the gateway itself: a trial goes the way of alerts, a device is forgotten whole."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.cases.visit import Visit
from gateway.disk.registry import unenrol
from gateway.disk.store import connect
from gateway.events import Close, Enrolled, Fault, Trial, Unenrol
from gateway.ledger import Committed
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE, KEY, device, received
from gateway.tests.player import Wearer

TRIAL = Trial("trial.0123456789abcdef", "Jo", 1_000.0)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = await Bench(tmp_path).open()
    yield bench
    await bench.store.close()


async def test_a_trial_is_in_the_outbox_before_the_alerts_that_come_after_it(bench: Bench) -> None:
    assert await bench.post(TRIAL) == "done"
    await bench.hear(Wearer(KEY).press())
    first, _ = await bench.outbox.rows(9)
    assert (first.event, first.type, first.data["test"]) == (TRIAL.id, "tocsin.test.trial", True)
    assert bench.rim.woken == 2
    assert bench.rim.sent, "the alert is answered as ever"


async def test_a_trial_that_is_not_confirmed_holds_up_no_other(bench: Bench) -> None:
    await bench.post(TRIAL)
    await bench.post(Trial("trial.fedcba9876543210", "Jo", 1_001.0))
    assert len(await bench.outbox.rows(9)) == 2


async def test_a_device_is_forgotten_with_all_that_is_remembered_of_it(bench: Bench) -> None:
    wearer = Wearer(KEY)
    await bench.hear(wearer.press())
    assert await bench.post(Unenrol(DEVICE, 1_000.0)) == "open_incident"
    assert await bench.post(Close(wearer.incident, "Jo", 1_001.0)) == "done"
    assert await bench.post(Unenrol(DEVICE, 1_002.0)) == "done"
    assert await bench.post(Unenrol(DEVICE, 1_003.0)) == "unknown_device"
    with connect(bench.path) as connection:
        for table in ("device", "state"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM incident").fetchone() == (1,)
    connection.close()


async def test_a_device_on_a_visit_is_not_forgotten(bench: Bench) -> None:
    bench.ledger.visits[DEVICE] = Visit(DEVICE, starts=(16,), minutes=9)
    assert await bench.post(Unenrol(DEVICE, 1_000.0)) == "running_visit"
    assert DEVICE in bench.ledger.devices


def test_where_the_gateway_does_not_run_a_device_in_need_is_kept_too(tmp_path: Path) -> None:
    connection = connect(tmp_path / "db")
    bench = Bench(tmp_path)
    bench.enrol(device())
    assert unenrol(connection, "nobody") == "unknown_device"
    connection.execute(
        "INSERT INTO visit VALUES (?, '[16]', '[]', 9, 1.0, 541.0, NULL, 0, 0)", (DEVICE,)
    )
    assert unenrol(connection, DEVICE) == "running_visit"
    connection.execute("UPDATE visit SET ended_at = 2.0")
    assert unenrol(connection, DEVICE) == "done"
    connection.close()


async def test_frames_of_a_forgotten_device_are_unknown_and_unanswered(bench: Bench) -> None:
    wearer = Wearer(KEY)
    beat = wearer.heartbeat()
    await bench.hear(beat)
    assert await bench.post(Unenrol(DEVICE, 1_000.0)) == "done"
    sent = len(bench.rim.sent)
    await bench.hear(beat, wearer.press(), at=1_001.0)
    assert len(bench.rim.sent) == sent
    assert bench.ledger.incidents == {}
    assert bench.logbook.rejected["unknown_device"] == 2


async def test_forgotten_in_the_very_batch_that_hears_it(bench: Bench) -> None:
    bench.way.door.hear(received(Wearer(KEY).heartbeat()))
    settled = bench.inbox.post(Unenrol(DEVICE, 1_000.0))
    await bench.way.step(bench.inbox.take_now())
    assert await settled == "done"
    assert bench.rim.sent == []


async def test_enrolled_again_it_is_heard_again(bench: Bench) -> None:
    await bench.post(Unenrol(DEVICE, 1_000.0))
    again = device()
    bench.enrol(again)
    bench.rim.enrolled = [again]
    await bench.post(Enrolled(1_001.0))
    wearer = Wearer(KEY)
    await bench.hear(wearer.press(), at=1_002.0)
    assert wearer.incident in bench.ledger.incidents


async def test_a_frame_of_a_device_just_unenrolled_is_a_strangers_while_others_are_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = Wearer(KEY).press()
    errors: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.append(context))

    def stored(_: Committed) -> None:
        """Hear it at the first moment that anything else can run."""
        loop.call_soon(bench.way.door.hear, received(frame, 1_001.0))

    monkeypatch.setattr(bench.rim, "stored", stored)
    bench.inbox.post(Fault("gateway", "clock_unsure", 1_000.0))
    assert await bench.post(Unenrol(DEVICE, 1_000.0)) == "done"
    await asyncio.sleep(0)
    assert errors == []
    assert bench.logbook.rejected["unknown_device"] == 1
    assert bench.inbox.depth["frames"] == 0

"""The way through, step by step; above all: an answer never precedes its commit.

press        the wearer -> frame
radio        a head -> Received
authenticate frames/ -> Uplink (FRESH | DUPLICATE)
incident     decisions |
outbox       notices   | ONE transaction: window + incident + outbox rows
ack STORED   downlink -> radio
upstream     accepted -> Delivered -> ack DELIVERED
person       Acknowledge -> ack ACKNOWLEDGED
"""

import ast
import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import gateway
from gateway.disk.heard import read_states
from gateway.disk.rows import read_incidents
from gateway.disk.schema import StoreFault
from gateway.events import Acknowledge, Close, Delivered, Fault, Verdict
from gateway.inbox import Waiting
from gateway.path import Way
from gateway.tests.bench import TARGET, Bench, SlowStore
from gateway.tests.builders import DEVICE, KEY, LABEL, PLACE, device, received
from gateway.tests.player import Wearer
from protocol.kinds import ACKNOWLEDGED, CLOSED, DELIVERED, STORED


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = await Bench(tmp_path).open()
    yield bench
    await bench.store.close()


@pytest.fixture
def wearer() -> Wearer:
    return Wearer(KEY)


def ops(bench: Bench, wearer: Wearer) -> list[int]:
    return [answer.op for answer in bench.answers(wearer)]


async def test_one_press_all_the_way(bench: Bench, wearer: Wearer) -> None:
    # press, frame: the device builds it; in hil_tests that is the real firmware
    frame = wearer.press()
    # radio, gateway: a head hands over what it heard -> Received
    heard = received(frame)
    # authenticate -> Uplink, FRESH; it waits, and is known to nobody yet
    bench.way.door.hear(heard)
    waiting = bench.inbox.take_now()
    (uplink,) = waiting.frames
    assert (uplink.device, uplink.verdict) == (DEVICE, Verdict.FRESH)
    assert bench.ledger.incidents == {}
    # incident, outbox: ONE transaction of window, incident and outbox rows
    await bench.way.step(waiting)
    (committed,) = bench.rim.commits
    assert (*committed.batch.states, *committed.batch.incidents) == (DEVICE, wearer.incident)
    assert (await bench.store.read(read_states))[DEVICE].window.highest == wearer.first
    assert [one.id for one in await bench.store.read(read_incidents)] == [wearer.incident]
    (row,) = await bench.outbox.rows(16)
    assert (row.type, row.incident) == ("tocsin.alert.raised", wearer.incident)
    # ack STORED -> radio
    assert ops(bench, wearer) == [STORED]
    assert (bench.rim.sent[0].radio, bench.rim.sent[0].medium) == (heard.radio, heard.medium)
    # upstream: accepted -> the row waits no more -> ack DELIVERED
    await bench.post(Delivered(row.id, TARGET, row.incident, row.number, 1_000.1))
    assert await bench.outbox.rows(16) == []
    assert ops(bench, wearer) == [STORED, DELIVERED]
    # person: acknowledges -> incident -> ack ACKNOWLEDGED
    assert await bench.post(Acknowledge(wearer.incident, "Jo", 7, 1_010.0)) == "done"
    assert ops(bench, wearer) == [STORED, DELIVERED, ACKNOWLEDGED]
    # the wearer says that she felt "help is coming", and at last a person ends it
    await bench.hear(wearer.refresh(felt=ACKNOWLEDGED), at=1_011.0)
    assert await bench.post(Close(wearer.incident, "Jo", 1_020.0)) == "done"
    assert ops(bench, wearer)[-1] == CLOSED


async def test_the_log_has_a_line_for_each_step_of_the_way(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.press())
    (row,) = await bench.outbox.rows(16)
    await bench.post(Delivered(row.id, TARGET, row.incident, row.number, 1_000.1))
    await bench.post(Acknowledge(wearer.incident, "Jo", 7, 1_010.0))
    await bench.hear(wearer.refresh(felt=ACKNOWLEDGED), at=1_011.0)
    await bench.post(Close(wearer.incident, "Jo", 1_020.0))
    lines = [json.loads(line) for line in bench.log.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        "received",
        "stored",
        "delivered",
        "acknowledged",
        "wearer_felt",
        "closed",
    ]
    assert {line["incident"] for line in lines} == {wearer.incident}
    assert lines[0]["t"] == 1_000.0


async def test_no_ack_before_commit(bench: Bench, wearer: Wearer) -> None:
    """Watch the world from inside the commit: nothing is on air, told or logged until it returns."""
    slow = SlowStore(bench.store)
    slow.look = lambda: (len(bench.rim.sent), bench.rim.woken, bench.log.getvalue())
    bench.way = Way(bench.ledger, slow, bench.inbox, bench.logbook, bench.rim)
    await bench.hear(wearer.press())
    assert slow.seen_at_commit == [(0, 0, "")] * 2
    assert (len(bench.rim.sent), bench.rim.woken) == (1, 1)
    before = len(bench.rim.sent), bench.rim.woken, bench.log.getvalue()
    slow.seen_at_commit.clear()
    await bench.post(Acknowledge(wearer.incident, "Jo", 1, 1_001.0))
    assert slow.seen_at_commit == [before] * 2
    assert len(bench.rim.sent) == 2


def test_only_the_store_makes_receipts() -> None:
    """With `Committed` asked for by every answer, this is why an early ack cannot be written."""
    package = Path(gateway.__file__).parent
    makers = {
        path.name
        for path in package.rglob("*.py")
        if "tests" not in path.parts
        for source in (path.read_text(encoding="utf-8"),)
        if "Committed" in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Committed"
    }
    assert makers == {"store.py"}


async def test_no_ack_when_the_commit_fails_and_the_next_refresh_tries_again(
    bench: Bench, wearer: Wearer
) -> None:
    slow = SlowStore(bench.store)
    slow.fails = StoreFault("OperationalError", "SQLITE_FULL")
    bench.way = Way(bench.ledger, slow, bench.inbox, bench.logbook, bench.rim)
    first = wearer.press()
    await bench.hear(first, first)
    await bench.hear(wearer.refresh())
    assert bench.rim.sent == []
    assert bench.rim.woken == 0
    fault, *alerts = bench.rim.told_unstored
    assert fault.startswith("gateway.fault.store.write_failed.")
    assert set(alerts) == {f"{wearer.incident}.1"}  # people are called all the same
    assert bench.ledger.incidents == {}
    assert bench.ledger.states[DEVICE].window.highest == -1
    faults = [json.loads(line) for line in bench.log.getvalue().splitlines()]
    assert [(fault["event"], fault["source"]) for fault in faults] == [("fault", "store")]
    slow.fails = None
    await bench.hear(wearer.refresh())
    assert ops(bench, wearer) == [STORED]
    assert len(await bench.store.read(read_incidents)) == 1


async def test_a_duplicate_reenters_at_ack_only(bench: Bench, wearer: Wearer) -> None:
    frame = wearer.press()
    for at in (1_000.0, 1_000.4, 1_000.9, 1_001.0, 1_001.5, 1_010.0, 1_010.1, 1_500.0):
        await bench.hear(frame, frame, at=at)
    assert ops(bench, wearer) == [STORED] * 3  # at 0, 1 and 10 seconds
    assert bench.ledger.states[DEVICE].contact_at == 1_000.0
    assert bench.log.getvalue().count("stored") == 1


async def test_a_duplicate_is_answered_with_the_stage_of_now(bench: Bench, wearer: Wearer) -> None:
    frame = wearer.press()
    await bench.hear(frame)
    await bench.post(Acknowledge(wearer.incident, "Jo", None, 1_000.5))
    await bench.hear(frame, at=1_002.0)
    assert ops(bench, wearer) == [STORED, ACKNOWLEDGED, ACKNOWLEDGED]


async def test_a_command_that_could_not_be_written_is_kept_and_tried_again(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.press())
    slow = SlowStore(bench.store)
    slow.fails = StoreFault("OperationalError")
    bench.way = Way(bench.ledger, slow, bench.inbox, bench.logbook, bench.rim)
    settled = bench.inbox.post(Acknowledge(wearer.incident, "Jo", 1, 1_001.0))
    await bench.way.step(await bench.inbox.take())
    assert not settled.done()
    slow.fails = None
    await bench.hear(wearer.refresh())  # what comes next does not wait for it
    await bench.way.step(Waiting([], list(bench.inbox._events)))
    assert settled.result() == "done"
    assert ops(bench, wearer)[-1] == ACKNOWLEDGED


async def test_junk_is_counted_by_reason_and_nothing_else(bench: Bench, wearer: Wearer) -> None:
    good = wearer.press()
    stranger = Wearer(b"sixteen byte key").press()
    await bench.hear(b"", bytes(40), good[:14], stranger, good[:-1] + b"\0", bytes(15))
    assert dict(bench.logbook.rejected) == {"malformed": 3, "unknown_device": 2, "bad_tag": 1}
    assert bench.rim.sent == []
    assert bench.log.getvalue() == ""
    assert await bench.store.read(read_states) == {}


async def test_a_restart_knows_incidents_windows_and_duplicates(
    tmp_path: Path, wearer: Wearer
) -> None:
    bench = await Bench(tmp_path).open()
    frame = wearer.press()
    await bench.hear(frame)
    await bench.store.close()

    again = await Bench(tmp_path).open()
    await again.hear(frame)
    assert again.rim.sent == []
    await again.hear(wearer.refresh())
    assert ops(again, wearer) == [STORED]
    assert len(await again.store.read(read_incidents)) == 1
    assert len(await again.outbox.rows(16)) == 1
    assert await again.post(Acknowledge(wearer.incident, "Jo", 2, 1_002.0)) == "done"
    await again.store.close()


async def test_many_devices_at_once_are_one_transaction(tmp_path: Path) -> None:
    keys = [bytes([number]) * 16 for number in range(20)]
    devices = [device(f"button-{number}", key, number) for number, key in enumerate(keys)]
    wearers = [Wearer(key) for key in keys]
    bench = await Bench(tmp_path).open(*devices)
    slow = SlowStore(bench.store)
    bench.way = Way(bench.ledger, slow, bench.inbox, bench.logbook, bench.rim)
    await bench.hear(*[wearer.press() for wearer in wearers])
    assert len(slow.seen_at_commit) == 2
    assert sorted(one.slot for one in bench.rim.sent) == list(range(20))
    assert all(len(bench.answers(wearer)) == 1 for wearer in wearers)
    await bench.store.close()


async def test_the_loop_runs_what_waits(bench: Bench, wearer: Wearer) -> None:
    running = asyncio.create_task(bench.way.run())
    bench.way.door.hear(received(wearer.press()))
    assert await bench.inbox.post(Fault("radio.head", "link_down", 1.0)) == "done"
    assert ops(bench, wearer) == [STORED]
    running.cancel()


async def test_no_key_body_label_or_person_in_the_log(bench: Bench, wearer: Wearer) -> None:
    frame = wearer.press()
    await bench.hear(frame)
    await bench.post(Acknowledge(wearer.incident, "Zebedee Quill", 3, 1_001.0))
    await bench.post(Close(wearer.incident, "Zebedee Quill", 1_002.0))
    log = bench.log.getvalue()
    for secret in (KEY.hex(), frame.hex(), LABEL, PLACE, "Zebedee"):
        assert secret not in log

"""The way through, as architecture.md draws it; above all: an answer never precedes its commit."""

import ast
import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import gateway
from gateway.disk.schema import StoreFault
from gateway.disk.store import read_incidents, read_states
from gateway.events import (
    Acknowledge,
    Close,
    Delivered,
    Enrolled,
    Fault,
    Uplink,
)
from gateway.frames.device import Device
from gateway.inbox import Waiting
from gateway.path import Way
from gateway.tests.bench import TARGET, Bench, SlowStore, limit_pages, small_disk
from gateway.tests.builders import DEVICE, KEY, LABEL, PLACE, device, received, uplink
from gateway.tests.player import Wearer
from protocol.kinds import (
    ACKNOWLEDGED,
    CANCEL,
    CLOSED,
    COVERED,
    DELIVERED,
    PANIC,
    STORED,
    TEST,
    WALK_TEST,
    incident_word,
    report_word,
)


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
    # press, frame, radio, gateway, authenticate
    await bench.hear(wearer.press())
    # incident, outbox: one transaction
    (incident,) = await bench.store.read(read_incidents)
    assert incident.id == wearer.incident
    (row,) = await bench.outbox.rows(16)
    assert row.type == "tocsin.alert.raised"
    # ack STORED
    assert ops(bench, wearer) == [STORED]
    # upstream accepts: ack DELIVERED
    await bench.post(Delivered(row.id, TARGET, row.incident, row.number, 1_000.1))
    assert ops(bench, wearer) == [STORED, DELIVERED]
    assert await bench.outbox.rows(16) == []
    # person acknowledges: ack ACKNOWLEDGED, with an estimate
    assert await bench.post(Acknowledge(wearer.incident, "Jo", 7, 1_010.0)) == "done"
    assert ops(bench, wearer) == [STORED, DELIVERED, ACKNOWLEDGED]
    # the wearer says that it was felt
    await bench.hear(wearer.refresh(felt=ACKNOWLEDGED), at=1_011.0)
    # and at last a person ends it
    assert await bench.post(Close(wearer.incident, "Jo", 1_020.0)) == "done"
    assert ops(bench, wearer)[-1] == CLOSED
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


async def test_a_really_full_disk(tmp_path: Path, wearer: Wearer) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk) as mounted:
        bench = await Bench(disk).open()
        filler = disk / "filler"
        if mounted:
            _fill(filler)
        else:
            await bench.store.read(lambda connection: limit_pages(connection, full=True))
        pressed = 0
        while not bench.log.getvalue().count('"source": "store"'):
            await bench.hear(wearer.press())
            pressed += 1
            assert pressed < 500
        stored = await bench.store.read(read_incidents)
        assert len(bench.rim.sent) == len(stored) == pressed - 1
        on_disk = await bench.store.read(read_states)
        highest = on_disk[DEVICE].window.highest if on_disk else -1
        assert bench.ledger.states[DEVICE].window.highest == highest
        if mounted:
            filler.unlink()
        else:
            await bench.store.read(lambda connection: limit_pages(connection, full=False))
        await bench.hear(wearer.refresh())
        assert len(bench.rim.sent) == pressed
        assert wearer.incident in bench.ledger.incidents
        await bench.store.close()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


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


def on_air(bench: Bench) -> list[tuple[str, bool]]:
    """Return medium and urgency of what was sent since this was last asked."""
    sent = [(one.medium, one.urgent) for one in bench.rim.sent]
    bench.rim.sent.clear()
    return sent


async def test_a_frame_heard_by_several_radios_is_one_incident_and_answered_once(
    bench: Bench, wearer: Wearer
) -> None:
    frame = wearer.press()
    for radio in ("head", "attic", "cellar"):
        bench.way.door.hear(received(frame, radio=radio))
    await bench.way.step(bench.inbox.take_now())
    for radio in ("attic", "cellar"):
        bench.way.door.hear(received(frame, 1_000.2, radio=radio))
    await bench.way.step(bench.inbox.take_now())
    assert len(bench.ledger.incidents) == 1
    assert [one.radio for one in bench.rim.sent] == ["head"]
    (row,) = await bench.outbox.rows(16)
    assert row.data["radio"] == "head"


async def test_a_press_while_a_walk_test_runs_is_an_alert_and_its_tests_are_tests(
    bench: Bench, wearer: Wearer
) -> None:
    """Test mode never changes what raises an alert (SPEC 7.2)."""
    await bench.hear(wearer.protect(report_word(WALK_TEST, 1, 1, wearer.time)))
    await bench.hear(wearer.press(TEST))
    await bench.hear(wearer.press(PANIC))
    rows = [row for row in await bench.outbox.rows(16) if row.incident]
    assert [row.type for row in rows] == ["tocsin.alert.raised", "tocsin.test.raised"]


@pytest.mark.parametrize("media", [("ble", "lora"), ("lora", "ble")])
async def test_a_frame_heard_on_two_media_at_once_is_answered_on_both(
    bench: Bench, wearer: Wearer, media: tuple[str, ...]
) -> None:
    await bench.hear(wearer.press(), media=media)
    assert on_air(bench) == [(medium, True) for medium in media]
    assert bench.log.getvalue().count("stored") == 1


async def test_a_frame_heard_again_on_another_medium_is_answered_there_at_once(
    bench: Bench, wearer: Wearer
) -> None:
    frame = wearer.press()
    await bench.hear(frame, at=1_000.0)
    await bench.hear(frame, at=1_000.2, media=("lora",))
    assert on_air(bench) == [("ble", True), ("lora", True)]
    await bench.hear(frame, at=1_000.9, media=("ble", "lora"))
    assert on_air(bench) == []
    await bench.hear(frame, at=1_001.3, media=("ble", "lora"))
    assert on_air(bench) == [("ble", False), ("lora", False)]
    await bench.hear(frame, at=1_010.5, media=("serial",))
    assert on_air(bench) == []


async def test_one_batch_with_a_frame_of_each_medium_answers_the_newest_on_both(
    bench: Bench, wearer: Wearer
) -> None:
    bench.way.door.hear(received(wearer.press(), medium="lora"))
    await bench.hear(wearer.refresh(), at=1_000.1)
    assert on_air(bench) == [("lora", True), ("ble", True)]


async def test_a_stage_that_rises_goes_out_on_each_medium_the_device_was_heard_on(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.press(), media=("ble", "lora"))
    bench.rim.sent.clear()
    await bench.post(Acknowledge(wearer.incident, "Jo", 1, 1_010.0))
    assert on_air(bench) == [("ble", True), ("lora", True)]
    await bench.hear(wearer.refresh(), at=1_400.0, media=("lora",))
    bench.rim.sent.clear()
    await bench.post(Close(wearer.incident, "Jo", 1_410.0))
    assert on_air(bench) == [("lora", True)]


async def test_after_a_restart_a_stage_that_rises_goes_out_where_the_device_was_heard_last(
    tmp_path: Path, wearer: Wearer
) -> None:
    bench = await Bench(tmp_path).open()
    await bench.hear(wearer.press(), media=("lora",))
    await bench.store.close()
    again = await Bench(tmp_path).open()
    await again.post(Acknowledge(wearer.incident, "Jo", 1, 1_010.0))
    assert on_air(again) == [("lora", True)]
    assert again.rim.sent == []
    await again.store.close()


async def test_a_clone_is_told_and_its_repeats_are_not_answered(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.press())
    clone = wearer.protect(incident_word(CANCEL, 0, 0, 0, 5), counter=wearer.first)
    await bench.hear(clone, clone, at=1_003.0)
    await bench.hear(clone, at=1_006.0)
    assert len(bench.rim.sent) == 1
    assert bench.log.getvalue().count("counter_reuse") == 1
    assert not bench.ledger.incidents[wearer.incident].cancelled


async def test_the_alert_of_a_clone_is_raised_and_answered_once(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.heartbeat(listening=0))
    clone = wearer.protect(incident_word(PANIC, 0, 0, 0, 5), counter=0)
    for at in (1_001.0, 1_002.5, 1_004.0):
        await bench.hear(clone, at=at)
    assert len(bench.rim.sent) == 1
    assert [one.kind for one in bench.ledger.incidents.values()] == ["panic"]
    assert bench.log.getvalue().count("counter_reuse") == 1


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


async def test_heartbeat_and_query_are_answered_with_health(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.heartbeat())
    await bench.hear(wearer.query())
    answers = bench.answers(wearer)
    assert [answer.op for answer in answers] == [STORED, STORED]
    assert {answer.arg & COVERED for answer in answers} == {COVERED}


async def test_an_enrolled_device_is_heard_without_a_restart(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).open()
    late = Wearer(b"sixteen byte key", 100)
    await bench.hear(late.press())
    assert bench.rim.sent == []
    added: Device = device("button-02", b"sixteen byte key", slot=2, floor=100)
    bench.enrol(added)
    bench.rim.enrolled = [device(), added]
    assert await bench.post(Enrolled(1_000.0)) == "done"
    await bench.hear(late.refresh())
    assert ops(bench, late) == [STORED]
    await bench.store.close()


async def test_the_inbox_is_bounded_counts_what_it_drops_and_takes_all(bench: Bench) -> None:
    for number in range(5000):
        bench.inbox.hear(uplink(0, number))
    bench.inbox.post(Fault("radio.head", "link_down", 1.0))
    assert bench.inbox.dropped == 5000 - 4096
    taken: list[Uplink] = []
    while len(taken) < 4096:
        async with asyncio.timeout(1):
            taken += (await bench.inbox.take()).frames
    assert [one.counter for one in taken] == list(range(4096))


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


def test_only_the_store_makes_receipts() -> None:
    """With `Committed` asked for by every answer, this is why an early ack cannot be written."""
    package = Path(gateway.__file__).parent
    makers = {
        path.name
        for path in package.rglob("*.py")
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Committed"
    }
    assert makers == {"store.py"}

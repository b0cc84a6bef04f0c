"""Who is answered, by which radio and on which medium, and who is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.events import (
    Acknowledge,
    Close,
    Enrolled,
)
from gateway.frames.device import Device
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE, KEY, device, received
from gateway.tests.player import Wearer
from protocol.kinds import (
    CANCEL,
    COVERED,
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


def on_air(bench: Bench) -> list[tuple[str, bool]]:
    """Return medium and urgency of what was sent since this was last asked."""
    sent = [(one.medium, one.urgent) for one in bench.rim.sent]
    bench.rim.sent.clear()
    return sent


def answered_by(bench: Bench) -> list[str]:
    """Return the radios that answered since this was last asked, in their order."""
    radios = [one.radio for one in bench.rim.sent]
    bench.rim.sent.clear()
    return radios


async def hear(bench: Bench, frame: bytes, at: float, medium: str = "ble", **rssi: int) -> None:
    """Let radios hear a frame, each with its signal, in this order; take what waits then."""
    for radio, dbm in rssi.items():
        bench.way.door.hear(received(frame, at, radio, medium, dbm))
    await bench.way.step(bench.inbox.take_now())


async def test_a_frame_that_several_radios_hear_is_one_incident_with_the_best_signal(
    bench: Bench, wearer: Wearer
) -> None:
    frame = wearer.press()
    await hear(bench, frame, 1_000.0, head=-80, attic=-60, cellar=-70)
    assert len(bench.ledger.incidents) == 1
    (row,) = await bench.outbox.rows(16)
    assert (row.data["radio"], row.data["rssi"]) == ("attic", -60)
    assert sorted(answered_by(bench)) == ["attic", "cellar", "head"]


async def test_by_ble_each_radio_that_heard_a_frame_answers_it_once_a_second(
    bench: Bench, wearer: Wearer
) -> None:
    frame = wearer.press()
    await hear(bench, frame, 1_000.0, head=-80)
    assert answered_by(bench) == ["head"]
    await hear(bench, frame, 1_000.2, head=-80, attic=-60)
    assert answered_by(bench) == ["attic"]
    await hear(bench, frame, 1_000.3, head=-80, attic=-60)
    assert answered_by(bench) == []
    await hear(bench, frame, 1_001.3, head=-80, attic=-60)
    assert answered_by(bench) == ["head", "attic"]


async def test_by_lora_one_head_answers_for_they_share_a_channel(
    bench: Bench, wearer: Wearer
) -> None:
    frame = wearer.press()
    await hear(bench, frame, 1_000.0, "lora", head=-110, attic=-90)
    await hear(bench, frame, 1_000.2, "lora", head=-110, cellar=-80)
    assert answered_by(bench) == ["attic"]


async def test_a_stage_that_rises_is_sent_first_by_the_radio_that_hears_best(
    bench: Bench, wearer: Wearer
) -> None:
    await hear(bench, wearer.press(), 1_000.0, head=-80, attic=-60, cellar=-70)
    bench.rim.sent.clear()
    await bench.post(Acknowledge(wearer.incident, "Jo", 1, 1_010.0))
    assert answered_by(bench) == ["attic", "cellar", "head"]
    await hear(bench, wearer.refresh(), 1_020.0, cellar=-50)
    bench.rim.sent.clear()
    await bench.post(Close(wearer.incident, "Jo", 1_030.0))
    assert answered_by(bench) == ["cellar", "attic", "head"]


async def test_a_link_is_judged_by_the_radio_that_hears_best(bench: Bench, wearer: Wearer) -> None:
    frame = wearer.press()
    await hear(bench, frame, 1_000.0, head=-95)
    await hear(bench, frame, 1_000.1, head=-60)  # its own repeat, by chance a stronger one
    assert bench.ledger.states[DEVICE].signs.heard_dbm == (-95,)
    await hear(bench, frame, 1_000.2, attic=-70)
    await hear(bench, frame, 1_000.3, cellar=-90)
    assert bench.ledger.states[DEVICE].signs.heard_dbm == (-70,)


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
    assert on_air(bench) == [("ble", True), ("lora", True)]


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

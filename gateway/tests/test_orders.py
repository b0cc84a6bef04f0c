"""Orders to devices: told once they can hear, numbered as SPEC 7.2 says, and never left without an end."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway import orders
from gateway.downlink import ACK_FIRST_S, COMMAND_FIRST_S, COMMAND_SLOTS
from gateway.events import Order, Transmission, Unenrol
from gateway.inbox import Waiting
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE, KEY, device
from gateway.tests.player import Wearer
from protocol.kinds import IDENTIFY, LIGHT, SIREN, STORED, WALK_TEST, report_word
from protocol.messages import Answer

BOX_KEY = b"key of a box 123"
BOX = replace(device("box-01", BOX_KEY, 2), role="call_box")
WALK = Order("order.1", DEVICE, WALK_TEST, 10, "Jo", 100, 1_000.0)
SOUND = Order("order.2", BOX.id, SIREN, 5, "Jo", 60, 1_000.0)


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    bench = await Bench(tmp_path).open(device(), BOX)
    bench.way.watch((orders,))
    monkeypatch.setattr("gateway.path.time.time", bench.rim.now_s)
    yield bench
    await bench.store.close()


@pytest.fixture
def wearer() -> Wearer:
    return Wearer(KEY)


@pytest.fixture
def box() -> Wearer:
    return Wearer(BOX_KEY)


def commands(bench: Bench) -> list[Transmission]:
    return [one for one in bench.rim.sent if one.slot >= COMMAND_SLOTS]


def told(bench: Bench, device: Wearer) -> list[tuple[int, Answer]]:
    """Return the commands that `device` can read, each with the counter it is for."""
    heard = [device.read(one.frame) for one in commands(bench)]
    return [one for one in heard if one is not None]


def entries(bench: Bench) -> list[str]:
    lines = [json.loads(line) for line in bench.log.getvalue().splitlines()]
    return [line["event"] for line in lines if line["event"].startswith("order")]


async def passes(bench: Bench, seconds: float) -> None:
    bench.rim.clock_s += seconds
    await bench.way.step(Waiting([], []))
    bench.way.log()


async def test_a_button_is_told_behind_its_next_frame_and_its_report_ends_the_order(
    bench: Bench, wearer: Wearer
) -> None:
    assert await bench.post(WALK) == "done"
    assert commands(bench) == []
    await bench.hear(wearer.heartbeat())
    assert told(bench, wearer) == [(0, Answer(WALK_TEST, 10, seq=1))]
    assert entries(bench) == ["ordered", "order_sent"]
    await bench.hear(wearer.protect(report_word(WALK_TEST, 1, 1, wearer.time)))
    assert entries(bench) == ["ordered", "order_sent", "order_done"]
    await bench.hear(wearer.heartbeat())
    assert len(commands(bench)) == 1


async def test_the_ack_follows_the_command_to_a_button(bench: Bench, wearer: Wearer) -> None:
    await bench.post(WALK)
    await bench.hear(wearer.heartbeat())
    after = {one.slot: one.after_s for one in bench.rim.sent}
    assert after == {1: COMMAND_FIRST_S, 1 | COMMAND_SLOTS: 0.0}
    assert [one.op for one in bench.answers(wearer)] == [STORED, WALK_TEST]
    (command,) = commands(bench)
    assert (command.urgent, command.always) == (False, True)


async def test_behind_a_deaf_heartbeat_and_amid_an_alert_nothing_is_ordered(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.post(WALK)
    await bench.hear(wearer.heartbeat(listening=0))
    await bench.hear(wearer.press())
    await bench.hear(wearer.visit())
    assert commands(bench) == []
    await bench.hear(wearer.query())
    assert len(told(bench, wearer)) == 1


async def test_a_button_that_was_not_heard_to_report_is_told_again_behind_the_frame_after(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.post(WALK)
    await bench.hear(wearer.heartbeat())
    await bench.hear(wearer.heartbeat())
    assert told(bench, wearer) == [(n, Answer(WALK_TEST, 10, seq=1)) for n in (0, 1)]


async def test_no_report_in_time_is_the_end_too(bench: Bench, wearer: Wearer) -> None:
    await bench.post(WALK)
    await passes(bench, 99.0)
    assert entries(bench) == ["ordered"]
    await passes(bench, 1.0)
    assert entries(bench) == ["ordered", "order_unheard"]
    await bench.hear(wearer.heartbeat(), at=1_101.0)
    assert commands(bench) == []


async def test_a_call_box_is_told_at_once_then_by_another_number_and_then_the_same_again(
    bench: Bench, box: Wearer
) -> None:
    """Its report may have been lost, and what it was told before it does not do again (SPEC 7.2)."""
    await bench.hear(box.heartbeat(), media=("lora",))
    await bench.post(SOUND)
    assert told(bench, box) == [(0, Answer(SIREN, 5, seq=1))]
    assert (commands(bench)[0].heard, commands(bench)[0].after_s) == (None, 0.0)
    await passes(bench, orders.AGAIN_S - 1)
    assert len(commands(bench)) == 1
    for _ in range(3):
        await passes(bench, orders.AGAIN_S)
    assert [one.seq for _, one in told(bench, box)] == [1, 9, 9, 9]
    assert {one.medium for one in commands(bench)} == {"lora"}
    await bench.hear(box.protect(report_word(SIREN, 1, 1, box.time)))
    assert entries(bench)[-1] == "order_done"


async def test_the_ack_of_a_call_box_waits_for_no_command_and_is_off_the_air_before_its_report(
    bench: Bench, box: Wearer
) -> None:
    await bench.post(SOUND)
    await bench.hear(box.press(), media=("lora",))
    assert [one.op for one in bench.answers(box)] == [STORED, SIREN]
    assert [one.after_s for one in bench.rim.sent] == [0.0, ACK_FIRST_S]


async def test_a_box_that_was_not_heard_for_5_minutes_is_told_when_it_is(
    bench: Bench, box: Wearer
) -> None:
    await bench.hear(box.heartbeat(), media=("lora",))
    bench.rim.clock_s += 301.0
    await bench.post(replace(SOUND, within_s=600))
    assert commands(bench) == []
    await bench.hear(box.heartbeat(), at=1_302.0, media=("lora",))
    assert told(bench, box) == [(1, Answer(SIREN, 5, seq=1))]


async def test_orders_to_one_device_wait_for_each_other_and_have_numbers_of_their_own(
    bench: Bench, box: Wearer
) -> None:
    await bench.hear(box.heartbeat(), media=("lora",))
    for number, op in enumerate((SIREN, LIGHT, IDENTIFY)):
        await bench.post(replace(SOUND, id=f"order.{number}", op=op, within_s=10 + number))
    assert [one.op for _, one in told(bench, box)] == [SIREN]
    await passes(bench, 10.0)
    assert told(bench, box)[-1] == (0, Answer(LIGHT, 5, seq=9))
    await passes(bench, 1.0)
    assert told(bench, box)[-1][1].op == LIGHT, "a gateway has two numbers for one counter"
    await bench.hear(box.heartbeat(), at=1_011.5, media=("lora",))
    assert told(bench, box)[-1] == (1, Answer(IDENTIFY, 5, seq=1))


async def test_a_refusal_is_told_and_a_report_of_something_else_ends_nothing(
    bench: Bench, box: Wearer
) -> None:
    before = box.protect(report_word(SIREN, 1, 1, box.time))
    await bench.hear(box.heartbeat(), media=("lora",))
    await bench.post(replace(SOUND, arg=0))
    others = report_word(SIREN, 9, 1, box.time), report_word(LIGHT, 1, 1, box.time)
    await bench.hear(before, *map(box.protect, others))
    assert "order_done" not in entries(bench)
    await bench.hear(box.protect(report_word(SIREN, 1, 0, box.time)))
    assert entries(bench)[-1] == "order_refused"


async def test_what_cannot_be_ordered(bench: Bench) -> None:
    assert await bench.post(replace(WALK, device="nobody")) == "unknown_device"
    assert await bench.post(replace(WALK, op=SIREN)) == "not_had"
    for number in range(orders.WAITING_MAX):
        assert await bench.post(replace(WALK, id=f"order.{number}")) == "done"
    assert await bench.post(WALK) == "too_many"


async def test_the_order_of_a_device_that_is_forgotten_ends(bench: Bench) -> None:
    await bench.post(WALK)
    await bench.post(Unenrol(DEVICE, 1_001.0))
    assert entries(bench) == ["ordered", "order_unheard"]


async def test_the_journal_says_who_ordered_and_the_log_does_not(bench: Bench) -> None:
    await bench.post(replace(WALK, by="Zebedee Quill"))
    query = "SELECT content FROM journal"
    (row,) = await bench.store.read(lambda found: found.execute(query).fetchall())
    assert json.loads(row[0]) == {
        "device": DEVICE,
        "detail": {"order": "order.1", "command": "walk_test", "by": "Zebedee Quill", "value": 10},
    }
    assert "Zebedee" not in bench.log.getvalue()
    assert '"command": "walk_test"' in bench.log.getvalue()


async def test_after_a_restart_a_box_is_told_by_the_way_it_was_heard_last(
    bench: Bench, box: Wearer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.hear(box.heartbeat(), media=("lora",))
    again = await Bench(tmp_path).open(device(), BOX)
    again.way.watch((orders,))
    monkeypatch.setattr("gateway.path.time.time", again.rim.now_s)
    await again.post(SOUND)
    assert [(one.radio, one.medium) for one in commands(again)] == [("head", "lora")]
    await again.store.close()

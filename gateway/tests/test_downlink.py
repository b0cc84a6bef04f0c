"""What goes out, for how long, and that nothing goes out without a receipt."""

from dataclasses import replace
from typing import Any

import pytest

from gateway import downlink
from gateway.cases.incident import Incident, State
from gateway.downlink import BRIEF_MS, LONG_MS, LORA_WITHIN_MS, REPEATS_MAX, Health, Repeats
from gateway.drafts import Want
from gateway.events import Transmission
from gateway.frames.hearing import Back
from gateway.ledger import Committed, Ledger
from gateway.tests.builders import DEVICE, KEY, device, ledger
from gateway.tests.player import Wearer
from protocol.kinds import (
    ACKNOWLEDGED,
    CLOSED,
    COVERED,
    DELIVERED,
    ESTIMATE_UNKNOWN,
    PLAN_OK,
    STORE_OK,
    STORED,
    UPSTREAM_OK,
)
from protocol.messages import Answer

ID = "ab" * 16
BLE = Back("head", "ble", 5.0)
LORA = Back("head", "lora", 5.0)
WANT = Want(DEVICE, 20, ID, BLE)


def answer(want: Want | None = None, health: Health | None = None, **fields: Any) -> Transmission:
    want = want or WANT
    known = ledger()
    values = {"state": State.OPEN} | fields
    incident = Incident(ID, DEVICE, 16, 20, "panic", 0.0, 0.0, **values)
    known.incidents[ID] = incident
    health = health or Health()
    return downlink.answer(receipt(known, want), want, known, health, now=60.0)


def receipt(known: Ledger, want: Want) -> Committed:
    batch = known.batch()
    batch.want(want)
    return Committed(batch, 0.0)


def read(transmission: Transmission) -> tuple[int, Answer]:
    heard = Wearer(KEY, 21).read(transmission.frame)
    assert heard is not None
    return heard


@pytest.mark.parametrize(
    ("fields", "op", "ms"),
    [
        ({}, STORED, BRIEF_MS),
        ({"delivered": True}, DELIVERED, BRIEF_MS),
        ({"state": State.ACKNOWLEDGED}, ACKNOWLEDGED, LONG_MS),
        ({"state": State.CLOSED}, CLOSED, LONG_MS),
    ],
)
def test_the_best_stage_for_as_long_as_it_takes(fields: dict[str, Any], op: int, ms: int) -> None:
    transmission = answer(**fields)
    counter, heard = read(transmission)
    assert (counter, heard.op, transmission.ms) == (20, op, ms)
    assert (transmission.slot, transmission.radio, transmission.medium) == (1, "head", "ble")


def test_health_is_three_bits() -> None:
    all_well = Health(store=True, upstream=True, plan=True)
    assert read(answer(health=all_well))[1].arg == COVERED | ESTIMATE_UNKNOWN
    no_upstream = Health(store=True, upstream=False, plan=True)
    assert read(answer(health=no_upstream))[1].arg == STORE_OK | PLAN_OK | ESTIMATE_UNKNOWN


@pytest.mark.parametrize(
    ("eta", "taken_at", "minutes"),
    [(5, 60.0, 5), (5, 0.0, 4), (0, 0.0, 0), (5, -600.0, 0), (30, 60.0, 30), (45, 60.0, 31)],
)
def test_the_estimate_runs_down_and_a_long_one_is_unknown(
    eta: int, taken_at: float, minutes: int
) -> None:
    transmission = answer(
        state=State.ACKNOWLEDGED, eta_minutes=eta, acknowledged_at=taken_at, health=Health()
    )
    assert read(transmission)[1].arg & 0x1F == minutes


def test_about_no_incident_it_says_stored_and_health() -> None:
    assert read(answer(Want(DEVICE, 19, None, BLE))) == (
        19,
        Answer(STORED, STORE_OK | ESTIMATE_UNKNOWN, mark=1),
    )


def test_the_same_answer_is_the_same_frame_and_another_has_another_nonce() -> None:
    assert answer().frame == answer().frame
    assert answer().frame[4:] != answer(delivered=True).frame[4:]


def test_what_was_not_committed_cannot_be_answered() -> None:
    known = ledger()
    with pytest.raises(ValueError, match="not committed"):
        downlink.answer(Committed(known.batch(), 0.0), WANT, known, Health(), now=0.0)


def test_a_repeat_is_answered_for_ten_seconds_once_a_second() -> None:
    repeats = Repeats()
    committed = receipt(ledger(), WANT)
    repeats.note(b"frame", committed, WANT, "ble", 100.0)
    answered = [now for now in range(1001, 1130) if repeats.due(b"frame", "ble", now / 10)]
    assert answered == list(range(1010, 1101, 10))
    assert repeats.due(b"another", "ble", 101.0) is None


def test_a_frame_heard_on_another_medium_is_answered_there_at_once_and_then_once_a_second() -> None:
    repeats = Repeats()
    repeats.note(b"frame", receipt(ledger(), WANT), WANT, "ble", 100.0)
    found = [(now, repeats.due(b"frame", "lora", now / 10)) for now in range(1_001, 1_130)]
    answered = {now: due.again for now, due in found if due is not None}
    assert answered == {1_001: False, **dict.fromkeys(range(1_011, 1_101, 10), True)}
    assert repeats.due(b"frame", "ble", 110.1) is None


def test_only_the_first_answer_on_a_medium_may_use_the_reserve() -> None:
    assert answer(Want(DEVICE, 20, ID, LORA)).urgent
    assert not answer(Want(DEVICE, 20, ID, LORA._replace(again=True))).urgent
    assert not answer(Want(DEVICE, 19, None, LORA)).urgent
    assert answer(Want(DEVICE, 19, None, LORA, visit=True)).urgent


def test_a_visit_that_nobody_watches_is_answered_without_the_plan() -> None:
    all_well = Health(store=True, upstream=True, plan=True)
    _, heard = read(answer(Want(DEVICE, 19, None, BLE, visit=True), all_well))
    assert heard == Answer(STORED, STORE_OK | UPSTREAM_OK | ESTIMATE_UNKNOWN, mark=1)


def test_one_that_is_watched_is_answered_with_the_plan_where_that_works() -> None:
    watched = Want(DEVICE, 19, None, BLE, visit=True, applied=True)
    for plan in (True, False):
        _, heard = read(answer(watched, Health(store=True, upstream=True, plan=plan)))
        assert heard.arg & COVERED == (COVERED if plan else STORE_OK | UPSTREAM_OK)


def test_a_device_on_battery_has_a_window_behind_its_frame_and_a_call_box_listens_always() -> None:
    worn = answer(Want(DEVICE, 20, ID, LORA))
    assert (worn.heard, worn.ms, worn.medium) == (5.0, LORA_WITHIN_MS, "lora")
    assert answer().heard is None
    known = ledger(replace(device(), role="call_box"))
    want = Want(DEVICE, 19, None, LORA)
    sent = downlink.answer(receipt(known, want), want, known, Health(), now=60.0)
    assert (sent.heard, sent.ms) == (None, LORA_WITHIN_MS)


def test_the_answer_to_a_wide_window_is_sent_though_another_gateway_answers() -> None:
    always = [counter for counter in range(24) if answer(Want(DEVICE, counter, None, LORA)).always]
    assert always == [6, 14, 22]
    assert not answer(Want(DEVICE, 22, ID, LORA)).always


def test_answered_frames_are_forgotten() -> None:
    repeats = Repeats()
    committed = receipt(ledger(), WANT)
    for number in range(1000):
        repeats.note(number.to_bytes(15, "big"), committed, WANT, "ble", float(number))
    assert len(repeats._answered) <= 12


def test_however_many_were_answered_at_once_the_oldest_are_forgotten() -> None:
    repeats = Repeats()
    committed = receipt(ledger(), WANT)
    for number in range(REPEATS_MAX + 10):
        repeats.note(number.to_bytes(15, "big"), committed, WANT, "ble", 100.0)
    assert len(repeats._answered) == REPEATS_MAX
    newest = (REPEATS_MAX + 9).to_bytes(15, "big")
    assert repeats.due(bytes(15), "lora", 101.0) is None
    assert repeats.due(newest, "lora", 101.0) is not None

"""What each event writes, tells and answers."""

import pytest

from gateway import decisions
from gateway.drafts import Want
from gateway.events import (
    Acknowledge,
    Close,
    Delivered,
    Fault,
    Freshness,
    Restore,
    Uplink,
    Verdict,
)
from gateway.frames.device_state import DeviceState
from gateway.frames.hearing import Back
from gateway.frames.told import Told
from gateway.ledger import Batch, Committed, Ledger
from gateway.tests.builders import (
    DEVICE,
    KEY,
    LABEL,
    TIME,
    certified,
    clock,
    device,
    ledger,
    take,
    uplink,
)
from gateway.watching.presence import Standing
from protocol import kinds
from protocol.causes import WATCHDOG
from protocol.identity import incident_id
from protocol.keys import Keys
from protocol.kinds import (
    CANCEL,
    FAULT,
    PANIC,
    RESTORE,
    VISIT_END,
    condition_word,
    heartbeat_word,
    incident_word,
)

ALERT = incident_word(PANIC, 0, 0, 0, 7)
ID = incident_id(Keys(KEY), 16).hex()
BACK = Back("head", "ble", 1_000.0, rssi=-60)


def adopted(known: Ledger, batch: Batch) -> Ledger:
    known.adopt(Committed(batch, 0.0))
    return known


def alerted(at: float = 1_000.0) -> Ledger:
    known = ledger()
    batch = known.batch()
    take(batch, uplink(ALERT, 16, at=at))
    return adopted(known, batch)


def test_an_alert_is_state_incident_journal_notice_and_a_want_in_one_batch() -> None:
    batch = ledger().batch()
    take(batch, uplink(ALERT, 17))
    assert batch.states[DEVICE].window.highest == 17
    assert batch.incidents[ID].first_counter == 16
    assert [entry.name for entry in batch.journal] == ["raised"]
    (notice,) = batch.notices
    assert (notice.id, notice.type, notice.urgent) == (f"{ID}.1", "tocsin.alert.raised", True)
    assert notice.data["label"] == LABEL
    assert batch.wants == {DEVICE: Want(DEVICE, 17, ID, BACK)}


def test_deciding_changes_nothing_that_is_known() -> None:
    known = alerted()
    batch = known.batch()
    before = known.states[DEVICE].window.to_bytes(), dict(known.incidents)
    take(batch, uplink(incident_word(CANCEL, 0, 0, 0, 7), 18))
    decisions.take_acknowledge(batch, Acknowledge(ID, "Jo", 1, 1_001.0))
    assert (known.states[DEVICE].window.to_bytes(), dict(known.incidents)) == before


def test_a_test_has_a_type_of_its_own_and_is_not_urgent() -> None:
    batch = ledger().batch()
    take(batch, uplink(incident_word(kinds.TEST, 0, 0, 0, 7), 16))
    assert batch.notices[0].type == "tocsin.test.raised"
    assert not batch.notices[0].urgent


def test_a_second_incident_is_linked_to_the_open_one() -> None:
    known = alerted()
    batch = known.batch()
    take(batch, uplink(ALERT, 1040))
    (incident,) = batch.incidents.values()
    assert incident.linked == ID


def test_the_answer_is_to_a_counter_of_the_incident_never_to_a_heartbeat() -> None:
    known = alerted()
    batch = known.batch()
    take(batch, uplink(heartbeat_word(1, 0, 0, 7), 17))
    decisions.take_acknowledge(batch, Acknowledge(ID, "Jo", None, 1_001.0))
    (want,) = batch.wants.values()
    assert (want.counter, want.incident, want.pushed) == (16, ID, True)
    assert (want.back.radio, want.back.medium) == ("head", "ble")


def test_a_heartbeat_counts_as_heard_and_is_answered_where_it_listens() -> None:
    batch = certified(7).batch()
    take(batch, uplink(heartbeat_word(0, 0, 75, 7), 8, at=1_005.0))
    assert batch.states[DEVICE].heard_at == 1_005.0
    assert batch.states[DEVICE].told.battery_mv == 3_100
    assert batch.wants == {}
    take(batch, uplink(heartbeat_word(1, 0, 75, 7), 9))
    assert batch.wants[DEVICE].incident is None


def late(word: int, counter: int) -> list[Uplink]:
    """Return the frame out of order, held back for ten minutes, and of unknown time."""
    return [
        uplink(word, counter, in_order=False),
        uplink(word, counter, at=1_600.0),
        uplink(word | 0x7FF, counter),
    ]


@pytest.mark.parametrize("heartbeat", late(heartbeat_word(1, 0, 75, TIME), 8))
def test_an_old_heartbeat_is_no_sign_of_life(heartbeat: Uplink) -> None:
    batch = certified(7).batch()
    take(batch, heartbeat)
    assert batch.states[DEVICE].heard_at is None
    assert batch.states[DEVICE].told.battery_mv is None
    assert DEVICE in batch.wants, "it is answered all the same"
    assert (batch.states[DEVICE].contact_at is None) == (not heartbeat.in_order)


def test_what_a_heartbeat_tells_of_the_device_is_kept_page_by_page() -> None:
    known = certified(31)
    batch = known.batch()
    status = kinds.status_page(WATCHDOG, 1, 0, 1, 0)
    pages = {32: 75, 33: 127, 34: 9, 36: status, 38: kinds.uptime_page(5 * 86_400), 46: 17}
    for counter, data in pages.items():
        take(batch, uplink(heartbeat_word(0, 0, data, TIME), counter))
    told = batch.states[DEVICE].told
    assert told == Told(battery_mv=3_100, build=9, status=status, uptime_h=120, exception=17)
    assert told.shown()["reset"] == "watchdog"
    assert told.shown()["wrong"] == ["low", "fault"]
    assert Told().shown()["reset"] is None


@pytest.mark.parametrize(
    ("code", "name"), [(1, "battery_low"), (8, "storage_failed"), (31, "condition_31")]
)
def test_a_condition_is_told_by_its_name(code: int, name: str) -> None:
    batch = ledger().batch()
    take(batch, uplink(condition_word(FAULT, code, 5, 7), 3))
    (entry,) = batch.journal
    assert (entry.detail["code"], entry.detail["value"]) == (name, 5)
    assert batch.notices[0].data["code"] == name


def test_a_query_is_answered() -> None:
    batch = ledger().batch()
    take(batch, uplink(kinds.query_word(7), 3))
    assert batch.wants[DEVICE] == Want(DEVICE, 3, None, BACK)


@pytest.mark.parametrize("restore", late(condition_word(RESTORE, 3, 0, TIME), 4))
def test_a_fault_of_the_device_is_told_and_only_by_a_fresh_frame_ended(restore: Uplink) -> None:
    batch = certified(2).batch()
    take(batch, uplink(condition_word(FAULT, 3, 1, 7), 3))
    assert [notice.type for notice in batch.notices] == ["tocsin.device.fault"]
    take(batch, restore)
    assert [entry.name for entry in batch.journal] == ["fault", "restore_unverified"]
    known = certified(3)
    known.standing[DEVICE, "contact_stuck"] = Standing(1, 990.0)
    batch = known.batch()
    take(batch, uplink(condition_word(RESTORE, 3, 0, 7), 4))
    assert [entry.name for entry in batch.journal] == ["restore"]


def test_the_end_of_a_visit_that_began_before_counter_0_is_a_fault() -> None:
    batch = certified(15).batch()
    take(batch, uplink(incident_word(VISIT_END, 0, 0, 5, 7), 16))
    (entry,) = batch.journal
    assert (entry.name, entry.detail["code"]) == ("fault", "impossible_block")
    assert batch.wants == {}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        (kinds.report_word(9, 1, 1, 7), "reported"),
        (0, "fault"),
        (15 << 20, "fault"),
    ],
)
def test_what_is_not_acted_on_is_told_and_not_answered(word: int, name: str) -> None:
    batch = certified(15).batch()
    take(batch, uplink(word, 16))
    assert [entry.name for entry in batch.journal] == [name]
    assert batch.wants == {}
    for frame in late(word, 16) if name != "fault" else ():
        batch = certified(15).batch()
        take(batch, frame)
        assert [entry.name for entry in batch.journal] == [f"{name}_unverified"]


def test_a_reused_counter_is_a_fault_and_an_alert_is_raised_all_the_same() -> None:
    batch = ledger().batch()
    take(batch, uplink(ALERT, 16, verdict=Verdict.REUSED, in_order=False))
    assert [entry.name for entry in batch.journal] == ["fault", "raised"]
    assert batch.journal[0].detail["code"] == "counter_reuse"
    batch = ledger().batch()
    reused = uplink(incident_word(CANCEL, 0, 0, 0, 7), 16, verdict=Verdict.REUSED, in_order=False)
    take(batch, reused)
    assert [entry.name for entry in batch.journal] == ["fault"]
    assert not batch.incidents


def test_a_reused_counter_is_unverified_and_teaches_nothing_of_the_clock() -> None:
    known = certified(15)
    batch = known.batch()
    take(batch, uplink(ALERT, 16, verdict=Verdict.REUSED))
    (incident,) = batch.incidents.values()
    assert incident.freshness is Freshness.UNVERIFIED
    assert batch.states[DEVICE].clock == clock(15)


@pytest.mark.parametrize(
    ("counter", "data", "accepted", "shared"),
    [(17, 1, (), True), (17, 2, (), False), (17, 1, (16,), False), (18, 1, (), False)],
)
def test_a_mark_that_another_gateway_has_is_a_fault_told_once(
    counter: int, data: int, accepted: tuple[int, ...], *, shared: bool
) -> None:
    known = ledger()
    for one in accepted:
        known.states[DEVICE].accept(one, bytes(15))
    batch = known.batch()
    take(batch, uplink(heartbeat_word(1, 1, data, 7), counter))
    assert batch.failing("gateway", "mark_shared") == shared
    assert [notice.type for notice in batch.notices] == ["tocsin.gateway.fault"] * shared
    adopted(known, batch)
    batch = known.batch()
    take(batch, uplink(heartbeat_word(1, 1, data, 7), counter + 4))
    assert [notice.type for notice in batch.notices] == (
        [] if shared or data != 1 or counter == 18 else ["tocsin.gateway.fault"]
    )


def test_an_impossible_block_is_a_fault_and_no_incident() -> None:
    batch = ledger().batch()
    take(batch, uplink(incident_word(PANIC, 0, 0, 5, 7), 16))
    assert batch.journal[0].detail["code"] == "impossible_block"
    assert not batch.incidents
    assert not batch.wants


def test_a_rising_stage_is_pushed_while_the_device_may_listen() -> None:
    known = alerted(at=1_000.0)
    for event, pushed in (
        (Acknowledge(ID, "Jo", None, 1_300.0), True),
        (Acknowledge(ID, "Jo", None, 1_301.0), False),
    ):
        batch = known.batch()
        assert decisions.take_acknowledge(batch, event) == "done"
        assert (DEVICE in batch.wants) == pushed
    batch = known.batch()
    decisions.take_delivered(batch, Delivered(1, "broker", ID, 1, 1_001.0))
    assert batch.wants[DEVICE].counter == 16


def test_commands_that_cannot_be_obeyed_say_why() -> None:
    known = alerted()
    batch = known.batch()
    assert decisions.take_close(batch, Close("00" * 16, "Jo", 1.0)) == "unknown_incident"
    assert batch.empty
    assert decisions.take_close(batch, Close(ID, "Jo", 1.0)) == "done"
    assert decisions.take_acknowledge(batch, Acknowledge(ID, "Jo", 1, 2.0)) == "already_closed"


def test_a_fault_of_the_gateway_is_told_once_and_ended_once() -> None:
    known = ledger()
    for event, told in (
        (Restore("radio.head", "link_down", 1.0), []),
        (Fault("radio.head", "link_down", 2.0, "unplugged"), ["tocsin.gateway.fault"]),
        (Fault("radio.head", "link_down", 3.0, "absent"), []),
        (Restore("radio.head", "link_down", 4.0), ["tocsin.gateway.restore"]),
    ):
        batch = known.batch()
        decisions.take_condition(batch, event)
        assert [notice.type for notice in batch.notices] == told
        adopted(known, batch)
    assert known.faults == {}


def test_a_new_key_begins_with_nothing_accepted_and_a_new_label_keeps_all() -> None:
    known = alerted()
    batch = known.batch()
    decisions.take_device(batch, device())
    assert batch.empty
    renamed = device()
    renamed = type(renamed)(1, DEVICE, "button", "Dr Noor", "x", 300, 0, 0.0, renamed.keys)
    decisions.take_device(batch, renamed)
    assert batch.states == {}
    rekeyed = type(renamed)(1, DEVICE, "button", "Dr Noor", "x", 300, 50, 9.0, renamed.keys)
    decisions.take_device(batch, rekeyed)
    assert batch.states[DEVICE].window.highest == DeviceState(50).window.highest


def test_a_closed_incident_out_of_reach_is_forgotten_in_memory() -> None:
    known = alerted()
    batch = known.batch()
    decisions.take_close(batch, Close(ID, "Jo", 1_001.0))
    adopted(known, batch)
    assert ID in known.incidents
    batch = known.batch()
    take(batch, uplink(heartbeat_word(0, 0, 0, 7), 3000))
    adopted(known, batch).forget()
    assert ID not in known.incidents


def test_incidents_in_memory_stay_few() -> None:
    known = ledger()
    for press in range(1, 2000):
        batch = known.batch()
        take(batch, uplink(ALERT, press * 16))
        (incident,) = batch.incidents
        decisions.take_close(batch, Close(incident, "Jo", 1_001.0))
        adopted(known, batch)
    assert len(known.incidents) <= 2 * 128 + 256 + 1

"""Each fault of a device is told once when it begins and once when it ends, over restarts too."""

import pytest

from gateway import decisions
from gateway.events import Verdict
from gateway.ledger import Batch, Committed, Ledger
from gateway.tests.builders import DEVICE, TIME, clock, device, ledger, uplink
from gateway.watching import device_faults
from gateway.watching.device_faults import Finding
from gateway.watching.presence import Day, Standing, Watched
from protocol import kinds
from protocol.kinds import FAULT, RESTORE, condition_word, heartbeat_word, status_page


class Story:
    """One device whose frames are all fresh, each committed at once."""

    def __init__(self) -> None:
        self.known: Ledger = ledger()
        self.counter = 100
        self.told: list[tuple[str, object, object]] = []

    def hear(self, word: int, step: int = 1, verdict: Verdict = Verdict.FRESH) -> None:
        self.counter += step
        self.known.states[DEVICE].clock = clock(self.counter - 1)
        batch = self.known.batch(1_000.0, 1_000.0)
        decisions.take_uplink(batch, uplink(word, self.counter, verdict=verdict))
        self._end(batch)

    def page(self, data: int) -> None:
        self.counter += (kinds.PAGE_STATUS - 1 - self.counter) % kinds.PAGES
        self.hear(heartbeat_word(0, 0, data, TIME))

    def _end(self, batch: Batch) -> None:
        self.known.adopt(Committed(batch, 0.0))
        for notice in batch.notices:
            name = notice.type.removeprefix("tocsin.device.")
            self.told.append((name, notice.data["code"], notice.data.get("value")))


def condition(kind: int, code: int, value: int = 0) -> int:
    return condition_word(kind, code, value, TIME)


def test_a_fault_that_is_repeated_until_it_is_answered_is_told_once() -> None:
    story = Story()
    for _ in range(5):
        story.hear(condition(FAULT, kinds.CABINET_OPEN))
    assert story.told == [("fault", "cabinet_open", 0)]
    assert story.known.standing == {(DEVICE, "cabinet_open"): Standing(0, 1_000.0)}
    for _ in range(3):
        story.hear(condition(RESTORE, kinds.CABINET_OPEN))
    assert story.told[1:] == [("restore", "cabinet_open", 0)]
    assert story.known.standing == {}


def test_another_value_is_told_and_stands_since_the_first() -> None:
    story = Story()
    for tenths in (3, 3, 2, 2, 1):
        story.hear(condition(FAULT, kinds.BATTERY_LOW, tenths))
    assert [value for _, _, value in story.told] == [3, 2, 1]
    assert list(story.known.standing) == [(DEVICE, "battery_low")]


def test_the_status_page_tells_what_a_lost_fault_did_not() -> None:
    story = Story()
    story.page(status_page(0, 1, 1, 0, 0))
    story.page(status_page(0, 1, 1, 0, 0))
    assert story.told == [("fault", "battery_low", 15), ("fault", "mains_lost", 0)]
    story.page(status_page(0, 0, 0, 0, 0))
    assert story.told[2:] == [("restore", "battery_low", 0), ("restore", "mains_lost", 0)]


def test_the_status_page_keeps_the_tenths_that_a_fault_told() -> None:
    story = Story()
    story.hear(condition(FAULT, kinds.BATTERY_LOW, 2))
    story.page(status_page(0, 1, 0, 0, 0))
    assert story.told == [("fault", "battery_low", 2)]


@pytest.mark.parametrize("fault", [0, 1])
def test_the_status_page_ends_faults_only_where_none_holds(fault: int) -> None:
    story = Story()
    story.hear(condition(FAULT, kinds.CONTACT_STUCK, 1))
    story.page(status_page(0, 0, 0, fault, 0))
    assert len(story.told) == 2 - fault


def test_a_counter_that_was_used_twice_is_told_once_until_the_device_is_enrolled_anew() -> None:
    story = Story()
    for _ in range(3):
        story.hear(kinds.query_word(TIME), verdict=Verdict.REUSED)
    assert [code for _, code, _ in story.told] == ["counter_reuse"]
    batch = story.known.batch()
    rekeyed = device(key=b"another key of 16"[:16])
    decisions.take_device(
        batch, type(rekeyed)(1, DEVICE, "button", "", "", 300, 0, 9.0, rekeyed.keys)
    )
    story.known.adopt(Committed(batch, 0.0))
    assert story.known.standing == {}


def test_what_the_gateway_finds_is_told_with_its_detail() -> None:
    known = ledger()
    batch = known.batch()
    found = Finding(DEVICE, "weak_link", 5.0, 0, (("dbm", -97),))
    for wrong in (True, True, False, False):
        device_faults.turn(batch, found, wrong=wrong)
    assert [entry.name for entry in batch.journal] == ["fault", "restore"]
    assert batch.notices[0].data["dbm"] == -97
    assert batch.notices[0].at == 5.0


def test_an_unenrolled_device_leaves_nothing_behind() -> None:
    known = ledger()
    known.watched[DEVICE] = Watched()
    known.standing[DEVICE, "mains_lost"] = Standing(0, 1.0)
    known.voltages[DEVICE] = (Day(1, 2_900),)
    batch = known.batch()
    batch.unenrolled.add(DEVICE)
    known.adopt(Committed(batch, 0.0))
    assert (known.watched, known.standing, known.voltages) == ({}, {}, {})

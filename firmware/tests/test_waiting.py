from firmware.core import indication
from firmware.core.ticks import add
from firmware.core.waiting import Waiting
from protocol.kinds import ACKNOWLEDGED, DELIVERED, NONE, STORED

START_MS = (1 << 30) - 5_000  # ticks wrap soon


def told(waiting: Waiting, felt: int, begin_s: int, end_s: int) -> list[tuple[int, int]]:
    """Return what is told at which second, looked at every second."""
    found = []
    for second in range(begin_s, end_s):
        what = waiting.poll(felt, add(START_MS, 1_000 * second))
        if what != indication.NOTHING:
            found.append((second, what))
    return found


def test_nobody_hears_it_is_told_every_ten_seconds() -> None:
    waiting = Waiting()
    waiting.begin(NONE, START_MS)
    said = told(waiting, NONE, 0, 41)
    assert said == [(second, indication.NOT_RECEIVED) for second in (10, 20, 30, 40)]


def test_stored_and_nobody_told_is_said_after_30_s_and_then_every_minute() -> None:
    waiting = Waiting()
    waiting.begin(NONE, START_MS)
    assert waiting.reached(STORED, NONE, add(START_MS, 1_000)) == indication.RECEIVED
    said = told(waiting, STORED, 2, 160)
    assert said == [(second, indication.STORED_ONLY) for second in (31, 91, 151)]


def test_delivered_is_felt_where_it_ends_a_worry() -> None:
    for seconds, felt in ((5, indication.NOTHING), (40, indication.RECEIVED)):
        waiting = Waiting()
        waiting.begin(NONE, START_MS)
        waiting.reached(STORED, NONE, START_MS)
        told(waiting, STORED, 1, seconds)
        assert waiting.reached(DELIVERED, STORED, add(START_MS, 1_000 * seconds)) == felt
        assert told(waiting, DELIVERED, seconds, 600) == []


def test_a_person_is_always_felt() -> None:
    waiting = Waiting()
    waiting.begin(NONE, START_MS)
    assert waiting.reached(ACKNOWLEDGED, NONE, START_MS) == indication.HELP


def test_delivered_at_once_is_received() -> None:
    waiting = Waiting()
    waiting.begin(NONE, START_MS)
    assert waiting.reached(DELIVERED, NONE, START_MS) == indication.RECEIVED


def test_it_is_not_made_up_for_what_nobody_looked_at() -> None:
    waiting = Waiting()
    waiting.begin(NONE, START_MS)
    assert told(waiting, NONE, 300, 309) == [(300, indication.NOT_RECEIVED)]

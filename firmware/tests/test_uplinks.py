from firmware.core.ticks import add
from firmware.core.uplinks import ACCEPTS_MS, FOR_EMERGENCY, FOR_HEARTBEAT, NOTHING, Uplinks

START_MS = (1 << 30) - 1_000


def test_an_answer_is_accepted_for_the_last_four_counters() -> None:
    uplinks = Uplinks()
    for counter in range(10, 15):
        uplinks.sent(counter, FOR_HEARTBEAT, START_MS)
    uplinks.sent(32, FOR_EMERGENCY, START_MS)
    assert [uplinks.about(counter) for counter in (10, 11, 12, 14, 32, 33)] == [
        NOTHING,
        NOTHING,
        FOR_HEARTBEAT,
        FOR_HEARTBEAT,
        FOR_EMERGENCY,
        NOTHING,
    ]


def test_an_answer_is_accepted_for_five_minutes() -> None:
    uplinks = Uplinks()
    uplinks.sent(7, FOR_HEARTBEAT, START_MS)
    uplinks.forget(add(START_MS, ACCEPTS_MS))
    assert uplinks.about(7) == FOR_HEARTBEAT
    uplinks.forget(add(START_MS, ACCEPTS_MS + 1))
    assert uplinks.about(7) == NOTHING


def test_heard_is_an_answer_to_the_newest_within_eight_seconds() -> None:
    uplinks = Uplinks()
    uplinks.sent(7, FOR_HEARTBEAT, START_MS)
    uplinks.answered(7, 0b1, add(START_MS, 8_000))
    uplinks.answered(7, 0b100, add(START_MS, 100))
    assert uplinks.last_heard
    assert uplinks.marks == 0b101
    uplinks.sent(8, FOR_HEARTBEAT, add(START_MS, 9_000))
    assert not uplinks.last_heard
    uplinks.answered(7, 0b1, add(START_MS, 9_001))
    uplinks.answered(8, 0b1, add(START_MS, 17_001))
    assert not uplinks.last_heard
    assert uplinks.marks == 0

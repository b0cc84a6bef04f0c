"""The ledger against every frame remembered one by one."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.duty import ALERTS_ONLY_US, LOST_US, RECORD_LEN, Ledger

HOUR_S = 3_600
FRAMES = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 1_500_000)), max_size=120)


def empty(now_s: int = 0) -> Ledger:
    return Ledger(bytes(RECORD_LEN), now_s)


@given(st.integers(0, 100_000), FRAMES)
def test_an_hour_is_never_counted_short(start: int, frames: list[tuple[int, int]]) -> None:
    now, sent, ledger = start, [], empty(start)
    for wait_s, us in frames:
        now += wait_s
        sent.append((now, us))
        ledger.note(us, now)
        used = ledger.used_us(now)
        # 5 % more than an hour of its clock is an hour, where that runs fast.
        assert used >= sum(each for at, each in sent if now - at < HOUR_S * 105 // 100)
        assert used <= sum(each for at, each in sent if now - at < 64 * 60)
    assert ledger.used_us(now + 64 * 60) == 0


def test_an_alert_is_never_refused_and_the_rest_leaves_it_three_quarters() -> None:
    ledger = empty()
    ledger.note(ALERTS_ONLY_US // 2, 0)
    ledger.note(ALERTS_ONLY_US // 2 - 1_000, 60)
    assert ledger.may_send(1_000, False, 60)
    assert not ledger.may_send(1_001, False, 60)
    assert ledger.may_send(1_001, True, 60)
    ledger.note(1_155_100, 61)
    assert not ledger.may_send(1, False, 61)
    assert ledger.may_send(1_155_100, True, 61)
    assert ledger.may_send(1_155_100, False, 61 + 64 * 60)


@given(st.integers(0, 100_000), FRAMES, st.integers(0, 5_000))
def test_a_reset_forgets_nothing(start: int, frames: list[tuple[int, int]], off_s: int) -> None:
    now, ledger = start, empty(start)
    for wait_s, us in frames:
        now += wait_s
        ledger.note(us, now)
    record = ledger.record(now)
    assert len(record) == RECORD_LEN
    again = Ledger(record, now + off_s)
    before = ledger.used_us(now + off_s)
    assert before <= again.used_us(now + off_s) <= before + 64 * 1_000


def test_a_lost_record_counts_as_60_s_used() -> None:
    for record in (b"", bytes(RECORD_LEN - 1), bytes(RECORD_LEN + 1)):
        ledger = Ledger(record, 7)
        assert ledger.used_us(7) == LOST_US
        assert ledger.may_send(ALERTS_ONLY_US - LOST_US, False, 7)
        assert ledger.used_us(7 + HOUR_S) == LOST_US
        assert ledger.used_us(7 + 64 * 60) == 0


def test_what_is_sent_right_after_a_lost_record_counts_as_well() -> None:
    ledger = Ledger(b"", 7)
    ledger.note(20_000_000, 7)
    assert ledger.used_us(7) == LOST_US + 20_000_000


def test_a_clock_that_began_anew_frees_nothing_early() -> None:
    ledger = empty(500_000)
    ledger.note(40_000_000, 500_000)
    again = Ledger(ledger.record(500_000), 3)
    assert again.used_us(3) == 40_000_000
    assert again.used_us(3 + HOUR_S) == 40_000_000
    assert again.used_us(3 + 64 * 60) == 0


def test_a_clock_set_back_meanwhile_forgets_nothing() -> None:
    ledger = empty(10_000)
    ledger.note(1_000, 10_000)
    assert ledger.used_us(0) == 1_000
    ledger.note(1_000, 0)
    assert ledger.used_us(0) == 2_000


def test_no_minute_counts_more_than_a_minute() -> None:
    ledger = empty()
    for _ in range(200):
        ledger.note(1_000_000, 30)
    assert ledger.used_us(30) == 60_000_000
    full = Ledger(b"\0\0\0\0" + b"\xff" * (RECORD_LEN - 4), 0)
    assert full.used_us(0) == 64 * 60_000_000

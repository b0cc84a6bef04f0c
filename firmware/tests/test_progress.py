from firmware.core.progress import LOOP, Progress
from firmware.core.ticks import add

OTHER = 1
WRAP = (1 << 30) - 5_000


def test_a_loop_that_does_its_duties_makes_progress() -> None:
    progress = Progress(2, 10_000)
    for now_ms in range(0, 100_000, 500):
        progress.report(LOOP, now_ms % 1_000 == 0, now_ms)
        assert progress.made(now_ms)


def test_a_duty_overdue_for_longer_than_the_patience_ends_it() -> None:
    progress = Progress(2, 10_000)
    for now_ms in range(0, 10_001, 500):
        progress.report(OTHER, True, now_ms)
        assert progress.made(now_ms)
    progress.report(OTHER, True, 10_500)
    assert not progress.made(10_500)


def test_other_duties_done_do_not_help_the_one_that_is_not() -> None:
    progress = Progress(2, 10_000)
    progress.report(OTHER, True, 0)
    for now_ms in range(0, 20_000, 500):
        progress.report(LOOP, False, now_ms)
    assert not progress.made(20_000)


def test_a_duty_done_late_makes_progress_again() -> None:
    progress = Progress(1, 10_000)
    progress.report(LOOP, True, 0)
    assert not progress.made(10_001)
    progress.report(LOOP, False, 10_002)
    assert progress.made(10_002)
    progress.report(LOOP, True, 10_003)
    assert progress.made(20_003)


def test_the_wrap_of_the_ticks_changes_nothing() -> None:
    progress = Progress(1, 10_000)
    progress.report(LOOP, True, WRAP)
    assert progress.made(add(WRAP, 10_000))
    assert not progress.made(add(WRAP, 10_001))

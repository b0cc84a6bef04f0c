from firmware.core.pace import Pace
from firmware.core.ticks import add

ON_AIR_MS = 165
START_MS = (1 << 30) - 100


def after(pace: Pace) -> int:
    return pace.wait_ms(START_MS)


def test_a_new_alert_waits_for_nothing() -> None:
    pace = Pace(ON_AIR_MS)
    assert pace.ready(START_MS)
    pace.sent(False, 0, START_MS)
    assert not pace.ready(START_MS)
    pace.at_once()
    assert pace.ready(START_MS)


def test_alone_it_speaks_again_after_16_to_24_times_on_air() -> None:
    for random_1024, times in ((0, 16), (512, 20), (1023, 24)):
        pace = Pace(ON_AIR_MS)
        pace.sent(False, random_1024, START_MS)
        assert abs(after(pace) - times * ON_AIR_MS) <= 3
        assert not pace.ready(add(START_MS, after(pace) - 1))
        assert pace.ready(add(START_MS, after(pace)))


def test_in_a_crowd_it_leaves_more_room_up_to_80_times() -> None:
    for others, times in ((0, 24), (1, 26), (10, 44), (28, 80), (200, 80)):
        pace = Pace(ON_AIR_MS)
        for _ in range(others):
            pace.overheard()
        pace.sent(False, 1023, START_MS)
        assert abs(after(pace) - times * ON_AIR_MS) <= ON_AIR_MS // 10
        pace.sent(False, 1023, START_MS)
        assert abs(after(pace) - 24 * ON_AIR_MS) <= 3, "what was heard before counts no more"


def test_the_wait_counts_from_when_the_frame_has_left_the_air() -> None:
    pace = Pace(ON_AIR_MS)
    pace.sent(False, 0, START_MS)
    pace.on_air(add(START_MS, 2_000))
    assert after(pace) == 2_000 + 16 * ON_AIR_MS
    pace.at_once()
    pace.on_air(add(START_MS, 2_500))
    assert after(pace) == 0, "a new incident does not wait for the end of the old"


def test_stored_frames_follow_after_200_to_400_times_and_at_most_240_s() -> None:
    pace = Pace(ON_AIR_MS)
    pace.sent(False, 0, START_MS)
    pace.answered(True, 0)
    assert after(pace) == 200 * ON_AIR_MS
    slow = Pace(1_156)
    slow.sent(True, 1023, START_MS)
    assert after(slow) == 240_000


def test_a_second_press_comes_soon_but_not_at_once() -> None:
    pace = Pace(ON_AIR_MS)
    pace.sent(True, 512, START_MS)
    pace.again()
    assert after(pace) == 16 * ON_AIR_MS
    pace.again()
    assert after(pace) == 16 * ON_AIR_MS


def test_however_often_it_is_pressed_it_stays_below_a_tenth() -> None:
    """SPEC 9: 14 times the time on air between frames, from the first one on here."""
    pace = Pace(ON_AIR_MS)
    now_ms, sent = START_MS, 0
    for _ in range(3_600):  # a hand that presses every second
        pace.again()
        if pace.ready(now_ms):
            pace.sent(False, 0, now_ms)
            sent += 1
        now_ms = add(now_ms, 1_000)
    assert sent * ON_AIR_MS <= 360_000
    assert sent > 1_000, "and yet it is sent"


def test_readiness_outlasts_the_wrap_of_ticks() -> None:
    pace = Pace(ON_AIR_MS)
    pace.sent(False, 0, START_MS)
    assert pace.ready(add(START_MS, 60_000))
    assert pace.ready(add(START_MS, 7 * 86_400_000))

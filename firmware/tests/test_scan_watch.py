from firmware.core.scan_watch import NOTHING, RESCAN, RESET, RESTART, ScanWatch

MINUTE_MS = 60_000


class Air:
    """A scan watched once a second; `rate` foreign adverts a second are heard, and `ours`."""

    def __init__(self, start_ms: int = 0) -> None:
        self.now_ms = start_ms
        self.watch = ScanWatch(start_ms)
        self.heard = self.foreign = 0

    def pass_s(self, seconds: int, rate: int = 0, ours: int = 0) -> list[tuple[int, int]]:
        """Let time pass; return (second, step) for each thing that was to be done."""
        steps = []
        for second in range(seconds):
            self.now_ms = self.now_ms + 1_000 & (1 << 30) - 1
            self.foreign = self.foreign + rate & (1 << 29) - 1
            self.heard = self.heard + rate + ours & (1 << 29) - 1
            step = self.watch.poll(self.heard, self.foreign, self.now_ms)
            if step != NOTHING:
                steps.append((second + 1, step))
        return steps


def test_an_air_with_adverts_wants_nothing() -> None:
    assert Air().pass_s(7_200, rate=2) == []


def test_silence_after_a_lively_air_is_mended_step_by_step() -> None:
    air = Air()
    air.pass_s(400, rate=2)
    assert air.pass_s(100) == [(30, RESCAN), (60, RESTART)]
    assert (air.watch.rescans, air.watch.restarts) == (1, 1)
    assert air.pass_s(300) == [(80, RESET)]
    assert (air.watch.rescans, air.watch.restarts) == (1, 1)


def test_mended_it_begins_from_the_mildest_again() -> None:
    air = Air()
    air.pass_s(400, rate=2)
    assert air.pass_s(45) == [(30, RESCAN)]
    assert air.pass_s(20, rate=1) == []
    assert air.pass_s(45) == [(30, RESCAN)]


def test_where_nothing_is_heard_from_the_start_it_never_resets() -> None:
    steps = Air().pass_s(86_400)
    assert {step for _, step in steps} == {RESCAN, RESTART}
    restarts = [second for second, step in steps if step == RESTART]
    assert len(restarts) == 96
    assert len(steps) == 1_440


def test_frames_of_ours_do_not_make_an_air_lively() -> None:
    air = Air()
    assert air.pass_s(600, ours=10) == []
    assert RESET not in {step for _, step in air.pass_s(7_200)}


def test_a_passer_by_does_not_make_an_air_lively() -> None:
    air = Air()
    air.pass_s(120, rate=5)
    assert RESET not in {step for _, step in air.pass_s(7_200)}


def heard_each_minute(*adverts: int) -> Air:
    """Return an air with so many adverts in each minute, and the second that ends the last."""
    air = Air()
    for number in adverts:
        for second in range(60):
            air.pass_s(1, rate=number // 60 + (second < number % 60))
    return air


def resets(air: Air) -> bool:
    return RESET in {step for _, step in air.pass_s(200)}


def test_lively_is_20_adverts_a_minute_five_minutes_in_a_row() -> None:
    assert resets(heard_each_minute(20, 20, 20, 20, 20))
    assert not resets(heard_each_minute(20, 20, 19, 20, 20))
    assert not resets(heard_each_minute(20, 20, 20, 20, 19, 20, 20, 20, 20))
    assert not resets(heard_each_minute(20, 20, 20, 20))


def test_what_is_lively_stays_so() -> None:
    assert resets(heard_each_minute(20, 20, 20, 20, 20, 1, 1, 1))


def test_counts_and_ticks_may_wrap() -> None:
    air = Air(start_ms=(1 << 30) - 5 * MINUTE_MS)
    air.heard = air.foreign = (1 << 29) - 200
    assert air.pass_s(600, rate=2) == []
    assert air.pass_s(31) == [(30, RESCAN)]

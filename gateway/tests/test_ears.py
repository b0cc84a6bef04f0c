"""Deaf, silent and jammed, from the reports of a radio head every 5 s."""

import pytest

from gateway.events import Overheard
from gateway.watching.ears import REPORT_EVERY_S, Ear


class Story:
    """One ear; a report every 5 s says what was heard."""

    def __init__(self, medium: str = "ble") -> None:
        self.medium = medium
        self.now = 0.0
        self.ear = Ear(0.0)

    def run(
        self,
        seconds: float,
        *,
        foreign: int = 0,
        ours: int = 0,
        noise_dbm: int | None = None,
        busy: int = 0,
    ) -> float | None:
        """Return after how many seconds it was deaf or jammed, None where it was not."""
        begin, found = self.now, None
        while self.now < begin + seconds:
            self.now += REPORT_EVERY_S
            self.ear.take(Overheard(self.medium, noise_dbm, busy, foreign, ours), self.now)
            wrong = self.ear.deaf().wrong or self.ear.jammed(self.now).wrong
            if wrong and found is None:
                found = self.now - begin
        return found


def test_a_lively_air_that_falls_silent_is_deafness_after_60_seconds() -> None:
    story = Story()
    assert story.run(900, foreign=10) is None
    assert story.run(120) == 60.0
    assert not story.ear.silent(story.now)
    story.run(5, foreign=1)
    assert not story.ear.deaf().wrong


def test_it_may_happen_again_and_silence_has_not_become_normal() -> None:
    story = Story()
    story.run(900, foreign=10)
    for _ in range(3):
        assert story.run(3_600) == 60.0
        assert story.run(120, foreign=10) is None


@pytest.mark.parametrize(("foreign", "minutes"), [(10, 9), (1, 60), (0, 60)])
def test_where_it_was_not_lively_long_enough_silence_says_nothing(
    foreign: int, minutes: int
) -> None:
    story = Story()
    story.run(60 * minutes, foreign=foreign)
    assert story.run(7_200) is None


def test_an_air_that_empties_slowly_is_not_deafness() -> None:
    story = Story()
    story.run(900, foreign=10)
    for foreign in (8, 6, 4, 2, 1, 1):
        story.run(600, foreign=foreign)
    assert story.run(3_600) is None


def test_strangers_who_leave_at_once_are_told_of_once_and_only_until_one_of_ours_is_heard() -> None:
    story = Story()
    story.run(900, foreign=10)
    told = 0
    for _ in range(12):
        told += story.run(300) is not None
        story.run(5, ours=1)
        assert not story.ear.deaf().wrong
    assert told == 1


def test_frames_of_ours_are_heard_too_and_make_no_air_lively() -> None:
    story = Story()
    story.run(900, foreign=10)
    for _ in range(20):
        story.run(50)
        assert story.run(5, ours=1) is None
    assert not story.ear.lively
    quiet = Story()
    quiet.run(3_600, ours=10)
    assert not quiet.ear.lively


def test_reports_that_stop_are_silence_of_the_head() -> None:
    story = Story()
    story.run(60, foreign=1)
    assert not story.ear.silent(story.now + 29.0)
    assert story.ear.silent(story.now + 30.0)


def test_behind_a_line_that_was_down_it_listens_anew_and_remembers_the_air() -> None:
    story = Story()
    story.run(900, foreign=10)
    story.now += 600.0
    story.ear.lost(story.now)
    assert not story.ear.silent(story.now)
    assert story.run(120) == 60.0


@pytest.mark.parametrize(("noise_dbm", "busy"), [(-60, 100), (-60, 0), (-117, 100)])
def test_thirty_bad_seconds_are_jamming(noise_dbm: int, busy: int) -> None:
    story = Story("lora")
    assert story.run(600, noise_dbm=-117, busy=3) is None
    assert story.run(60, noise_dbm=noise_dbm, busy=busy) == 30.0
    assert story.run(50, noise_dbm=-117) == 5.0, "not free yet"
    story.run(10, noise_dbm=-117)
    assert not story.ear.jammed(story.now).wrong


def test_jamming_with_pauses_is_jamming_and_short_bursts_are_not() -> None:
    story = Story("lora")
    found = None
    for _ in range(5):
        found = story.run(10, noise_dbm=-60) or story.run(5, noise_dbm=-117) or found
    assert found is not None
    short = Story("lora")
    for _ in range(20):
        assert short.run(10, noise_dbm=-60) is None
        assert short.run(20, noise_dbm=-117) is None


def test_a_channel_full_of_our_own_calls_is_not_jammed() -> None:
    story = Story("lora")
    assert story.run(600, noise_dbm=-117, busy=100, ours=8) is None

"""A channel and what is heard on it: SPEC 9, without a radio."""

import pytest

from firmware.core import channel
from firmware.core.channel import FOREVER, NOISE_UNKNOWN, Reception, Survey, Window
from firmware.core.ticks import add
from protocol import link_messages
from protocol.airtime import symbol_us, time_on_air_us
from protocol.duty import ALERTS_ONLY_US

TOA_US = time_on_air_us(15, 9)
NEAR_WRAP = (1 << 30) - 700


def test_results_are_those_of_the_serial_link() -> None:
    for name in ("SENT", "REPLACED", "REFUSED", "BUSY", "DUTY_CYCLE"):
        assert getattr(channel, name) == getattr(link_messages, name)


def test_refreshes_are_stretched_from_the_eighth_frame_on() -> None:
    at_sf9, at_sf12 = TOA_US, time_on_air_us(15, 12)
    assert channel.refresh_ms(1_000, 7, at_sf12) == 1_000
    assert channel.refresh_ms(1_000, 8, at_sf12) == 16_172
    assert channel.refresh_ms(60_000, 8, at_sf12) == 60_000
    assert channel.refresh_ms(2_000, 8, at_sf9) == 2_309
    assert channel.refresh_ms(5_000, 100, at_sf9) == 5_000


def test_an_alert_of_an_hour_keeps_to_the_duty_cycle_at_every_spreading_factor() -> None:
    schedule = ((10, 1), (60, 2), (600, 5), (3_600, 10))
    for sf in range(7, 13):
        toa_us = time_on_air_us(15, sf)
        age_ms, frames = 0, 0
        while age_ms < 3_600_000:
            frames += 1
            interval = next(every for until, every in schedule if age_ms < until * 1000)
            age_ms += channel.refresh_ms(interval * 1000, frames, toa_us)
        assert frames * toa_us <= 270_000_000


@pytest.mark.parametrize("sf", range(7, 13))
def test_a_frame_goes_again_once_no_answer_can_begin_any_more(sf: int) -> None:
    """A gateway answers after 40 ms, its commit, and at most 3 times on air; a preamble is a quarter."""
    on_air_ms = time_on_air_us(15, sf) // 1000 + 1
    symbol_ms = symbol_us(sf) / 1000
    soonest, latest = channel.again_ms(on_air_ms, 0), channel.again_ms(on_air_ms, 1023)
    assert soonest > 40 + 3 * on_air_ms + 8 * symbol_ms
    assert soonest + on_air_ms < channel.YOUNG_MS - 2 * on_air_ms, "one fits in at least"
    assert 1_390 < latest - soonest <= 1_400


def test_heartbeats_that_are_repeated_leave_a_third_of_their_airtime_to_all_else() -> None:
    for sf in range(7, 13):
        toa_us = time_on_air_us(15, sf)
        on_air_ms = toa_us // 1000 + 1
        for heartbeat_s in range(10, 301):
            used_us = 4 * toa_us * 3600 // heartbeat_s
            if channel.may_repeat(heartbeat_s, on_air_ms):
                assert used_us <= ALERTS_ONLY_US * 2 // 3
    assert channel.may_repeat(300, time_on_air_us(15, 12) // 1000 + 1), "the interval of a call box"


def reception(sf: int = 9) -> Reception:
    made = Reception()
    made.set_pace(symbol_us(sf), time_on_air_us(23, sf))
    return made


@pytest.mark.parametrize("sf", range(7, 13))
def test_a_reception_lasts_as_long_as_our_longest_frame(sf: int) -> None:
    """The preamble is told of once some symbols have passed, the header once it has."""
    one = reception(sf)
    one.preamble(0)
    header_ms = 20 * symbol_us(sf) // 1000
    assert one.under_way(header_ms)
    one.header(header_ms)
    end_ms = time_on_air_us(23, sf) // 1000
    assert one.under_way(end_ms)
    assert not one.under_way(end_ms + 7 * symbol_us(sf) // 1000)


def test_a_preamble_that_no_header_follows_was_noise() -> None:
    one = reception()
    one.preamble(100)
    assert one.under_way(100)
    assert one.wait_ms(100) == 100  # 24.25 symbols of 4.096 ms
    assert not one.under_way(200)


def test_preambles_one_after_the_other_do_not_lengthen_a_reception() -> None:
    one = reception()
    one.preamble(0)
    one.preamble(60)
    assert not one.under_way(110)


def test_a_reception_ends_with_its_frame() -> None:
    one = reception()
    one.header(NEAR_WRAP)
    assert one.under_way(add(NEAR_WRAP, 100))
    one.end()
    assert not one.under_way(add(NEAR_WRAP, 100))


def test_a_window_is_open_for_half_a_second_and_four_frames() -> None:
    for begin_ms in (0, NEAR_WRAP):
        window, nothing = Window(), reception()
        assert not window.is_open(nothing, begin_ms)
        assert window.wait_ms(nothing, begin_ms) == FOREVER
        window.open(TOA_US, begin_ms)
        assert window.wait_ms(nothing, begin_ms) == 1_160
        assert window.is_open(nothing, add(begin_ms, 1_159))
        assert not window.is_open(nothing, add(begin_ms, 1_160))


def test_a_frame_that_began_within_the_window_is_heard_to_its_end() -> None:
    window, coming = Window(), reception()
    window.open(TOA_US, 0)
    coming.preamble(1_150)
    assert window.is_open(coming, 1_200)
    coming.header(1_220)
    assert window.is_open(coming, 1_300)
    assert window.wait_ms(coming, 1_300) == coming.wait_ms(1_300) > 0
    coming.end()
    assert not window.is_open(coming, 1_380)


def test_a_preamble_after_the_window_opens_nothing() -> None:
    window, coming = Window(), reception()
    window.open(TOA_US, 0)
    assert not window.is_open(coming, 1_160)
    coming.preamble(1_161)
    assert not window.is_open(coming, 1_162)


def test_a_closed_window_stays_closed() -> None:
    window, nothing = Window(), reception()
    window.open(TOA_US, 0)
    window.close()
    assert not window.is_open(nothing, 1)


def test_noise_is_unknown_without_a_sample_and_then_slides() -> None:
    survey = Survey()
    assert survey.noise_dbm == NOISE_UNKNOWN
    assert survey.busy_percent() == 0
    survey.sample(-110, False)
    assert survey.noise_dbm == -110
    for _ in range(100):
        survey.sample(-100, False)
    assert survey.noise_dbm == -100
    assert survey.busy_percent() == 0


def test_jamming_is_noise_and_occupancy() -> None:
    survey = Survey()
    for _ in range(10):
        survey.sample(-112, False)
    for _ in range(30):
        survey.sample(-60, False)
    assert survey.noise_dbm > -65
    assert survey.busy_percent() == 75
    assert survey.busy_percent() == 0, "it tells of the time since the last question"


def test_what_comes_in_is_occupancy_but_no_noise() -> None:
    survey = Survey()
    survey.sample(-112, False)
    survey.sample(-50, True)
    survey.sample(-115, True)
    assert survey.noise_dbm == -112
    assert survey.busy_percent() == 66

import pytest

from firmware.core.channel import refresh_ms
from firmware.core.lora_share import LoraShare, exchange_ms, least_refresh_ms
from firmware.core.ticks import add
from protocol.airtime import time_on_air_us

BEGIN_MS = (1 << 30) - 2_000
SF12_US = time_on_air_us(15, 12)
SF9_US = time_on_air_us(15, 9)


def test_the_first_frame_of_an_alert_goes_at_once() -> None:
    assert LoraShare().takes(17, True, False, BEGIN_MS)


@pytest.mark.parametrize(("toa_us", "spaced_ms"), [(SF9_US, 2_309), (SF12_US, 16_172)])
def test_after_eight_frames_of_an_hour_alerts_are_rarer(toa_us: int, spaced_ms: int) -> None:
    share = LoraShare()
    for _ in range(7):
        share.sent(True, toa_us, BEGIN_MS)
        assert share.takes(17, True, False, BEGIN_MS)
    share.sent(True, toa_us, BEGIN_MS)
    assert refresh_ms(0, 8, toa_us) == spaced_ms
    assert not share.takes(17, True, False, add(BEGIN_MS, spaced_ms - 1))
    assert share.takes(17, True, False, add(BEGIN_MS, spaced_ms))


def test_an_hour_later_eight_are_free_again() -> None:
    share = LoraShare()
    for _ in range(20):
        share.sent(True, SF12_US, BEGIN_MS)
    later_ms = add(BEGIN_MS, 3_600_000)
    share.sent(True, SF12_US, later_ms)
    assert share.takes(17, True, False, later_ms)


@pytest.mark.parametrize(
    ("counter", "needed", "goes"),
    [(17, False, False), (64, False, True), (17, True, True), (64, True, True)],
)
def test_other_frames_go_where_they_are_needed_and_one_in_64(
    counter: int, needed: bool, goes: bool
) -> None:
    assert LoraShare().takes(counter, False, needed, BEGIN_MS) is goes


@pytest.mark.parametrize("sf", range(7, 13))
def test_an_answer_comes_while_its_frame_is_one_of_the_last_four(sf: int) -> None:
    toa_us = time_on_air_us(15, sf)
    assert 3 * (least_refresh_ms(toa_us) + 1) > exchange_ms(toa_us)
    if sf <= 10:
        assert least_refresh_ms(toa_us) < 1_000, "the schedule rules"

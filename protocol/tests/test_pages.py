from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import kinds as k
from protocol import pages
from protocol.causes import exception_digest
from protocol.names import CAUSE_NAMES, COMMAND_NAMES, CONDITION_NAMES, OP_NAMES

BIT = st.integers(0, 1)


@given(st.sampled_from(sorted(CAUSE_NAMES)), BIT, BIT, BIT, BIT)
def test_status_is_read_as_it_was_written(
    cause: int, low: int, mains_lost: int, fault: int, defaults: int
) -> None:
    data = k.status_page(cause, low, mains_lost, fault, defaults)
    assert 0 <= data <= 127
    status = pages.Status(data)
    assert status.cause == cause
    assert (status.low, status.mains_lost) == (low, mains_lost)
    assert (status.fault, status.defaults) == (fault, defaults)


@pytest.mark.parametrize(
    ("seconds", "data", "hours"),
    [
        (-5, 0, 0),
        (0, 0, 0),
        (3_599, 0, 0),
        (3_600, 1, 1),
        (47 * 3_600, 47, 47),
        (48 * 3_600 - 1, 47, 47),
        (48 * 3_600, 48, 48),
        (72 * 3_600 - 1, 48, 48),
        (72 * 3_600, 49, 72),
        (81 * 86_400, 127, 1_944),
        (900 * 86_400, 127, 1_944),
    ],
)
def test_uptime_is_hours_and_then_days(seconds: int, data: int, hours: int) -> None:
    assert k.uptime_page(seconds) == data
    assert pages.uptime_hours(data) == hours


@given(st.binary(max_size=60))
def test_exception_digest_is_never_that_of_none(text: bytes) -> None:
    assert exception_digest(text) == 1 + crc32(text) % 127
    assert 1 <= exception_digest(text) <= 127


def test_page_of_life_tells_uptime_and_exception_in_turn() -> None:
    of_life = [counter for counter in range(64) if counter % k.PAGES == k.PAGE_LIFE]
    assert [k.tells_exception(counter) for counter in of_life] == [False, True] * 4


@given(st.integers(1_600, 4_159))
def test_battery_is_read_within_a_step(millivolts: int) -> None:
    assert 0 <= millivolts - pages.battery_mv(k.battery_page(millivolts)) < 20


def test_conditions_and_commands_have_numbers_a_frame_can_carry() -> None:
    assert sorted(CONDITION_NAMES) == list(range(1, 9))
    assert sorted(COMMAND_NAMES) == [8, 9, 10, 11]
    assert not set(COMMAND_NAMES) & set(OP_NAMES)
    tested = k.TESTED_LAMP | k.TESTED_SIREN | k.TESTED_BATTERY | k.TESTED_RADIO
    assert tested == 15

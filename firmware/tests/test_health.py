import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.health import RECORD_LEN, Health, where
from protocol.causes import (
    DELIBERATE,
    EXCEPTION,
    NO_RESET,
    POWER_UP,
    UNKNOWN_RESET,
    WATCHDOG,
    exception_digest,
)

TRACE = """Traceback (most recent call last):
  File "/lib/firmware/start.py", line 31, in run
  File "protocol/../firmware/core/alert.py", line 7, in due
ValueError: too much: 3
"""


class Chip:
    """Starts a device again and again; RTC memory lives as the chip keeps it."""

    def __init__(self) -> None:
        self.rtc = b""
        self.now_s = 0
        self.start(power_up=True)

    def start(
        self,
        *,
        power_up: bool = False,
        woken: bool = False,
        watchdog: bool = False,
        after_s: int = 1,
    ) -> Health:
        self.now_s = 0 if power_up else self.now_s + after_s
        self.health = Health()
        self.health.start(self.rtc, self.now_s, power_up=power_up, woken=woken, watchdog=watchdog)
        self.rtc = self.health.record()
        return self.health

    def fail(self, after_s: int = 1) -> Health:
        self.health.failed(TRACE, self.now_s + after_s)
        self.rtc = self.health.record()
        return self.start()


def test_power_up_is_the_cause_and_the_uptime_begins() -> None:
    chip = Chip()
    chip.rtc = bytes(RECORD_LEN)
    health = chip.start(power_up=True)
    assert health.cause == POWER_UP
    assert health.uptime_s(7_200) == 7_200
    assert health.digest == 0


def test_a_wake_keeps_the_cause_until_a_gateway_knows_it() -> None:
    chip = Chip()
    assert chip.start(woken=True).cause == POWER_UP
    chip.health.told()
    chip.rtc = chip.health.record()
    assert chip.start(woken=True).cause == NO_RESET
    assert chip.health.uptime_s(chip.now_s) == 2, "sleep is not the end of a life"


@pytest.mark.parametrize(("watchdog", "cause"), [(True, WATCHDOG), (False, UNKNOWN_RESET)])
def test_a_reset_without_intent_is_the_watchdogs_or_unknown(watchdog: bool, cause: int) -> None:
    chip = Chip()
    health = chip.start(watchdog=watchdog, after_s=50)
    assert health.cause == cause
    assert health.uptime_s(60) == 10


def test_an_intended_reset_is_deliberate_whatever_the_chip_says() -> None:
    chip = Chip()
    chip.health.intend_reset()
    chip.rtc = chip.health.record()
    assert chip.start().cause == DELIBERATE
    assert chip.start().cause == UNKNOWN_RESET, "an intent is good for one reset"


def test_an_exception_leaves_its_digest_for_good() -> None:
    chip = Chip()
    health = chip.fail()
    assert health.cause == EXCEPTION
    assert health.digest == exception_digest(b"ValueError:firmware/core/alert.py:7:due")
    assert chip.start(woken=True).digest == health.digest
    assert chip.start(watchdog=True).digest == health.digest


def test_where_names_the_innermost_place_as_the_tree_does() -> None:
    assert where(TRACE) == "ValueError:firmware/core/alert.py:7:due"
    assert where("MemoryError: \n") == "MemoryError:"
    assert (
        where('  File "main.py", line 5, in <module>\nImportError: no')
        == "ImportError:main.py:5:<module>"
    )


@given(st.text(alphabet='File ",:1\n'))
def test_any_trace_has_a_place(trace: str) -> None:
    assert ":" in where(trace)


def test_failing_starts_come_ever_more_slowly() -> None:
    chip = Chip()
    pauses = [chip.fail().pause_s() for _ in range(12)]
    assert pauses == [0, 0, 0, 1, 4, 16, 64, 256, 1_024, 3_600, 3_600, 3_600]
    assert chip.health.pause_s(60) == 60


def test_after_a_pause_there_is_one_try_and_then_a_longer_pause() -> None:
    chip = Chip()
    for _ in range(5):
        chip.fail()
    assert chip.health.pause_s() == 4
    assert not chip.health.rested
    chip.health.intend_pause()
    chip.rtc = chip.health.record()
    assert chip.start(woken=True).rested
    assert chip.health.cause == EXCEPTION
    assert chip.health.uptime_s(chip.now_s) == 0
    chip.health.failed(TRACE, chip.now_s)
    assert not chip.health.rested
    assert chip.health.pause_s() == 16


def test_a_sleep_after_work_forgives_what_failed() -> None:
    chip = Chip()
    for _ in range(5):
        chip.fail()
    chip.start(woken=True)
    assert chip.fail().pause_s() == 0


def test_a_program_that_ran_for_long_did_not_fail_at_starting() -> None:
    chip = Chip()
    for _ in range(8):
        chip.fail(after_s=600)
    assert chip.health.failures == 1


def test_a_watchdog_that_bites_again_and_again_is_a_failure_too() -> None:
    chip = Chip()
    for _ in range(5):
        chip.start(watchdog=True, after_s=30)
    assert chip.health.pause_s() == 4


def test_deliberate_resets_are_no_failures() -> None:
    chip = Chip()
    for _ in range(9):
        chip.health.intend_reset()
        chip.rtc = chip.health.record()
        chip.start()
    assert chip.health.pause_s() == 0


@given(st.integers(0, 8 * RECORD_LEN - 1))
def test_a_broken_record_tells_nothing(bit: int) -> None:
    chip = Chip()
    chip.fail()
    rtc = bytearray(chip.rtc)
    rtc[bit // 8] ^= 1 << bit % 8
    chip.rtc = bytes(rtc)
    health = chip.start()
    assert (health.cause, health.digest, health.failures) == (UNKNOWN_RESET, 0, 0)


@given(st.binary(max_size=40))
def test_any_memory_is_survived(rtc: bytes) -> None:
    chip = Chip()
    chip.rtc = rtc
    assert chip.start().pause_s() == 0


def test_a_clock_set_back_is_no_negative_uptime() -> None:
    chip = Chip()
    assert chip.health.uptime_s(-5) == 0

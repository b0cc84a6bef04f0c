"""Power cuts, resets, sleep and broken flash, on the real MicroPython."""

import itertools
import random
from pathlib import Path

import pytest

from firmware.core import records
from firmware.tests.worn import KEY, MAIN_CONTACT, SECOND_US, Worn
from protocol.constants import COUNTER_LIMIT, RESERVE, RESERVE_AT_POWER_UP, TIME_UNKNOWN
from protocol.kinds import ACKNOWLEDGED, STORED
from protocol.messages import Heartbeat
from tools.virtual.ble_air import Report
from tools.virtual.device import DEEPSLEEP_RESET, WDT_RESET, Power


def frames_by_counter(worn: Worn) -> dict[int, set[bytes]]:
    found: dict[int, set[bytes]] = {}
    for heard in worn.gateway.heard:
        found.setdefault(heard.counter, set()).add(heard.frame)
    return found


def assert_no_counter_twice(worn: Worn) -> None:
    assert all(len(frames) == 1 for frames in frames_by_counter(worn).values())
    counters = [heard.counter for heard in worn.gateway.heard]
    assert counters == sorted(counters)


def act(worn: Worn, rng: random.Random) -> None:
    """Do something to a button, and stop at whatever moment."""
    worn.gateway.answer_op = rng.choice([None, STORED, ACKNOWLEDGED])
    worn.device.power_on()
    worn.world.run_for(rng.uniform(0.0, 2.5))
    if rng.random() < 0.5:
        worn.press(rng.uniform(0.05, 2.0))
        worn.world.run_for(rng.uniform(0.0, 3.0))


@pytest.mark.slow
def test_no_counter_twice_over_power_cuts(tmp_path: Path) -> None:
    rng = random.Random(11)
    with Worn(tmp_path, loss=0.0) as worn:
        for _ in range(100):
            act(worn, rng)
            worn.device.power_cut()
            worn.world.run_for(rng.uniform(0.0, 1.0))
        assert len(worn.gateway.heard) > 100
        assert_no_counter_twice(worn)


def test_no_counter_twice_over_resets(tmp_path: Path) -> None:
    """RTC memory survives a reset, and what it held of an earlier sleep must not be believed."""
    rng = random.Random(12)
    with Worn(tmp_path, loss=0.0) as worn:
        for _ in range(25):
            act(worn, rng)
            if worn.device.power is Power.SLEEPING:
                worn.press(rng.uniform(0.4, 2.0))
            worn.device._start(WDT_RESET, 0)
        assert len(worn.gateway.heard) > 40
        assert_no_counter_twice(worn)


@pytest.mark.slow
def test_no_counter_twice_over_deep_sleeps(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=20) as worn:
        worn.start()
        worn.world.run_for(600)
        worn.gateway.answer_op = ACKNOWLEDGED
        worn.raise_alert()
        worn.world.run_for(300)
        assert worn.device.boots > 35
        assert_no_counter_twice(worn)
        counters = [heard.counter for heard in worn.gateway.heard]
        assert len(counters) > 40
        jumps = [b - a for a, b in itertools.pairwise(counters) if b != a + 1]
        assert len(jumps) <= 1, "sleep loses no counter, only the incident skips some"
        of_the_alert = 2  # it was begun, and is over
        assert worn.device.nvs.writes < of_the_alert + 2 + 3 * len(counters) / RESERVE


@pytest.mark.slow
def test_broken_rtc_memory_costs_counters_and_nothing_else(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=20) as worn:
        worn.start()
        for at in range(0, 16, 3):
            memory = bytearray(worn.device.memories.rtc)
            memory[at] ^= 0x10
            worn.device.memories.rtc = bytes(memory)
            worn.world.run_for(40)
            assert worn.sleeps(5)
        assert len(worn.gateway.heard) > 6
        assert_no_counter_twice(worn)


@pytest.mark.slow
def test_brown_out_loop_reserves_little(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        for _ in range(25):
            worn.device.power_on()
            worn.world.run_for(1.0)
            worn.device.power_cut()
        assert worn.reserved <= 26 * RESERVE_AT_POWER_UP


@pytest.mark.slow
def test_heartbeats_come_after_half_to_one_and_a_half(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=60) as worn:
        worn.start()
        worn.world.run_for(2_000)
        beats = [
            heard.at_us / SECOND_US
            for heard in worn.gateway.heard
            if isinstance(heard.message, Heartbeat)
        ]
        intervals = [b - a for a, b in itertools.pairwise(beats)]
        assert 26 <= len(intervals) <= 40
        assert min(intervals) >= 30
        assert max(intervals) <= 90 + 2  # the wake, and whole seconds
        assert max(intervals) - min(intervals) > 40
        assert worn.device.power is Power.SLEEPING


def test_time_is_unknown_until_an_ack_and_then_runs_on_through_sleep(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=60) as worn:
        worn.start()
        worn.gateway.answer_op = STORED
        worn.world.run_for(400)
        beats = [heard for heard in worn.gateway.heard if isinstance(heard.message, Heartbeat)]
        times = [beat.message.time for beat in beats if isinstance(beat.message, Heartbeat)]
        assert times[:2] == [TIME_UNKNOWN] * 2
        assert times[2:] == [beat.at_us // SECOND_US // 16 for beat in beats[2:]]
        flags = [beat.message.heard for beat in beats if isinstance(beat.message, Heartbeat)]
        # Once the clock is known it listens after even counters alone, and odd ones tell of those.
        heard_so_far = [beat.counter % 2 for beat in beats[3:]]
        assert flags == [0, 0, 1, *heard_so_far]


@pytest.mark.slow
def test_mark_of_the_gateway_is_kept_over_deep_sleep_and_told_on_odd_pages(
    tmp_path: Path,
) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=60) as worn:
        worn.start()
        worn.gateway.answer_op = STORED
        worn.gateway.answer_mark = 3
        worn.world.run_for(1_000)
        beats = [h for h in worn.gateway.heard if isinstance(h.message, Heartbeat)]
        told = [
            (beat.message.heard, beat.message.data)
            for beat in beats[2:]
            if isinstance(beat.message, Heartbeat) and beat.counter % 2
        ]
        assert len(told) >= 5
        assert set(told) == {(1, 0b100)}
        worn.gateway.answer_op = None
        worn.world.run_for(300)
        last = worn.gateway.heard[-1].message
        assert isinstance(last, Heartbeat)
        assert last.heard == 0


@pytest.mark.slow
def test_flash_is_not_written_between_press_and_air(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        writes_at_advert: list[int] = []
        advertise = worn.device.radio.advertise

        def note(interval_us: int, report: Report) -> None:
            writes_at_advert.append(worn.device.nvs.writes)
            advertise(interval_us, report)

        monkeypatch.setattr(worn.device.radio, "advertise", note)
        worn.gateway.answer_op = ACKNOWLEDGED
        worn.start(settle_s=2_000)  # some heartbeats: the reserve is that of a settled device
        for _ in range(12):
            writes_at_advert.clear()
            writes = worn.device.nvs.writes
            worn.raise_alert()
            assert worn.sleeps(20)
            assert writes_at_advert[0] == writes
            assert worn.reserved - worn.gateway.heard[-1].counter > RESERVE, "made up afterwards"
        assert worn.felt() == ["sent", "help"] * 12


def test_first_press_after_power_up_writes_flash_before_the_gesture_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start()
        worn.device.drive(MAIN_CONTACT, 0)
        worn.world.run_for(0.75)
        writes = worn.device.nvs.writes
        assert worn.reserved >= 2 * RESERVE
        writes_on_air: list[int] = []
        advertise = worn.device.radio.advertise

        def note(interval_us: int, report: Report) -> None:
            writes_on_air.append(worn.device.nvs.writes)
            advertise(interval_us, report)

        monkeypatch.setattr(worn.device.radio, "advertise", note)
        assert worn.until(worn.incidents, 2)
        assert writes_on_air[0] == writes


@pytest.mark.parametrize("damage", ["missing", "broken", "too long", "used up"])
def test_without_a_secret_it_says_so_when_touched_and_never_transmits(
    tmp_path: Path, damage: str
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        damaged(worn, damage)
        worn.device.power_on()
        assert worn.feels("fault", 3)
        assert worn.sleeps(5)
        worn.world.run_for(30 * 24 * 3600)
        assert worn.device.boots == 1, "only a hand wakes it"
        worn.press(6.0)
        assert worn.sleeps(5)
        assert worn.felt() == ["fault", "fault"]
        assert worn.device.boots == 2
        assert worn.gateway.heard == []
        assert worn.log.read_text() == ""


def damaged(worn: Worn, damage: str) -> None:
    nvs = worn.device.nvs
    record = bytearray(records.pack_secret(KEY, 640))
    if damage == "missing":
        nvs.erase("tocsin", "secret")
    elif damage == "broken":
        record[20] ^= 1
        nvs.set("tocsin", "secret", "blob", bytes(record))
    elif damage == "too long":
        nvs.set("tocsin", "secret", "blob", bytes(record) + bytes(8))
    else:
        nvs.set("tocsin", "secret", "blob", records.pack_secret(KEY, COUNTER_LIMIT))


def test_without_settings_it_is_a_button_with_the_defaults(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        worn.device.nvs.erase("tocsin", "settings")
        worn.gateway.answer_op = STORED
        worn.start()
        worn.raise_alert()
        assert worn.feels("received", 10)


def test_every_sleep_is_ended_by_timer_or_hand(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        worn.start()
        worn.world.run_for(5_000)
        assert worn.device._hello["reset_cause"] == DEEPSLEEP_RESET
        assert worn.device.boots > 3
        assert worn.powers[-1] is Power.SLEEPING
        assert worn.log.read_text() == ""

"""What a heartbeat does not spend: its burst, its windows, the CPU's clock; and that a press does."""

from pathlib import Path

import pytest

from firmware.tests.worn import Worn
from protocol.kinds import PAGE_WIDE, PAGES, STORED
from protocol.messages import Heartbeat
from tools.virtual.device import Power
from tools.virtual.energy import ADVERTISING, AWAKE, BLE, BLE_SCAN

BURST_MS, WINDOW_MS, WIDE_MS = 120, 600, 300
GRAIN_MS = 25  # waits end in grains of 10 ms


def spent(worn: Worn, name: str, before: dict[str, float]) -> float:
    """Return the ms in a state since `before`."""
    return (worn.device.energy.us().get(name, 0.0) - before.get(name, 0.0)) / 1000


def next_beat(worn: Worn) -> tuple[int, dict[str, float]]:
    """Wait for a heartbeat and its sleep; return its counter and what it spent in ms."""
    before = worn.device.energy.us()
    boots = worn.device.boots
    assert worn.until(
        lambda: worn.device.boots > boots and worn.device.power is Power.SLEEPING, 10_000
    )
    names = (ADVERTISING, AWAKE, BLE, BLE_SCAN, "80 MHz")
    last = worn.gateway.heard[-1]
    assert isinstance(last.message, Heartbeat)
    return last.counter, {name: spent(worn, name, before) for name in names}


@pytest.mark.slow
def test_an_odd_heartbeat_listens_to_nobody_and_an_even_one_until_it_is_answered(
    tmp_path: Path,
) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=60) as worn:
        worn.gateway.answer_op = STORED
        worn.start()
        worn.until(lambda: len(worn.gateway.heard) > 2, 1_000)
        worn.sleeps(5)
        for _ in range(2 * PAGES):
            counter, ms = next_beat(worn)
            assert ms["80 MHz"] > BURST_MS
            if counter % 2:
                assert ms[ADVERTISING] == pytest.approx(BURST_MS, abs=GRAIN_MS)
                assert ms[BLE_SCAN] == 0
            elif counter % PAGES == PAGE_WIDE:
                assert ms[BLE_SCAN] == pytest.approx(BURST_MS + WIDE_MS, abs=2 * GRAIN_MS)
            else:
                assert ms[BLE_SCAN] < BURST_MS + WIDE_MS / 2


def test_unanswered_it_listens_for_a_whole_window(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=60) as worn:
        worn.gateway.answer_op = STORED
        worn.start()
        worn.until(lambda: len(worn.gateway.heard) > 2, 1_000)
        worn.sleeps(5)
        worn.gateway.answer_op = None
        for _ in range(PAGES):
            counter, ms = next_beat(worn)
            if counter % 2 == 0 and counter % PAGES != PAGE_WIDE:
                assert ms[BLE_SCAN] == pytest.approx(BURST_MS + WINDOW_MS, abs=2 * GRAIN_MS)


def test_a_press_runs_at_full_speed(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start(1)
        before = worn.device.energy.us()
        worn.raise_alert()
        worn.world.run_for(5)
        assert spent(worn, AWAKE, before) > 4_000
        assert spent(worn, "80 MHz", before) == 0

"""Charges add up, a cell's own loss counts, and the firmware that was measured really ran."""

import json
import re
from pathlib import Path

import pytest

from tools.bench import battery, currents
from tools.bench.battery import Life, judge, months
from tools.bench.current_sources import ALIKE, ASSUMED, READ, SOURCES, table
from tools.bench.currents import BOARDS, CHIPS, LORA, idle_loads, loads
from tools.bench.worn_states import Beat, Case, heartbeats
from tools.firmware_closure import ROOT
from tools.virtual.energy import AWAKE, BLE, BLE_SCAN, BLE_TX, BOOT, SLEEP


def test_a_cell_lasts_as_long_as_its_draw_and_its_own_loss_let_it() -> None:
    assert months(1000 / (365.25 * 24), 0.0) == pytest.approx(12)
    assert months(0.0, 0.01) == pytest.approx(1200)
    assert months(1000 / (365.25 * 24), 1.0) == pytest.approx(6)


@pytest.mark.parametrize("name", BOARDS)
def test_loads_add_up_to_what_the_data_sheets_say_of_each_state(name: str) -> None:
    board = BOARDS[name]
    chip = CHIPS[board.chip]
    draws = loads(board)
    running = max(chip.running.values())
    assert draws[AWAKE] - board.beside == pytest.approx(running)
    assert draws[AWAKE] + draws[BLE] - board.beside == pytest.approx(chip.radio)
    on_air = draws[AWAKE] + draws[BLE] + draws[BLE_TX] - board.beside
    assert on_air == pytest.approx(chip.transmitting)
    slow = draws[AWAKE] + draws["80 MHz"] - board.beside
    assert slow == pytest.approx(chip.running[80])
    asleep = loads(board, modem_sleep=True)
    assert asleep[BLE] == 0
    assert asleep[AWAKE] + asleep[BLE_SCAN] - board.beside == pytest.approx(chip.radio)


def test_a_beat_is_charged_with_the_wake_that_it_is_told() -> None:
    beat = Beat({BOOT: 350_000.0, AWAKE: 100_000.0, BLE: 50_000.0})
    draws = {BOOT: 10.0, AWAKE: 20.0, BLE: 40.0, SLEEP: 1.0}
    assert beat.mas(draws, 500.0) == pytest.approx(10 * 0.5 + 20 * 0.1 + 40 * 0.05)


def test_a_wake_that_takes_twice_as_long_is_charged_twice_with_the_start_of_the_radio() -> None:
    beat = Beat({BOOT: 350_000.0, AWAKE: 232_000.0, BLE: 168_000.0})
    once, _ = judge(Life("", ""), beat, 600.0)
    twice, _ = judge(Life("", "", wakes=2), beat, 600.0)
    running, radio = CHIPS["esp32c3"].running[160], CHIPS["esp32c3"].radio
    assert twice - once == pytest.approx(running * 0.632 + radio * 0.168, rel=0.001)


def test_a_board_that_mostly_waits_draws_less_until_the_radio_has_power() -> None:
    board = BOARDS["s3 module"]
    draws, chip = idle_loads(board), CHIPS["esp32s3"]
    assert draws[AWAKE] - board.beside == pytest.approx(chip.idle)
    assert draws[AWAKE] + draws[BLE] - board.beside == pytest.approx(chip.radio)


@pytest.mark.slow
def test_heartbeats_of_the_real_firmware_cost_more_where_nobody_answers() -> None:
    answered = heartbeats(ROOT, Case(), 16)
    alone = heartbeats(ROOT, Case(by_ble=False), 16)
    assert answered.us[BOOT] == alone.us[BOOT] == 350_000
    assert answered.us[BLE] >= 168_000
    assert answered.us["advertising"] > 50_000
    assert alone.us[BLE_SCAN] > answered.us[BLE_SCAN] > 0
    draws = loads(BOARDS["c3 module"])
    assert alone.mas(draws, 500) > answered.mas(draws, 500) > 20


@pytest.mark.slow
def test_the_bench_prints_its_table_and_writes_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(battery, "LEAST_MONTHS", 0.0)
    path = tmp_path / "figures.json"
    assert battery.bench(path, 8) == 0
    figures = json.loads(path.read_text())
    assert {"c3_1000mah_15min_months", "c3_1000mah_5min_months"} <= set(figures)
    assert all(isinstance(value, (int, float)) and value > 0 for value in figures.values())
    assert figures["c3_15min_frozen_months"] > figures["c3_1000mah_15min_months"]
    assert figures["c3_1000mah_15min_months"] > figures["c3_15min_doubled_wake_months"]
    assert "an hour of an alert" in capsys.readouterr().out


def test_every_chip_that_has_currents_is_one_of_the_bench() -> None:
    assert {board.chip for board in currents.BOARDS.values()} <= set(currents.CHIPS)


def test_every_figure_says_how_well_it_is_known_and_is_the_one_that_counts() -> None:
    assert {known for *_, known in SOURCES} == {READ, ALIKE, ASSUMED}
    text = table()
    assert all(name in text and source in text for name, _, source, _ in SOURCES)
    values = {name: value for name, value, *_ in SOURCES}
    assert values["XIAO ESP32C3 asleep"] == f"{1000 * loads(BOARDS['xiao c3'])[SLEEP]:g} uA"
    assert values["S3-DevKitC asleep"] == f"{loads(BOARDS['s3 devkit'])[SLEEP]:g} mA"
    assert values["regulator of the modules"] == f"{1e6 * BOARDS['c3 module'].beside:g} nA"
    lora = [1000 * LORA[f"lora {state}"] for state in ("sleep_cold", "sleep_warm")]
    assert values["SX1262 asleep, cold, warm"] == f"{lora[0]:g}, {lora[1]:g} uA"
    assert (LORA["lora rx"], LORA["lora rx_boosted"]) == (4.6, 5.3)


@pytest.mark.parametrize(
    "cited", sorted({c for s in SOURCES for c in re.findall(r"\[\w+\]", s[2])})
)
def test_every_source_is_told(cited: str) -> None:
    assert currents.__doc__
    assert cited in currents.__doc__

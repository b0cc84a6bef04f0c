"""The bench of the firmware reads what it measures, sees what fails, and writes the figures asked for."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tools import cli
from tools.bench import firmware, firmware_heap
from tools.bench.firmware import Measured, Wake
from tools.bench.firmware_heap import BUTTON, KB, Heap, Stay, course, lived, smallest_heap
from tools.bench.firmware_life import Unlived
from tools.bench.firmware_press import LoraHeap, Press
from tools.bench.firmware_tree import Tree, plant
from tools.bench.import_cost import ImportCost, import_costs
from tools.firmware_build import Weight

KEYS = {
    "alert_path_heap_bytes",
    "heap_kb_button",
    "heap_kb_call_box",
    "heap_kb_radio_head",
    "mpy_kb_button",
    "mpy_kb_call_box",
    "mpy_kb_radio_head",
}
A_WAKE = Stay(days=0.001, alerts=0)
LOG = [
    "base 19000",
    "qstr pool: n_pool=4, n_qstr=249, n_str_data_bytes=2000, n_total_bytes=4000",
    "heap 3600 60000",
    "qstr pool: n_pool=7, n_qstr=999, n_str_data_bytes=9000, n_total_bytes=16000",
    "heap 7200 60100",
    "heap 10800 60100",
    "heap 14400 60200",
]


def heap(kb: float) -> Heap:
    return Heap(round((kb * KB) + 19_000), course(LOG, 1, 1.0))


def measured(kb: float = 60.0, alert_bytes: int = 0) -> Measured:
    press = Press(800, alert_bytes, 160, 20_000, 1_000, ("firmware.start",))
    names = [case.name for case in firmware_heap.CASES]
    return Measured(
        Wake(
            press,
            ("firmware.worn_lora",),
            ImportCost(7, 28_000, 400, 90_000),
            ImportCost(60, 62_000, 9_000, 900_000),
        ),
        LoraHeap(0, 32, 3_000),
        tuple(Weight(role, "xtensawin", 9, 50_000) for role in firmware.KEYS),
        {name: heap(kb) for name in names},
    )


def test_the_command_prints_all_and_writes_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays: list[Stay] = []

    def measure(stay: Stay) -> Measured:
        stays.append(stay)
        return measured()

    monkeypatch.setattr(firmware, "measure", measure)
    path = tmp_path / "figures.json"
    arguments = ["bench", "firmware", "--quick", "--json", str(path)]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0, result.output
    assert stays == [firmware.QUICK]
    written = json.loads(path.read_text())
    assert set(written) >= KEYS
    assert written["heap_kb_button"] == 60.0
    assert written["heap_kb_button_without_names"] == round(60 - 5_000 / KB, 1)
    assert all(type(value) in (int, float) for value in written.values())
    for said in ("without names", "frozen", "modules", "xtensawin", "Bars"):
        assert said in result.output


@pytest.mark.parametrize("missed", [{"kb": 64.1}, {"alert_bytes": 16}])
def test_a_missed_bar_is_said(missed: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firmware, "measure", lambda _stay: measured(**missed))
    result = CliRunner().invoke(cli.app, ["bench", "firmware"])
    assert "MISSED" in result.output
    assert result.exit_code == 1


def test_growth_is_what_the_end_holds_more_than_the_begin() -> None:
    found = course(LOG, 1, 1.0)
    assert (found.base, found.names, found.growth, found.steady) == (19_000, 5_000, 200, True)
    assert not course([*LOG, "heap 18000 61000"], 1, 1.0).steady
    assert course([*LOG[:3], "heap 7200 50000"], 1, 1.0).growth == 0


def test_a_heap_is_found_to_a_kilobyte(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def live(_tree: object, _case: object, heap_bytes: int, _stay: Stay, every_s: int) -> None:
        assert every_s == 0, "nothing is collected for the measure"
        if heap_bytes < 77 * KB:
            raise Unlived

    monkeypatch.setattr(firmware_heap, "lived", live)
    assert smallest_heap(Tree(tmp_path), BUTTON) == 77 * KB


@pytest.mark.slow
def test_a_program_lives_in_a_large_heap_and_not_in_a_small_one(tmp_path: Path) -> None:
    tree = plant(tmp_path / "tree", BUTTON.life.role)
    found = lived(tree, BUTTON, 256 * KB, A_WAKE)
    assert found.base < 32 * KB
    assert 1 * KB < found.names < 20 * KB
    assert found.used[0] - found.base < 64 * KB
    with pytest.raises(Unlived):
        lived(tree, BUTTON, 48 * KB, Stay(days=0.01, alerts=1), every_s=0)


@pytest.mark.slow
def test_a_linked_program_is_read_with_a_seventh_of_what_its_modules_take() -> None:
    linked, apart = import_costs("panic_button", "esp32c3_devkit")
    assert linked.modules * 5 < apart.modules
    assert linked.loaded_bytes * 2 < apart.loaded_bytes
    assert linked.reads * 7 < apart.reads
    assert linked.reads < 1_000, "main.py reads larger pieces: 2,000 else"
    assert linked.frozen_ms < linked.ms < apart.ms

"""The bench of the ways out reads what it measures, says what misses, and writes the figures asked for."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tools import cli
from tools.bench import upstream
from tools.bench.upstream import Measured
from tools.bench.upstream_mqtt import STAGES, Puback

KEYS = {"mqtt_vs_bare", "dc09_verdict_ms", "dc09_receiver_ms", "sign_ms"}


def measured(send_ms: float = 1.2, verdict_ms: float = 0.39, sign_ms: float = 0.2) -> Measured:
    stages = dict.fromkeys(STAGES, [0.25]) | {"send": [send_ms]}
    row_ms = sum(took[0] for took in stages.values())
    return Measured(Puback([row_ms], [1.0], [sign_ms], stages), 1.0, verdict_ms)


def bench(monkeypatch: pytest.MonkeyPatch, found: Measured, *options: str) -> tuple[int, str]:
    async def measure(_folder: Path) -> Measured:
        return found

    monkeypatch.setattr(upstream, "measure", measure)
    result = CliRunner().invoke(cli.app, ["bench", "upstream", *options])
    return result.exit_code, result.output


def test_the_command_prints_all_and_writes_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "figures.json"
    status, output = bench(monkeypatch, measured(), "--json", str(path))
    assert status == 0, output
    written = json.loads(path.read_text())
    assert set(written) >= KEYS
    assert all(type(value) in (int, float) for value in written.values())
    assert written["mqtt_vs_bare"] == 1.2
    assert written["mqtt_all_vs_bare"] == 1.7
    assert "MISSED" not in output


@pytest.mark.parametrize(
    "found", [measured(send_ms=1.51), measured(verdict_ms=0.41), measured(sign_ms=0.31)]
)
def test_a_missed_bar_is_said(found: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    status, output = bench(monkeypatch, found)
    assert output.count("MISSED") == 1
    assert status == 1


@pytest.mark.slow
async def test_the_real_ways_out_are_timed_stage_by_stage(tmp_path: Path) -> None:
    found = await upstream.measure(tmp_path, rounds=5)
    assert all(took_ms > 0 for took_ms in found.stages_ms().values())
    assert sum(found.stages_ms().values()) > 0.5 * min(found.mqtt.bare_ms)
    assert all(
        row_ms == pytest.approx(sum(took[at] for took in found.mqtt.stages.values()))
        for at, row_ms in enumerate(found.mqtt.row_ms)
    )
    assert len(found.mqtt.sign_ms) == 5
    assert 0 < found.verdict_ms < 1_000
    assert 0 < found.receiver_ms < 5_000

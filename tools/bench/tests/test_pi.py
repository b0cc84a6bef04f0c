"""The bench with real BlueZ reads what it measures, says what misses; its wearers behave as buttons do."""

import json
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from protocol.kinds import STORED
from tools import cli
from tools.bench import pi
from tools.bench.pi import Measured
from tools.bench.pi_alerts import Alert, Alerts, Way, timed, times
from tools.bench.pi_deaf import Deaf
from tools.bench.pi_wearer import AirWearer
from tools.virtual.ble_air import Report
from tools.virtual.peer import Peer
from tools.virtual.world import World

KEYS = {
    "exposure",
    "commit_vs_bleak_callback",
    "alerts_sent",
    "alerts_stored",
    "deaf_max_s",
    "install_seconds",
    "idle_mb_per_day",
}
KEY = bytes(range(16))


def measured(
    *, exposure: float = 1.2, took_s: float = 30.0, stored: int = 2, deaf_s: float = 20.0
) -> Measured:
    ways = (Way(10.0, 15.0), Way(12.0, 18.0), Way(10.0, 15.0))
    alerts = Alerts(2, stored, 2, 500, ways)
    return Measured(exposure, took_s, alerts, (Deaf("hang", deaf_s, ended=True),), 12.0)


def bench(monkeypatch: pytest.MonkeyPatch, found: Measured, *options: str) -> tuple[int, str]:
    monkeypatch.setattr(pi, "measure", lambda _folder, _seconds, _release: found)
    result = CliRunner().invoke(cli.app, ["bench", "pi", *options])
    return result.exit_code, result.output


def test_the_command_prints_all_and_writes_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "figures.json"
    status, output = bench(monkeypatch, measured(), "--json", str(path))
    assert status == 0, output
    written = json.loads(path.read_text())
    assert set(written) >= KEYS
    assert written["commit_vs_bleak_callback"] == 1.5
    assert "MISSED" not in output


@pytest.mark.parametrize(
    "found", [measured(exposure=1.6), measured(took_s=61.0), measured(deaf_s=90.5)]
)
def test_a_missed_bar_is_said(found: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    status, output = bench(monkeypatch, found)
    assert output.count("MISSED") == 1
    assert status == 1


def test_a_lost_alert_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bench(monkeypatch, measured(stored=1))[0] == 1


def test_how_exposed_it_is_is_read_from_systemd() -> None:
    said = "  PrivateTmp= ...\n\n→ Overall exposure level for tocsin-gateway.service: 1.4 OK :-)\n"
    assert pi.exposed(said) == 1.4
    with pytest.raises(ValueError, match="no exposure"):
        pi.exposed("Unit not found")


def test_an_alert_is_timed_by_the_frame_that_raised_it() -> None:
    alert = Alert("0a0b", {16: b"first", 17: b"second"})
    log = [
        {"event": "received", "incident": "ffff", "t": "1.0", "counter": "16"},
        {"event": "received", "incident": "0a0b", "t": "2.0", "counter": "17"},
        {"event": "stored", "incident": "0a0b", "t": "2.030"},
    ]
    notes = {b"first": 1.5, b"second": 1.99}
    way = timed(alert, notes, {b"second": 2.0}, log)
    assert way is not None
    assert way.bleak_ms == pytest.approx(10.0)
    assert way.stored_ms == pytest.approx(40.0)
    assert timed(alert, {}, {b"second": 2.0}, log) is None
    assert timed(alert, notes, {}, log) is None
    assert timed(Alert("0c0d"), notes, {}, log) is None


def test_the_first_time_of_a_frame_counts() -> None:
    lines = ["ready", "1.5 0a", "1.7 0a", "1.6 0b", ""]
    assert times(lines, bytes.fromhex) == {b"\x0a": 1.5, b"\x0b": 1.6}


def test_a_wearer_presses_until_it_is_stored(tmp_path: Path) -> None:
    with World(tmp_path, loss=0.1) as world:
        peer = Peer(world, KEY)
        wearer = AirWearer(world, "wearer", KEY, Random(1))
        stages: list[int] = []
        frames: dict[int, bytes] = {}
        addresses: set[bytes] = set()
        wearer.on_answer = lambda _counter, stage: stages.append(stage)
        wearer.on_frame = frames.__setitem__
        heard = peer.radio.on_report

        def note(report: Report) -> None:
            addresses.add(report.address)
            heard(report)

        peer.radio.on_report = note
        wearer.press()
        world.run_for(3.0)
        assert len(peer.heard) >= 2
        assert {one.frame for one in peer.heard} <= set(frames.values())
        assert len(addresses) == len(peer.heard)
        peer.answer_op = STORED
        assert world.run_until(lambda: STORED in stages, 5.0)
        before = len(frames)
        world.run_for(10.0)
        assert len(frames) == before


def test_a_wearer_that_lives_is_answered(tmp_path: Path) -> None:
    with World(tmp_path, loss=0.0) as world:
        peer = Peer(world, KEY)
        peer.answer_op = STORED
        wearer = AirWearer(world, "wearer", KEY, Random(1))
        stages: list[int] = []
        wearer.on_answer = lambda _counter, stage: stages.append(stage)
        wearer.heartbeat()
        assert world.run_until(lambda: bool(stages), 2.0)

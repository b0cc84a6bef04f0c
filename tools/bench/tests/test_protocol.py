"""The bench runs with next to no effort, and writes exactly the figures that are asked for."""

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from protocol.errors import BadTag, UnknownDevice
from tools import cli
from tools.bench import figures, needs, protocol, rounds
from tools.bench.bthome import BthomeButton
from tools.bench.micropython_frame import frame_cost
from tools.bench.rounds import Work, race
from tools.bench.site import REPEATS, Site

TINY = protocol.Effort(rounds=2, units=20, frames=50, devices=30)
KEYS = {
    "accept_fps_1000",
    "bthome_fps",
    "accept_vs_bthome",
    "unknown_vs_accept",
    "duplicate_vs_accept",
    "forged_vs_accept",
    "mp_heap_bytes_per_frame",
    "mp_us_per_frame",
    "lookahead_1000_mb",
    "alert_bytes",
    "ack_bytes",
    "heartbeat_bytes",
}


def test_the_command_prints_all_and_writes_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "Effort", lambda: TINY)
    path = tmp_path / "figures.json"
    result = CliRunner().invoke(cli.app, ["bench", "protocol", "--json", str(path)])
    assert result.exit_code == 0, result.output
    written = json.loads(path.read_text())
    assert set(written) == KEYS
    assert all(type(value) in (int, float) for value in written.values())
    assert written["mp_heap_bytes_per_frame"] == 0
    assert [written[name] for name in ("alert_bytes", "ack_bytes", "heartbeat_bytes")] == [15] * 3
    for said in (
        "no AES",
        "unknown hint",
        "bthome-ble",
        "SF12",
        "Meshtastic, 36",
        "1155.1",
        "Bars",
    ):
        assert said in result.output


def test_the_heap_of_a_board_is_counted_on_32_bits() -> None:
    cost = frame_cost("i386", 20)
    assert (cost.bits, cost.heap_bytes) == (32, 0)


def test_a_race_alternates_and_prepares_outside_the_time() -> None:
    order: list[str] = []

    def contestant(name: str) -> rounds.Prepare:
        return lambda: Work(4, lambda: order.append(name))

    times = race({"a": contestant("a"), "b": contestant("b")}, 3)
    assert "".join(order) == "ab" + "ab" + "ba" + "ab"
    assert [len(times.us[name]) for name in "ab"] == [3, 3]
    times.us = {"a": [1.0, 4.0, 3.0], "b": [2.0, 2.0, 2.0]}
    assert (times.ratio("a", "b"), times.median_us("a")) == (1.5, 3.0)


def test_the_site_does_what_its_rounds_are_named_for() -> None:
    site = Site(3)
    before = [state.window.highest for state in site._states.values()]
    site.accepting(6).run()
    assert [state.window.highest for state in site._states.values()] == [n + 2 for n in before]
    for work in (site.unknown(5), site.forged(5)):
        work.run()
    heard = {name: state.recent_to_bytes() for name, state in site._states.items()}
    again = site.duplicates(3 * REPEATS)
    assert again.units == 3 * REPEATS
    after = {name: state.recent_to_bytes() for name, state in site._states.items()}
    again.run()
    assert after == {name: state.recent_to_bytes() for name, state in site._states.items()} != heard


def test_forged_frames_have_live_hints_and_unknown_ones_have_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site(3)
    raised: list[type[Exception]] = []

    def refuses(payloads: list[bytes]) -> int:
        for payload in payloads:
            try:
                site.accept(payload)
            except (BadTag, UnknownDevice) as error:
                raised.append(type(error))
        return len(payloads)

    monkeypatch.setattr(site, "refuses", refuses)
    site.forged(2).run()
    site.unknown(2).run()
    assert raised == [BadTag, BadTag, UnknownDevice, UnknownDevice]


def test_a_round_that_measures_something_else_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(1)
    monkeypatch.setattr(site, "refuses", lambda payloads: 0)
    with pytest.raises(RuntimeError, match="was taken"):
        site.unknown(1).run()
    button = BthomeButton()
    monkeypatch.setattr(button, "receive", lambda payload: None)
    with pytest.raises(RuntimeError, match="did not decrypt"):
        button.receiving(1).run()


def test_what_is_missing_is_installed_from_the_lock_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda argv, check: ran.append(argv))
    needs.ensure(["pytest"])
    assert ran == []
    needs.ensure(["pytest", "no-such-package-of-ours"])
    assert ran[0][-3:] == ["--require-hashes", "--requirement", str(needs.LOCK)]


def test_columns_line_up() -> None:
    assert figures.columns("t", [("a", "bb"), ("ccc", "d")]) == "t\n  a    bb\n  ccc   d\n"


def test_a_missed_bar_is_said() -> None:
    met = dict.fromkeys(KEYS, 0) | {"accept_vs_bthome": 3}
    assert "MISSED" not in protocol._bars(met)
    assert protocol._bars(met | {"forged_vs_accept": 1.01}).count("MISSED") == 1

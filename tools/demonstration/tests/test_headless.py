"""The demo as its user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.demonstration.timeline import STAGES


def _demo(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [Path(sys.executable).with_name("tocsin"), "demo", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_twenty_presses_an_outage_and_a_kill_lose_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = _demo("--headless", "--json", str(out), "--lang", "en")

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    account = json.loads(out.read_text())
    presses = account["presses"]
    assert account["lost"] == account["duplicated"] == 0
    assert account["micropython"][0].isdigit()
    assert len(presses) == 20
    assert {press["device"] for press in presses} == {"button-1", "button-2"}
    assert {press["kind"] for press in presses} == {"panic", "hold_up"}
    assert {press["note"] for press in presses} == {"", "broker outage", "gateway killed"}
    for press in presses:
        assert all(isinstance(press[stage], float) for stage in STAGES), press
        assert press["on_air"] <= press["received"] <= press["stored"] <= press["felt_stored"]
        assert press["acknowledged"] <= press["felt_acknowledged"]


def test_a_named_micropython_that_is_none_is_refused_and_never_replaced() -> None:
    done = _demo("--headless", TOCSIN_MICROPYTHON=sys.executable)

    assert done.returncode == 1
    assert "MicroPython" in done.stderr
    assert "TOCSIN_MICROPYTHON" in done.stderr
    assert "Traceback" not in done.stderr

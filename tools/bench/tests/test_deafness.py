"""Each way of being deaf, caused on the virtual air with real firmware, is noticed and restored."""

from pathlib import Path

import pytest

from gateway.tests.bench import Bench
from tools.bench import deafness

DEAF_BAR_S = 90.0
_TOLD = (
    "SELECT type, json_extract(data, '$.source'), json_extract(data, '$.code') FROM outbox"
    " WHERE target = ? ORDER BY id"
)


@pytest.mark.slow
def test_a_scan_that_dies_is_noticed_within_90_seconds_and_restored(tmp_path: Path) -> None:
    noticed = deafness.scan_dies(tmp_path)
    assert set(noticed.faults) == {"deaf_ble", "deaf"}
    assert 60.0 <= noticed.faults["deaf_ble"] < noticed.faults["deaf"] <= DEAF_BAR_S
    assert set(noticed.restores) == {"deaf_ble", "deaf"}


@pytest.mark.slow
def test_a_head_that_hangs_is_noticed_within_90_seconds_and_restored(tmp_path: Path) -> None:
    noticed = deafness.head_hangs(tmp_path)
    assert set(noticed.faults) == {"deaf"}
    assert noticed.faults["deaf"] <= DEAF_BAR_S
    assert "deaf" in noticed.restores


@pytest.mark.slow
async def test_jamming_is_told_upstream_and_restored_when_the_air_is_free(tmp_path: Path) -> None:
    noticed = deafness.lora_jammed(tmp_path)
    assert set(noticed.faults) == {"jammed_lora"}
    assert 30.0 <= noticed.faults["jammed_lora"] <= 45.0
    assert set(noticed.restores) == {"jammed_lora"}
    assert 5.0 < noticed.restores["jammed_lora"] <= 75.0
    gateway = Bench(tmp_path)
    await gateway.open()
    for event in noticed.told:
        assert await gateway.post(event) == "done"
    rows = await gateway.store.read(lambda found: found.execute(_TOLD, ("broker",)).fetchall())
    await gateway.store.close()
    assert rows == [
        (f"tocsin.gateway.{what}", "radio.head", "jammed_lora") for what in ("fault", "restore")
    ]

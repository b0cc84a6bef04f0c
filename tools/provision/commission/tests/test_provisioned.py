"""What a record of provisioning tells, whatever stands in the file."""

import json
from pathlib import Path

import pytest

from tools.provision.commission.provisioned import Provisioned, of

AT, MAC = "2026-01-30T10:00:00+00:00", "24:0a:c4:00:00:01"


def written(folder: Path, self_test: object) -> Path:
    record = {"at": AT, "mac": MAC, "self_test": self_test}
    (folder / "button-01.json").write_text(json.dumps(record))
    return folder


def test_a_round_trip_is_told_with_its_levels(tmp_path: Path) -> None:
    radio = {"address": "240ac4000001", "round_trip": True, "up_dbm": -58, "down_dbm": -61}
    found = of(written(tmp_path, {"radio": radio}), "button-01")
    assert found == Provisioned(AT, MAC, -58, -61)
    assert found.round_trip


@pytest.mark.parametrize(
    "radio", [{"address": "240ac4000001", "round_trip": False}, "240ac4000001", None]
)
def test_none_is_told_where_none_was_made(tmp_path: Path, radio: object) -> None:
    found = of(written(tmp_path, {"radio": radio}), "button-01")
    assert found == Provisioned(AT, MAC)
    assert not found.round_trip


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"self_test": 1}', "\xff"])
def test_what_is_no_record_tells_nothing(tmp_path: Path, text: str) -> None:
    assert of(tmp_path, "button-01") is None
    (tmp_path / "button-01.json").write_text(text, encoding="latin-1")
    assert of(tmp_path, "button-01") is None

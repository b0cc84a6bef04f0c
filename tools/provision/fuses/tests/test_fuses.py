"""Fuses, in espefuse's own virtual mode: refused, explained, typed, burned, read back, recorded."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tools.cli import app
from tools.provision.fuses import table
from tools.provision.fuses.burner import BurnFailed, Chip, mac_of
from tools.provision.fuses.table import CHIPS, OPTIONS
from tools.provision.fuses_cli import Kind, Name

# espefuse takes a second to start, each time.
MAC = "00:00:00:00:00:00"  # of a virtual chip that nobody gave one


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")


class FakeChip:
    """Fuses in memory, which count what is burned."""

    kind = "esp32c3"
    practice = Path("fuses.bin")

    def __init__(self, *, works: bool = True) -> None:
        self.burned: list[str] = []
        self.works = works

    def summary(self) -> dict[str, object]:
        known = [fuse for option in OPTIONS.values() for fuse in option.fuses]
        return {fuse: fuse in self.burned and self.works for fuse in known} | {"MAC": f"{MAC} (OK)"}

    def burn(self, fuses: Sequence[str]) -> None:
        self.burned += fuses


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeChip:
    chip = FakeChip()
    monkeypatch.setattr("tools.provision.fuses_cli._chip", lambda *_: chip)
    return chip


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["fuses", *map(str, words)], input=f"{typed}\n")


def burn(name: str, record: Path, typed: str = "") -> Result:
    options = ["--chip", "esp32c3", "--by", "A. Petit", "--port", "x", "--record", record]
    return run("burn", name, *options, typed=typed)


def lines(record: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


@pytest.mark.parametrize("name", ["encryption", "secure-boot"])
def test_what_would_kill_a_stock_image_is_refused_whatever_is_typed(
    name: str, fake: FakeChip, tmp_path: Path
) -> None:
    result = burn(name, tmp_path / "r", typed=f"burn {name} 0000")
    assert result.exit_code == 1
    assert "REFUSED" in result.output
    assert "would never start again" in " ".join(result.output.split())
    assert fake.burned == []
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("typed", ["", "y", "yes", "burn jtag", "burn jtag 0001", "BURN JTAG 0000"])
def test_nothing_is_burned_unless_the_very_words_are_typed(
    typed: str, fake: FakeChip, tmp_path: Path
) -> None:
    result = burn("jtag", tmp_path / "r", typed=typed)
    assert result.exit_code == 1
    assert "nothing was burned" in result.output
    assert fake.burned == []
    assert not (tmp_path / "r").exists()


def test_it_is_recorded_before_and_after(fake: FakeChip, tmp_path: Path) -> None:
    assert burn("jtag", tmp_path / "r", typed="burn jtag 0000").exit_code == 0
    begun, ended = lines(tmp_path / "r")
    assert (begun["what"], ended["what"]) == ("begun", "burned")
    for line in (begun, ended):
        assert line["fuses"] == ["DIS_PAD_JTAG", "DIS_USB_JTAG"]
        assert (line["mac"], line["by"], line["chip"]) == (MAC, "A. Petit", "esp32c3")
    again = burn("jtag", tmp_path / "r")
    assert (again.exit_code, "burned already" in again.output) == (0, True)
    assert len(lines(tmp_path / "r")) == 2


def test_what_cannot_be_written_down_is_not_burned(fake: FakeChip, tmp_path: Path) -> None:
    result = burn("jtag", tmp_path / "no" / "r", typed="burn jtag 0000")
    assert (result.exit_code, "nothing was burned" in result.output) == (1, True)
    assert fake.burned == []


def test_a_fuse_that_reads_back_unburned_is_no_success(fake: FakeChip, tmp_path: Path) -> None:
    fake.works = False
    result = burn("jtag", tmp_path / "r", typed="burn jtag 0000")
    assert (result.exit_code, lines(tmp_path / "r")[-1]["what"]) == (1, "not_burned")


def test_what_forbids_reading_is_not_said_to_be_read_back(fake: FakeChip, tmp_path: Path) -> None:
    result = burn("secure-download", tmp_path / "r", typed="burn secure-download 0000")
    assert result.exit_code == 0
    assert "cannot read it back" in result.output
    assert lines(tmp_path / "r")[-1]["what"] == "burned_unread"


def test_the_command_line_offers_what_the_table_has() -> None:
    assert [each.value for each in Name] == list(OPTIONS)
    assert [each.value for each in Kind] == list(CHIPS)


def test_every_option_is_explained_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    english = run("explain").output
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    french = run("explain").output
    for name in OPTIONS:
        assert f"{name}:" in english
        assert f"{name} :" in french


def test_a_port_or_a_file_and_not_both(tmp_path: Path) -> None:
    assert run("show", "--chip", "esp32c3").exit_code == 2
    both = ["--port", "x", "--practice", tmp_path / "f"]
    assert run("show", "--chip", "esp32c3", *both).exit_code == 2


def test_a_port_with_no_board_is_said() -> None:
    result = run("show", "--chip", "esp32c3", "--port", "/dev/tty-no-board")
    assert (result.exit_code, "espefuse:" in result.output) == (1, True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHIPS)
def test_a_virtual_chip_has_burned_what_was_asked_and_nothing_else(
    kind: str, tmp_path: Path
) -> None:
    chip = Chip(kind, practice=tmp_path / "fuses.bin")
    before = chip.summary()
    for name in ("jtag", "secure-download", "no-download"):
        typed = table.confirmation(OPTIONS[name], mac_of(before))
        options = ["--chip", kind, "--by", "x", "--practice", tmp_path / "fuses.bin"]
        result = run("burn", name, *options, "--record", tmp_path / "r", typed=typed)
        assert result.exit_code == 0, result.output
    after = chip.summary()
    changed = {name for name in before if before[name] != after[name]}
    wanted = {fuse for option in OPTIONS.values() if not option.refused for fuse in option.fuses}
    assert changed == wanted
    assert all(after[name] is True for name in wanted)
    assert all(line["practice"] is True for line in lines(tmp_path / "r"))
    shown = run("show", "--chip", kind, "--practice", tmp_path / "fuses.bin")
    assert shown.output.count(": -") == 3


@pytest.mark.slow
def test_a_fuse_that_the_chip_lacks_is_refused_by_espefuse(tmp_path: Path) -> None:
    with pytest.raises(BurnFailed):
        Chip("esp32c3", practice=tmp_path / "fuses.bin").burn(["NO_SUCH_FUSE"])

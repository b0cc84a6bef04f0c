"""Labels and cards: a reader by others reads the printed page; nothing on it is a key."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from firmware.core import indication, settings
from tools.cli import app
from tools.provision import plan
from tools.provision.identity import Planned
from tools.provision.installer_cli import Stickers
from tools.provision.paper import cards, labels, signals
from tools.provision.paper.check_digits import check_digits, fits
from tools.provision.paper.labels import Stock
from tools.provision.paper.pdf import printable
from tools.provision.paper.sheets import SHEETS

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "plan.toml"
NOW = datetime(2026, 1, 31, tzinfo=UTC)
IDS = st.text("ABCXYZabcxyz0189._-", min_size=1, max_size=64)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")


def devices(count: int, label: str = "Dr Martin") -> list[Planned]:
    values = {"role": "panic_button", "board": "esp32c3_devkit"}
    return [
        Planned(f"button-{n:02}", "panic_button", label, f"Room {n}", values)
        for n in range(1, count + 1)
    ]


def page(path: Path, number: int = 0, dpi: int = 300) -> Any:
    return pypdfium2.PdfDocument(path)[number].render(scale=dpi / 72).to_pil()


def text(path: Path, number: int = 0) -> str:
    return str(pypdfium2.PdfDocument(path)[number].get_textpage().get_text_bounded())


@given(IDS, st.data())
def test_any_one_wrong_character_and_any_swapped_neighbours_are_told(
    name: str, data: st.DataObject
) -> None:
    digits = check_digits(name)
    at = data.draw(st.integers(0, len(name) - 1))
    other = data.draw(st.sampled_from("ABCXYZabcxyz0189._-").filter(lambda c: c != name[at]))
    assert fits(name, digits)
    assert not fits(name[:at] + other + name[at + 1 :], digits)
    if at and name[at] != name[at - 1]:
        swapped = name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]
        assert not fits(swapped, digits)


def test_check_digits_are_two_digits_of_ascii() -> None:
    assert {len(check_digits(f"button-{n}")) for n in range(300)} == {2}
    with pytest.raises(ValueError, match="ASCII"):
        check_digits("é")


@pytest.mark.parametrize("name", SHEETS)
def test_a_reader_reads_every_label_of_every_sheet(name: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    longest = Planned("x" * 64, "call_box", "", "Parking", {})
    printed = [*devices(3), longest]
    sheet = SHEETS[name]
    pages = labels.write(path, printed, Stock(sheet), NOW)
    assert pages == -(-len(printed) // (sheet.columns * sheet.rows))
    read = [code.text for n in range(pages) for code in zxingcpp.read_barcodes(page(path, n))]
    assert sorted(read) == sorted(labels.code_of(device) for device in printed)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_stickers_lie_on_the_page_and_not_on_each_other(sheet: Any) -> None:
    places = list(sheet.places())
    assert len(set(places)) == sheet.columns * sheet.rows
    for x, y in places:
        assert -0.01 <= x <= sheet.page[0] - sheet.width + 0.01
        assert -0.01 <= y <= sheet.page[1] - sheet.height + 0.01
    assert {sheet.name for sheet in SHEETS.values()} == {each.value for each in Stickers}


def test_a_used_sheet_goes_on_at_its_first_free_sticker(tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    assert labels.write(path, devices(3), Stock(SHEETS["L7651"], first=64), NOW) == 2
    assert [code.text for code in zxingcpp.read_barcodes(page(path, 1))] == [
        labels.code_of(devices(3)[2])
    ]


def test_a_label_names_no_person_and_has_its_text_beside_the_code(tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    labels.write(path, devices(1), Stock(SHEETS["L7160"]), NOW)
    shown = text(path)
    assert "Martin" not in shown
    assert "button-01" in shown
    assert f"contrôle {check_digits('button-01')}" in shown
    labels.write(path, devices(1), Stock(SHEETS["L7160"], language="en"), NOW)
    assert "panic button" in text(path)


def test_every_pattern_of_the_firmware_has_its_row_with_both_languages() -> None:
    rows = signals.signals(visits=True)
    assert len(rows) == len(indication.PATTERNS)
    assert {row.pulses_ms for row in rows} == set(indication.PATTERNS.values())
    assert all(row.english and row.french and row.english != row.french for row in rows)
    help_row = next(row for row in rows if row.name == "HELP")
    assert (help_row.english, help_row.french) == ("a person is coming", "quelqu'un arrive")
    assert "VISIT" not in {row.name for row in signals.signals(visits=False)}


def test_presses_are_those_of_this_device_in_its_own_times() -> None:
    chosen = settings.of({"main": "-p--c", "second": "--h--", "hold_ms": 700, "cancel_ms": 4_500})
    assert list(cards.presses(chosen, second=True, language="en")) == [
        ("main: two presses", "calls for help"),
        ("main: hold 4.5 s", "withdraws the call"),
        ("second: three presses", "calls for help, in silence"),
    ]
    assert list(cards.presses(chosen, second=False, language="fr")) == [
        ("deux appuis", "appelle à l'aide"),
        ("tenir 4,5 s", "annule l'appel"),
    ]


def test_each_wearer_has_a_card_in_french_and_in_english(tmp_path: Path) -> None:
    read = plan.read(EXAMPLE)
    path = tmp_path / "cards.pdf"
    assert cards.write(path, read.site, read.devices, NOW) == 2
    assert len(pypdfium2.PdfDocument(path)) == 4
    french, english = text(path, 0), text(path, 1)
    for shown in ("Vos gestes", "MSP des Lilas", "button-01", "quelqu'un arrive", "visite"):
        assert shown in french
    for shown in ("What you press", "a person is coming", "begins a visit of 30 min"):
        assert shown in english
    assert "visite" not in text(path, 2)  # that button has none


def test_a_card_stays_on_its_page_also_with_every_gesture_and_signal(tmp_path: Path) -> None:
    values = {"role": "panic_button", "board": "esp32c3_devkit", "main": "qphvc", "second": "mvehp"}
    path = tmp_path / "cards.pdf"
    cards.write(path, "S" * 100, [Planned("b" * 64, "panic_button", "l", "p", values)], NOW)
    assert len(pypdfium2.PdfDocument(path)) == 2
    drawn = page(path, 0, 100).convert("L")
    margin = 12
    whole = (0, 0, *drawn.size)
    inside = (margin, margin, drawn.size[0] - margin, drawn.size[1] - margin)
    ink = [drawn.crop(box).histogram()[0] for box in (whole, inside)]
    assert ink[0] == ink[1] > 0


def test_letters_the_font_lacks_lose_their_marks() -> None:
    assert printable("Œuvre Dvořák — né") == "Œuvre Dvorák — né"
    assert printable("\u4e2d") == "?"


def test_the_commands_write_what_they_say(tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert "4 devices, no mistake" in run(app, ["plan", str(EXAMPLE)]).output
    for command in ("labels", "cards"):
        out = tmp_path / f"{command}.pdf"
        assert run(app, [command, str(EXAMPLE), "--out", str(out)]).exit_code == 0
        assert out.read_bytes().startswith(b"%PDF")
        lost = run(app, [command, str(EXAMPLE), "--out", str(tmp_path / "no" / "x.pdf")])
        assert lost.exit_code == 1


def test_a_plan_with_mistakes_is_told_whole_and_prints_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "plan.toml"
    bad.write_text('[[device]]\nid = "a b"\nrole = "panic_button"\n')
    result = CliRunner().invoke(app, ["plan", str(bad)])
    assert result.exit_code == 1
    assert "line 2, id" in result.output
    assert "4 mistakes" in result.output
    assert io.StringIO(result.output).readline().startswith("line 1")

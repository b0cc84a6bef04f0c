"""What people see: aligned columns, local times, words for yes and no; programs get it all, as JSON."""

import json

import pytest

from gateway.commands.terminal import cell, show_rows, table

Capture = pytest.CaptureFixture[str]
ROWS: list[dict[str, object]] = [
    {"device": "b-1", "heard_at": None, "cancelled": True, "faults": []},
    {"device": "button-02", "heard_at": None, "cancelled": False, "faults": ["tamper", "low"]},
]


def test_columns_are_aligned_under_their_headings() -> None:
    lines = table(ROWS, ("device", "cancelled", "faults")).splitlines()
    assert lines == [
        "device     cancelled  faults",
        "b-1        yes        -",
        "button-02  no         tamper, low",
    ]


def test_headings_and_words_are_french_for_the_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    assert table(ROWS[:1], ("device", "cancelled")).split() == ["appareil", "annulé", "b-1", "oui"]


def test_a_column_without_a_heading_of_its_own_shows_its_name() -> None:
    assert table([{"zeal": 1}], ("zeal",)) == "zeal\n1"


def test_times_are_local(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cell("opened_at", 0.0).startswith(("1970-01-01 ", "1969-12-31 "))
    assert cell("resident_mb", 0.5) == "0.5"


def test_what_is_nested_is_shown_flat() -> None:
    assert cell("heard", {"fresh": 3, "bad_tag": 1}) == "fresh 3, forged 1"


def test_codes_are_words_but_a_label_that_looks_like_one_is_not() -> None:
    assert cell("state", "off_duty") == "off duty"
    assert cell("label", "off_duty") == "off_duty"
    assert cell("state", "unheard_of") == "unheard_of"


def test_a_program_gets_every_field(capsys: Capture) -> None:
    show_rows(ROWS, ("device",), as_json=True)
    assert json.loads(capsys.readouterr().out) == ROWS


def test_nothing_is_said_to_be_none(capsys: Capture) -> None:
    show_rows([], ("device",), as_json=False)
    assert capsys.readouterr().out == "none\n"
    show_rows([], ("device",), as_json=True)
    assert capsys.readouterr().out == "[]\n"

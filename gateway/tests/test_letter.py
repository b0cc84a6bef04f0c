"""An event as a person reads it, in both languages, by e-mail and on a telephone."""

import pytest

from gateway.tests.rows import row
from gateway.upstream.letter import Letter, of_row

LINK = "https://alerts.example.org/ack/x"


def letter(name: str = "tocsin.alert.raised", language: str = "en", **data: object) -> Letter:
    found = of_row(row(1, name, **data), "msp", language, labels=False)
    assert found is not None
    return found


def test_an_alert_says_what_where_and_when_and_how_to_take_it() -> None:
    told = letter(access={"address": "12 rue des Lilas"})
    assert told.subject == "[msp] ALERT: panic, reception"
    assert told.message("en", LINK).splitlines() == [
        "Site: msp",
        "Time: 1970-01-01 00:16:40 UTC",
        "Device: button-01",
        "12 rue des Lilas",
        "",
        "To take this alert, open this link and press the button:",
        LINK,
    ]
    assert told.text("en", LINK) == f"ALERT: panic, reception\n\n{told.message('en', LINK)}\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tocsin.alert.raised", {"state": "acknowledged"}),
        ("tocsin.alert.closed", {"state": "closed"}),
        ("tocsin.alert.cancelled", {"cancelled": True}),
        ("tocsin.test.trial", {}),
    ],
)
def test_what_calls_nobody_has_no_link(name: str, data: dict[str, object]) -> None:
    assert LINK not in letter(name, "en", **data).message("en", LINK)


@pytest.mark.parametrize(("language", "words"), [("en", "do not call"), ("fr", "n'appelez pas")])
def test_of_a_silent_one_nobody_calls_the_person(language: str, words: str) -> None:
    assert words in letter(language=language, silent=True).message(language, None)
    assert words not in letter(language=language).message(language, None)


def test_what_an_installer_wrote_makes_no_line_of_its_own() -> None:
    told = letter(place="a\r\nBcc: b", access={"notes": "c\nd"})
    assert len(told.subject.splitlines()) == 1
    assert "c d" in told.lines


def test_what_people_need_not_know_is_no_letter() -> None:
    for name in ("tocsin.gateway.fault", "tocsin.alert.verified", "tocsin.device.reported"):
        assert of_row(row(1, name), "msp", "fr", labels=True) is None

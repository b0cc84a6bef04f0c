import pytest

from firmware.core import gestures, press, settings
from firmware.core.chosen import Settings
from firmware.core.gestures import MAIN, SECOND, Gestures

ALL = (press.SHORT, press.DOUBLE, press.TRIPLE, press.HOLD, press.LONG_HOLD)


def test_defaults_are_those_of_the_table() -> None:
    table = Gestures(Settings.main, Settings.second)
    assert [table.action(MAIN, gesture) for gesture in ALL] == [
        gestures.ASK,
        gestures.RAISE_PANIC,
        gestures.RAISE_HOLD_UP,
        gestures.RAISE_PANIC,
        gestures.CANCEL,
    ]
    assert [table.action(SECOND, gesture) for gesture in ALL] == [
        gestures.NOTHING,
        gestures.RAISE_HOLD_UP,
        gestures.RAISE_HOLD_UP,
        gestures.RAISE_HOLD_UP,
        gestures.NOTHING,
    ]


@pytest.mark.parametrize("gesture", ALL)
def test_each_place_is_one_gesture(gesture: int) -> None:
    letters = ["-"] * 5
    letters[gesture - 1] = "m"
    table = Gestures("".join(letters), "-----")
    assert table.action(MAIN, gesture) == gestures.RAISE_MEDICAL
    assert {table.action(SECOND, other) for other in ALL} == {gestures.NOTHING}


def test_settings_know_the_same_letters() -> None:
    assert gestures.__doc__
    for letter in "qphmcve-":
        assert settings.of({"second": letter * 5}).refused == ()
        assert f"{letter}  " in gestures.__doc__
    assert settings.of({"second": "qqqqx"}).refused == ("second",)

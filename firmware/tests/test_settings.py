from hypothesis import given
from hypothesis import strategies as st

from firmware.core import settings
from firmware.core.settings import Settings

NAMES = ("role", "board", "hold_ms", "cancel_ms", "heartbeat_s", "discreet")


def values_of(found: Settings) -> dict[str, object]:
    return {name: getattr(found, name) for name in NAMES}


DEFAULTS = values_of(Settings({}, True))


def test_what_is_set_differs_from_the_defaults_and_nothing_else() -> None:
    found = settings.unpack(settings.pack({"hold_ms": 1_200, "role": "radio_head"}))
    assert found.whole
    assert values_of(found) == DEFAULTS | {"hold_ms": 1_200, "role": "radio_head"}


def test_unknown_names_are_left_alone() -> None:
    found = settings.unpack(settings.pack({"colour": "red", "heartbeat_s": 60}))
    assert values_of(found) == DEFAULTS | {"heartbeat_s": 60}
    assert not hasattr(found, "colour")


def test_missing_record_gives_the_safe_defaults() -> None:
    found = settings.unpack(b"")
    assert not found.whole
    assert values_of(found) == DEFAULTS
    assert found.discreet


@given(st.integers(0, 8 * len(settings.pack({"hold_ms": 1_200})) - 1))
def test_broken_record_gives_the_safe_defaults(bit: int) -> None:
    record = bytearray(settings.pack({"hold_ms": 1_200}))
    record[bit // 8] ^= 1 << bit % 8
    found = settings.unpack(bytes(record))
    assert not found.whole
    assert values_of(found) == DEFAULTS


def test_every_setting_fits_the_record() -> None:
    everything: dict[str, int | str] = dict.fromkeys(NAMES, "x" * 20)
    assert len(settings.pack(everything)) <= settings.LONGEST

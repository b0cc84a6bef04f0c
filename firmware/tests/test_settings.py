import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core import settings
from firmware.core.chosen import Settings
from firmware.core.settings import LIMITS, WORDS

NAMES = [
    name
    for name in vars(Settings)
    if not name.startswith("_") and not callable(getattr(Settings, name))
]


def values_of(found: Settings) -> dict[str, object]:
    return {name: getattr(found, name) for name in NAMES}


def load(*copies: bytes) -> Settings:
    blobs = dict(zip(settings.NAMES, copies, strict=False))
    return settings.load(lambda key, _longest: blobs.get(key, b""))


DEFAULTS = values_of(settings.of({}))


def test_what_is_set_differs_from_the_defaults_and_nothing_else() -> None:
    found = load(settings.pack({"hold_ms": 1_200, "role": "radio_head"}))
    assert found.whole
    assert not found.broken()
    assert values_of(found) == DEFAULTS | {"hold_ms": 1_200, "role": "radio_head"}


def test_unknown_names_are_left_alone() -> None:
    found = load(settings.pack({"colour": "red", "broken": 1, "heartbeat_s": 60}))
    assert values_of(found) == DEFAULTS | {"heartbeat_s": 60}
    assert not hasattr(found, "colour")
    assert not found.broken()


def test_the_newer_of_two_whole_copies_counts() -> None:
    older, newer = settings.pack({"hold_ms": 1_000}, 6), settings.pack({"hold_ms": 2_000}, 7)
    assert load(older, newer).hold_ms == load(newer, older).hold_ms == 2_000
    assert load(older, newer[:-1]).hold_ms == load(b"", older).hold_ms == 1_000


def test_without_a_whole_copy_there_are_the_safe_defaults() -> None:
    for copies in ((), (b"", b""), (b"{}", bytes(30)), (settings.pack({"hold_ms": 1})[:-2],)):
        found = load(*copies)
        assert not found.whole
        assert found.broken()
        assert values_of(found) == DEFAULTS
        assert found.discreet


@pytest.mark.parametrize("text", [b"", b"[1, 2]", b"7", b'{"hold_ms": 900', b"\xff"])
def test_a_whole_copy_of_nonsense_is_no_copy(text: bytes) -> None:
    found = load(settings._COPIES.pack(text, 1))
    assert not found.whole
    assert values_of(found) == DEFAULTS


@given(st.integers(0, 8 * len(settings.pack({"hold_ms": 1_200})) - 1))
def test_broken_record_gives_the_safe_defaults(bit: int) -> None:
    record = bytearray(settings.pack({"hold_ms": 1_200}))
    record[bit // 8] ^= 1 << bit % 8
    assert values_of(settings.unpack(bytes(record))) == DEFAULTS


@pytest.mark.parametrize("name", LIMITS)
def test_a_number_outside_its_limits_is_refused_by_name_and_the_rest_is_kept(name: str) -> None:
    low, high = LIMITS[name]
    for bad in (low - 1, high + 1, "7", None, [low], 1.5 + low):
        found = settings.of({name: bad, "siren_s": 33, "visit_min": 35})  # type: ignore[dict-item]
        if name not in ("siren_s", "visit_min"):
            assert (found.siren_s, found.visit_min) == (33, 35)
            assert found.refused == (name,)
            assert found.broken()
            assert getattr(found, name) == DEFAULTS[name]
        else:
            assert getattr(found, name) in (33, 35) or name in found.refused
    assert settings.allowed(name, low)
    assert settings.allowed(name, high)


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    "bad", ["", "x" * 40, "../main", "panic button", "Qphpc", "qphp!", 3, None]
)
def test_a_bad_word_is_refused(name: str, bad: object) -> None:
    found = settings.of({name: bad})  # type: ignore[dict-item]
    assert name in found.refused
    assert getattr(found, name) == DEFAULTS[name]


def test_a_button_without_any_alert_is_refused() -> None:
    found = settings.of({"main": "q-v-e", "second": "-----"})
    assert (found.main, found.second) == (DEFAULTS["main"], DEFAULTS["second"])
    assert set(found.refused) == {"main", "second"}
    assert settings.of({"main": "-----", "second": "---m-"}).refused == ()


def test_a_cancel_shorter_than_an_alert_is_refused() -> None:
    found = settings.of({"hold_ms": 3_000, "cancel_ms": 2_500})
    assert (found.hold_ms, found.cancel_ms) == (DEFAULTS["hold_ms"], DEFAULTS["cancel_ms"])


@pytest.mark.parametrize("hz", [869_462_500, 869_525_000, 869_587_500])
def test_a_channel_inside_the_band_is_taken(hz: int) -> None:
    assert settings.of({"lora_hz": hz}).lora_hz == hz


@pytest.mark.parametrize("hz", [868_100_000, 869_462_499, 869_587_501, 915_000_000])
def test_a_channel_that_leaves_the_band_is_refused(hz: int) -> None:
    assert settings.of({"lora_hz": hz}).refused == ("lora_hz",)


def test_power_is_what_the_board_may_give_at_most() -> None:
    found = settings.of({"lora_dbm": 27})
    settings.fit(found, 22)
    assert (found.lora_dbm, found.refused) == (22, ("lora_dbm",))
    modest = settings.of({"lora_dbm": 14})
    settings.fit(modest, 22)
    assert (modest.lora_dbm, modest.refused) == (14, ())


def test_a_call_box_beats_every_five_minutes_unless_told_otherwise() -> None:
    assert settings.of({"role": "call_box"}).heartbeat_s == 300
    assert settings.of({"role": "call_box", "heartbeat_s": 600}).heartbeat_s == 600
    assert settings.of({"role": "call_box", "heartbeat_s": 1}).heartbeat_s == 300


def test_every_default_is_allowed() -> None:
    assert all(settings.allowed(name, value) for name, value in DEFAULTS.items())
    assert set(LIMITS) | set(WORDS) == set(NAMES)


def test_the_longest_settings_fit() -> None:
    longest: settings.Values = {name: high for name, (_, high) in LIMITS.items()}
    longest |= {"role": "panic_button", "board": "x" * 24, "chemistry": "li_mno2"}
    longest |= {"main": "qphpc", "second": "qphpc"}
    assert len(settings.pack(longest)) <= settings.LONGEST


def test_store_alternates_and_reads_back() -> None:
    flash: dict[str, bytes] = {}

    def read(key: str, _longest: int) -> bytes:
        return flash.get(key, b"")

    for hold_ms in (900, 1_000, 1_100):
        assert settings.store({"hold_ms": hold_ms}, read, flash.__setitem__)
        assert settings.load(read).hold_ms == hold_ms
    assert set(flash) == set(settings.NAMES)
    assert not settings.store({"hold_ms": 1_200}, read, lambda _key, _blob: None)
    with pytest.raises(ValueError, match="too long"):
        settings.store({"board": "x" * 800}, read, flash.__setitem__)


def test_any_values_at_all_give_settings_that_work() -> None:
    odd = [0, -1, 1 << 40, "", "phm", None, [], {}, True, 0.5]
    for value in odd:
        found = settings.of(dict.fromkeys(NAMES, value))  # type: ignore[arg-type]
        assert all(settings.allowed(name, got) for name, got in values_of(found).items())

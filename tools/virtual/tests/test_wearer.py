import pytest

from firmware.core.indication import PATTERNS, RECEIVED, SENT
from tools.virtual.wearer import NAMES, Feeling, Wearer


class Skin:
    """Plays pulses to a wearer."""

    def __init__(self) -> None:
        self.now_us = 1_000_000
        self.wearer = Wearer(lambda: self.now_us)

    def play(self, *lengths_ms: float) -> None:
        """Play on, off, on, ... and a pause."""
        for at, length_ms in enumerate(lengths_ms):
            self.wearer.motor((at + 1) % 2)
            self.now_us += round(length_ms * 1000)
        self.wearer.motor(0)
        self.now_us += 100_000

    def names(self) -> list[str]:
        return [feeling.name for feeling in self.wearer.feelings]


@pytest.mark.parametrize("what", sorted(PATTERNS))
@pytest.mark.parametrize("off_ms", [-10, 0, 10])
def test_each_pattern_is_felt_once_from_its_first_pulse(what: int, off_ms: int) -> None:
    skin = Skin()
    skin.play(*[length_ms + off_ms for length_ms in PATTERNS[what]])
    assert skin.wearer.feelings == [Feeling(NAMES[what], 1_000_000)]


def test_patterns_in_a_row_are_told_apart() -> None:
    skin = Skin()
    for what in sorted(PATTERNS) * 2:
        skin.play(*PATTERNS[what])
    assert skin.names() == [NAMES[what] for what in sorted(PATTERNS) * 2]


def test_the_same_pattern_twice_is_felt_twice() -> None:
    skin = Skin()
    skin.play(*PATTERNS[RECEIVED])
    skin.play(*PATTERNS[RECEIVED])
    assert skin.names() == ["received", "received"]


def test_a_pulse_cut_short_says_nothing_and_the_next_pattern_counts() -> None:
    skin = Skin()
    skin.play(200)  # of "help", whose first pulse is longer
    skin.play(*PATTERNS[SENT])
    assert skin.names() == ["sent"]


def test_a_pattern_cut_short_does_not_swallow_the_next() -> None:
    skin = Skin()
    skin.play(450, 150, 200)
    skin.play(*PATTERNS[SENT])
    skin.play(*PATTERNS[RECEIVED])
    assert skin.names() == ["help", "sent", "received"]


@pytest.mark.parametrize("cut_ms", [40, 70, 120, 160, 220, 280])
def test_a_later_pulse_cut_short_is_no_other_pattern(cut_ms: float) -> None:
    skin = Skin()
    skin.play(450, 150, cut_ms)
    skin.play(*PATTERNS[SENT])
    assert skin.names() == ["help", "sent"]


def test_felt_finds_the_first_since() -> None:
    skin = Skin()
    told: list[Feeling] = []
    skin.wearer.on_feeling = told.append
    skin.play(*PATTERNS[SENT])
    since_us = skin.now_us
    skin.play(*PATTERNS[SENT])
    second = skin.wearer.felt("sent", since_us)
    assert second is not None
    assert second.at_us >= since_us
    assert skin.wearer.felt("sent") == told[0]
    assert skin.wearer.felt("help") is None

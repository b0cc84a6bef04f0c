import pytest

from firmware.core import signs
from tools.virtual.bystander import Bystander
from tools.virtual.clock import Clock

MS = 1_000


def watched(sign: int, seconds: int = 12) -> Bystander:
    """Return who has watched a box show `sign`, as `Signs` itself switches the lamp."""
    clock = Clock()
    bystander = Bystander(clock)
    shown = signs.Signs(180)
    shown.sign = sign
    level = False
    for ms in range(seconds * 1000):
        while clock.step(ms * MS):
            pass
        shown.poll(ms, ms // 1000)
        if shown.lamp != level:
            level = shown.lamp
            bystander.lamp(level)
    return bystander


@pytest.mark.parametrize(
    ("sign", "name"),
    [
        (signs.CALLING, "calling"),
        (signs.STORED, "stored"),
        (signs.DELIVERED, "delivered"),
        (signs.HELP, "help"),
        (signs.TESTING, "testing"),
        (signs.WALKING, "walking"),
        (signs.BROKEN, "broken"),
    ],
)
def test_each_sign_is_told_by_its_light_and_by_nothing_else(sign: int, name: str) -> None:
    bystander = watched(sign)

    assert [sight.name for sight in bystander.sights] == [name]
    assert bystander.sights[0].at_us < 10_000 * MS
    assert bystander.sign == name


def test_a_sign_that_begins_in_the_light_of_another_is_told_by_its_next_flash() -> None:
    clock = Clock()
    bystander = Bystander(clock)
    level = 0
    for at_ms in (
        0,
        90 + 150,
        90 + 300,
        90 + 450,
        90 + 1_500,
    ):  # 90 ms of "calling", then "delivered"
        while clock.step(at_ms * MS):
            pass
        level = 1 - level
        bystander.lamp(level)

    assert [(sight.name, sight.at_us) for sight in bystander.sights] == [("delivered", 390 * MS)]


def test_a_light_that_goes_out_for_long_is_dark() -> None:
    clock = Clock()
    bystander = Bystander(clock)
    for level, at_ms in ((1, 0), (0, 2_000)):
        while clock.step(at_ms * MS):
            pass
        bystander.lamp(level)
    while clock.step(20_000 * MS):
        pass

    assert [sight.name for sight in bystander.sights] == ["help", "dark"]
    assert bystander.saw("help")
    assert not bystander.saw("calling")


def test_the_siren_is_heard() -> None:
    bystander = Bystander(Clock())
    assert not bystander.siren
    bystander.sounder(1)
    assert bystander.siren

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.frames.device_clock import DeviceClock, Heard, Line
from protocol.errors import Malformed

SECONDS = st.floats(-1e12, 1e12)
TIMES = st.integers(0, 2_046)
CLOCK = DeviceClock(Heard(40, 7, 1_000.5), Line(32, 39, 2_046, -4.25, 900.0, 800.0))


@st.composite
def clocks(draw: st.DrawFn) -> DeviceClock:
    since, counter, highest = sorted(draw(st.integers(0, (1 << 30) - 1)) for _ in range(3))
    last = Heard(highest, draw(TIMES), draw(SECONDS))
    line = Line(since, counter, draw(TIMES), draw(SECONDS), draw(SECONDS), draw(SECONDS))
    return DeviceClock(*draw(st.sampled_from(((None, None), (last, None), (last, line)))))


@given(clocks())
def test_stored_form_gives_the_clock_back(clock: DeviceClock) -> None:
    stored = clock.to_bytes()
    assert DeviceClock.from_bytes(stored) == clock
    assert len(stored) == 14 * (clock.last is not None) + 34 * (clock.line is not None)


@given(st.binary(max_size=64))
def test_stored_form_is_refused_or_whole(stored: bytes) -> None:
    try:
        clock = DeviceClock.from_bytes(stored)
    except Malformed:
        return
    assert clock.to_bytes() == stored


@pytest.mark.parametrize(
    "line",
    [
        CLOCK.line._replace(time=2_047),  # type: ignore[union-attr]
        CLOCK.line._replace(since=40),  # type: ignore[union-attr]
        CLOCK.line._replace(counter=41),  # type: ignore[union-attr]
        CLOCK.line._replace(offset=math.nan),  # type: ignore[union-attr]
        CLOCK.line._replace(certified_at=math.inf),  # type: ignore[union-attr]
    ],
)
def test_stored_form_that_cannot_be_is_refused(line: Line) -> None:
    with pytest.raises(Malformed):
        DeviceClock.from_bytes(CLOCK._replace(line=line).to_bytes())


def test_moved_clock_says_the_same_in_other_seconds() -> None:
    assert DeviceClock().moved(60) == DeviceClock()
    assert DeviceClock(Heard(1, 2, 3.0)).moved(60) == DeviceClock(Heard(1, 2, 63.0))
    moved = CLOCK.moved(60)
    assert moved == DeviceClock(Heard(40, 7, 1_060.5), Line(32, 39, 2_046, 55.75, 960.0, 860.0))

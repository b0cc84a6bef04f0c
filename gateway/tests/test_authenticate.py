"""From bytes to a verdict. No bytes raise anything but ProtocolError; nothing is ever changed here."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Duplicate, Uplink, Verdict
from gateway.frames.authenticate import authenticate
from gateway.frames.device_state import DeviceState
from gateway.frames.lookahead import LookAhead
from gateway.tests.builders import KEY, received
from gateway.tests.player import Wearer
from protocol.errors import BadTag, Malformed, ProtocolError, TooOld, UnknownDevice
from protocol.keys import Keys
from protocol.messages import Heartbeat, IncidentMessage


class Site:
    """One enrolled device, as the path would keep it."""

    def __init__(self, highest: int = -1, floor: int = 0) -> None:
        self.wearer = Wearer(KEY, floor)
        self.state = DeviceState(floor)
        self.lookahead = LookAhead()
        self.lookahead.add("a", Keys(KEY), max(highest, floor - 1))

    def authenticate(self, frame: bytes) -> Uplink | Duplicate:
        return authenticate(received(frame), self.lookahead, lambda _: self.state)

    def accept(self, frame: bytes) -> Uplink:
        heard = self.authenticate(frame)
        assert isinstance(heard, Uplink)
        self.state.accept(heard.counter, frame)
        self.lookahead.advance("a", self.state.window.highest)
        return heard


def test_a_first_frame_is_fresh_and_in_order() -> None:
    site = Site()
    heard = site.accept(site.wearer.press())
    assert (heard.device, heard.counter) == ("a", 0)
    assert heard.verdict is Verdict.FRESH
    assert heard.in_order
    assert isinstance(heard.message, IncidentMessage)


def test_the_same_bytes_are_a_duplicate_for_16_frames() -> None:
    site = Site()
    frames = [site.wearer.heartbeat() for _ in range(17)]
    for frame in frames[:16]:
        site.accept(frame)
    assert isinstance(site.authenticate(frames[0]), Duplicate)
    site.accept(frames[16])
    with pytest.raises(TooOld):
        site.authenticate(frames[0])
    assert isinstance(site.authenticate(frames[1]), Duplicate)


def test_a_late_frame_is_fresh_but_not_in_order() -> None:
    site = Site()
    early, late = site.wearer.heartbeat(), site.wearer.heartbeat()
    site.accept(late)
    heard = site.accept(early)
    assert heard.verdict is Verdict.FRESH
    assert not heard.in_order
    assert site.state.window.highest == 1


def test_the_same_counter_with_other_valid_bytes_is_reuse() -> None:
    site = Site()
    site.accept(site.wearer.heartbeat(data=1))
    site.wearer.counter = 0
    again = site.wearer.heartbeat(data=2)
    heard = site.authenticate(again)
    assert isinstance(heard, Uplink)
    assert heard.verdict is Verdict.REUSED
    site.state.accept(heard.counter, again)
    assert isinstance(site.authenticate(again), Duplicate)


def test_a_wrong_tag_is_a_bad_tag_and_a_stranger_is_unknown() -> None:
    site = Site()
    frame = site.wearer.heartbeat()
    with pytest.raises(BadTag):
        site.authenticate(frame[:-1] + bytes([frame[-1] ^ 1]))
    with pytest.raises(UnknownDevice):
        site.authenticate(Wearer(b"another key here").heartbeat())


@pytest.mark.parametrize("length", [0, 3, 14, 24])
def test_a_wrong_length_is_malformed(length: int) -> None:
    with pytest.raises(Malformed):
        Site().authenticate(bytes(length))


def test_a_counter_from_before_enrolment_is_too_old() -> None:
    site = Site(floor=100)
    with pytest.raises(TooOld):
        site.authenticate(Wearer(KEY, 99).heartbeat())
    assert site.accept(Wearer(KEY, 100).heartbeat()).counter == 100


def test_a_collision_is_resolved_by_the_tag() -> None:
    site = Site()
    other = b"sixteen byte key"
    site.lookahead.remove("a")
    site.lookahead.add("other", Keys(other), -1)
    site.lookahead.add("a", Keys(KEY), -1)
    frame = site.wearer.heartbeat()
    chunk = next(site.lookahead.find(frame))
    mistaken = next(site.lookahead.find(Wearer(other).heartbeat()))
    mistaken.hints = frame[:4] + mistaken.hints[4:]
    site.lookahead._chunks[frame[:4]] = mistaken
    site.lookahead._collided[frame[:4]] = [chunk]
    assert site.accept(frame).device == "a"


def test_a_longer_body_is_authenticated_too() -> None:
    site = Site()
    frame = site.wearer.protect(14 << 20, b"\1\2\3\4")
    heard = site.accept(frame)
    assert isinstance(heard.message, Heartbeat)
    assert heard.message.extra == b"\1\2\3\4"


@cache
def genuine() -> tuple[bytes, ...]:
    """Return frames of the device, one a counter."""
    return tuple(Wearer(KEY, counter).heartbeat() for counter in range(101))


def near_valid() -> st.SearchStrategy[bytes]:
    """Frames of the device with bytes changed, cut or added: hints that are live, tags that are not."""
    valid = st.deferred(lambda: st.sampled_from(genuine()))
    flipped = st.tuples(valid, st.integers(0, 14), st.integers(1, 255)).map(
        lambda t: t[0][: t[1]] + bytes([t[0][t[1]] ^ t[2]]) + t[0][t[1] + 1 :]
    )
    longer = st.tuples(valid, st.binary(max_size=10)).map(lambda t: t[0] + t[1])
    shorter = st.tuples(valid, st.integers(0, 15)).map(lambda t: t[0][: t[1]])
    return st.one_of(valid, flipped, longer, shorter, st.binary(max_size=30))


@given(st.lists(near_valid(), max_size=12))
def test_no_bytes_raise_anything_else_nor_change_a_state_unless_the_tag_verified(
    frames: list[bytes],
) -> None:
    site = Site()
    for frame in frames:
        before = site.state.window.to_bytes() + site.state.recent_to_bytes()
        try:
            heard = site.authenticate(frame)
        except ProtocolError:
            heard = None
        assert site.state.window.to_bytes() + site.state.recent_to_bytes() == before
        if heard is not None:
            assert frame in genuine()
        if isinstance(heard, Uplink):
            site.accept(frame)

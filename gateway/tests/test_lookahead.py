"""Which counters are expected, and that collisions cost a try and nothing else."""

import pytest

from gateway.frames.lookahead import AHEAD, BEHIND, Chunk, LookAhead
from gateway.tests.builders import KEY
from gateway.tests.player import Wearer
from protocol.constants import COUNTER_LIMIT
from protocol.errors import BadTag
from protocol.keys import Keys
from protocol.kinds import heartbeat_word


def frame_at(counter: int, key: bytes = KEY, extra: bytes = b"") -> bytes:
    return Wearer(key).protect(heartbeat_word(1, 0, 5, 9), extra, counter=counter)


def expected(lookahead: LookAhead, counter: int) -> bool:
    frame = frame_at(counter)
    return any(chunk.counter_of(frame[:4]) == counter for chunk in lookahead.find(frame))


@pytest.mark.parametrize("highest", [-1, 0, 31, 32, 500, 4095])
def test_expects_what_is_near_the_highest_and_nothing_far(highest: int) -> None:
    lookahead = LookAhead()
    lookahead.add("a", Keys(KEY), highest)
    for counter in range(max(highest - BEHIND, 0), highest + AHEAD - 31):
        assert expected(lookahead, counter)
    assert not expected(lookahead, highest + AHEAD + 64)
    if highest > 200:
        assert not expected(lookahead, highest - BEHIND - 64)


def test_moves_along_and_forgets_what_is_behind() -> None:
    lookahead = LookAhead()
    lookahead.add("a", Keys(KEY), -1)
    for highest in range(0, 3000, 7):
        lookahead.advance("a", highest)
        assert expected(lookahead, highest + 1)
    assert not expected(lookahead, 100)
    assert len(lookahead) <= 6 * 32


def test_a_reboot_that_skips_its_reserves_is_still_expected() -> None:
    lookahead = LookAhead()
    lookahead.add("a", Keys(KEY), 1000)
    assert expected(lookahead, 1000 + 32 + 64)


def test_the_last_counters_of_all_are_expected() -> None:
    lookahead = LookAhead()
    lookahead.add("a", Keys(KEY), COUNTER_LIMIT - 3)
    assert expected(lookahead, COUNTER_LIMIT - 1)


def test_a_removed_device_leaves_nothing() -> None:
    lookahead = LookAhead()
    lookahead.add("a", Keys(KEY), 10)
    lookahead.remove("a")
    assert len(lookahead) == 0
    assert list(lookahead.find(frame_at(11))) == []


def test_colliding_hints_are_all_offered_until_each_is_dropped() -> None:
    lookahead = LookAhead()
    for name in ("a", "b", "c"):  # the same key: every hint collides
        lookahead.add(name, Keys(KEY), 10)
    frame = frame_at(11)
    assert [chunk.device for chunk in lookahead.find(frame)] == ["a", "b", "c"]
    lookahead.remove("a")
    assert [chunk.device for chunk in lookahead.find(frame)] == ["b", "c"]
    lookahead.remove("c")
    assert [chunk.device for chunk in lookahead.find(frame)] == ["b"]
    lookahead.remove("b")
    assert len(lookahead) == 0


def test_a_chunk_unprotects_ordinary_and_longer_frames() -> None:
    chunk = Chunk("a", Keys(KEY), 32)
    word = heartbeat_word(1, 0, 5, 9).to_bytes(3, "big")
    assert chunk.unprotect(40, frame_at(40)) == word
    assert chunk.unprotect(41, frame_at(41, extra=b"position")) == word + b"position"
    with pytest.raises(BadTag):
        chunk.unprotect(41, frame_at(40))


def test_a_hint_found_across_two_others_is_not_it() -> None:
    chunk = Chunk("a", Keys(KEY), 0)
    hints = chunk.hints
    chunk.hints = b"\x01\x02\x03\x04" + b"\x05\x06\x07\x08" + b"\x03\x04\x05\x06" + hints[12:]
    assert chunk.counter_of(b"\x03\x04\x05\x06") == 2

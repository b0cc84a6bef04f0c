from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.advert import HEADER_LEN, advert_buffer, frame_span, from_advert, to_advert
from protocol.errors import Malformed

FRAMES = st.binary(min_size=15, max_size=23)
STRUCTURES = st.lists(
    st.tuples(st.sampled_from([0x01, 0x09, 0x16, 0xFF]), st.binary(max_size=27)), max_size=4
)


class Watched(bytes):
    """Bytes that refuse to be read past their end, or before their begin."""

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int) and not 0 <= index < len(self):
            raise AssertionError(f"read at {index} of {len(self)}")
        return super().__getitem__(index)


def structures(parts: list[tuple[int, bytes]]) -> bytes:
    return b"".join(bytes([len(data) + 1, kind]) + data for kind, data in parts)


@given(FRAMES)
def test_round_trip(frame: bytes) -> None:
    payload = bytes(to_advert(frame))
    assert len(payload) <= 31 - 1
    assert payload[:3] == b"\x02\x01\x06"
    assert from_advert(payload) == frame
    assert payload[HEADER_LEN:] == frame


@given(STRUCTURES, FRAMES, STRUCTURES)
def test_frame_is_found_among_others(
    before: list[tuple[int, bytes]], frame: bytes, after: list[tuple[int, bytes]]
) -> None:
    others = [part for part in before if part[1][:2] != b"\xff\xff"]
    payload = structures([*others, (0xFF, b"\xff\xff" + frame), *after])
    assert from_advert(payload) == frame


PAYLOADS = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda before, frame: structures([*before, (0xFF, b"\xff\xff" + frame)]), STRUCTURES, FRAMES
    ),
)


@given(PAYLOADS, st.integers(0, 40))
def test_any_payload_reads_inside(payload: bytes, cut: int) -> None:
    watched = Watched(payload[: max(len(payload) - cut, 0)])
    span = frame_span(watched)
    assert span == frame_span(memoryview(bytes(watched)))
    if span >= 0:
        start, length = span >> 8, span & 0xFF
        assert 15 <= length <= 23
        assert start + length <= len(watched)
        assert bytes(watched)[start - 4 : start] == bytes([length + 3]) + b"\xff\xff\xff"


@given(st.binary(max_size=40))
def test_from_advert_is_total(payload: bytes) -> None:
    try:
        frame = from_advert(payload)
    except Malformed:
        assert frame_span(payload) == -1
    else:
        assert frame in payload


@pytest.mark.parametrize("length", [0, 14, 24])
def test_buffer_for_no_frame_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="frame length"):
        advert_buffer(length)

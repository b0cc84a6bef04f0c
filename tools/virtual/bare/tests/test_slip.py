"""Packets come out as they went in, wherever the line cuts them."""

from hypothesis import given
from hypothesis import strategies as st

from tools.virtual.bare.slip import Deframer, frame


@given(st.lists(st.binary(min_size=1), max_size=4), st.integers(1, 9))
def test_packets_survive_any_cut(packets: list[bytes], cut: int) -> None:
    line = b"".join(map(frame, packets))
    deframer = Deframer()
    pieces = [line[at : at + cut] for at in range(0, len(line), cut)]
    assert [found for piece in pieces for found in deframer.feed(piece)] == packets


def test_what_stands_between_packets_is_dropped() -> None:
    assert list(Deframer().feed(b"boot log\r\n" + frame(b"\xc0\xdb") + b"\xc0")) == [b"\xc0\xdb"]

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from protocol.link_messages import LinkMessage, Ping
from protocol.serial_link import SerialLink, to_wire
from protocol.tests.test_link_messages import MESSAGES

STREAM = st.lists(MESSAGES, max_size=12)
# Noise ends with a zero: what stands between the last zero and a message costs that message too.
NOISE = st.binary(max_size=120).map(lambda noise: noise + b"\0")


def everything(link: SerialLink) -> list[LinkMessage]:
    taken = []
    while (message := link.take()) is not None:
        taken.append(message)
    return taken


@given(STREAM, st.integers(1, 40))
def test_any_chunks_give_the_same(messages: list[LinkMessage], size: int) -> None:
    wire = b"".join(map(to_wire, messages))
    link = SerialLink()
    taken = []
    for at in range(0, len(wire), size):
        link.feed(wire[at : at + size])
        taken += everything(link)
    assert taken == messages
    assert link.errors == {}


@given(MESSAGES)
def test_wire_is_bounded_and_delimited(message: LinkMessage) -> None:
    wire = to_wire(message)
    assert wire.index(0) == len(wire) - 1
    assert len(wire) <= 38


@given(STREAM, st.lists(NOISE, min_size=12, max_size=12))
def test_noise_costs_only_the_packet_it_hits(
    messages: list[LinkMessage], noises: list[bytes]
) -> None:
    link = SerialLink()
    for message, noise in zip(messages, noises, strict=False):
        link.feed(noise + to_wire(message))
    assert everything(link) == messages


@given(
    st.lists(st.tuples(MESSAGES, st.sampled_from(["", "lost", "twice", "cut", "bit"])), max_size=9)
)
def test_lossy_line(parts: list[tuple[LinkMessage, str]]) -> None:
    link = SerialLink()
    expected = []
    for message, fate in parts:
        wire = to_wire(message)
        match fate:
            case "lost":
                wire = b""
            case "twice":
                wire += wire
            case "cut":
                wire = wire[1:]
            case "bit":
                wire = bytes([wire[0] ^ 0x80]) + wire[1:]
        expected += [message] * {"": 1, "twice": 2}.get(fate, 0)
        link.feed(wire)
    assert everything(link) == expected


@given(MESSAGES, st.data())
def test_any_flipped_bit_loses_the_message(message: LinkMessage, data: st.DataObject) -> None:
    wire = bytearray(to_wire(message))
    bit = data.draw(st.integers(0, 8 * len(wire) - 1))
    wire[bit // 8] ^= 1 << bit % 8
    link = SerialLink()
    link.feed(bytes(wire) + b"\0" + to_wire(Ping(7)))
    assert everything(link) == [Ping(7)]


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_link_survives_any_bytes(chunks: list[bytes]) -> None:
    link = SerialLink()
    for chunk in chunks:
        link.feed(chunk)
    everything(link)
    link.feed(b"\0" + to_wire(Ping(7)))
    assert everything(link) == [Ping(7)]
    assert set(link.errors) <= {"malformed", "overrun"}


def test_overlong_packet_is_counted_once() -> None:
    link = SerialLink()
    link.feed(b"\x01" * 10_000)
    assert link.errors == {}
    link.feed(b"\0" + to_wire(Ping(1)))
    assert link.errors == {"malformed": 1}
    assert everything(link) == [Ping(1)]


def test_messages_nobody_takes_are_counted_away() -> None:
    link = SerialLink()
    for token in range(100):
        link.feed(to_wire(Ping(token)))
    assert link.errors == {"overrun": 36}
    assert everything(link) == [Ping(token) for token in range(64)]


def test_memory_is_bounded() -> None:
    link = SerialLink()
    chunks = (b"\xff" * 4096, to_wire(Ping(3)) * 100, bytes(range(256)) * 16)
    for chunk in chunks:  # the dictionary of errors and the queue have their final size
        link.feed(chunk)
    tracemalloc.start()
    try:
        for _ in range(5):
            for chunk in chunks:
                link.feed(chunk)
        assert tracemalloc.get_traced_memory()[0] < 20_000
    finally:
        tracemalloc.stop()

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from firmware.core.transmit_queue import FOREVER, MOST, TURN_MS, TransmitQueue
from protocol.link_messages import REFUSED, REPLACED, SENT


def frame(number: int) -> bytes:
    return bytes([number]) * 15


def run(queue: TransmitQueue, start_ms: int, end_ms: int) -> list[tuple[bytes | None, int]]:
    """Poll whenever the queue asks for it; return what was on air, and for how many ms."""
    shown: list[tuple[bytes | None, int]] = []
    now_ms = start_ms
    while now_ms < end_ms:
        on_air = queue.poll(now_ms)
        wait_ms = queue.wait_ms(now_ms)
        after_ms = end_ms if wait_ms == FOREVER else min(end_ms, now_ms + max(1, wait_ms))
        shown.append((on_air, after_ms - now_ms))
        now_ms = after_ms
    return shown


def test_empty_queue_wants_nothing() -> None:
    queue = TransmitQueue()
    assert queue.poll(0) is None
    assert queue.wait_ms(0) == FOREVER


def test_a_frame_is_on_air_for_its_time_and_then_done() -> None:
    queue = TransmitQueue()
    queue.put(7, 1, frame(1), 400, 1_000)
    assert run(queue, 1_000, 2_000) == [(frame(1), 400), (None, 600)]
    assert queue.ended == [(7, SENT)]


def test_newer_of_a_slot_replaces_and_is_on_air_at_once() -> None:
    queue = TransmitQueue()
    queue.put(1, 5, frame(1), 400, 0)
    queue.put(2, 6, frame(2), 400, 0)
    queue.put(3, 5, frame(3), 400, 10)
    assert queue.ended == [(1, REPLACED)]
    assert queue.poll(10) == frame(3)


def test_full_queue_refuses_and_keeps_what_it_has() -> None:
    queue = TransmitQueue()
    for number in range(MOST):
        queue.put(number, number, frame(number), 1_000, 0)
    queue.put(99, 99, frame(99), 1_000, 0)
    assert queue.ended == [(99, REFUSED)]
    queue.put(100, 3, frame(100), 1_000, 0)
    assert queue.ended[1:] == [(3, REPLACED)]


@given(st.integers(2, MOST))
def test_turns_are_fair(count: int) -> None:
    queue = TransmitQueue()
    for number in range(count):
        queue.put(number, number, frame(number), 60_000, 0)
    rounds = 4
    shares: Counter[bytes | None] = Counter()
    for on_air, length_ms in run(queue, 0, rounds * count * TURN_MS):
        shares[on_air] += length_ms
    assert set(shares.values()) == {rounds * TURN_MS}
    assert len(shares) == count


PUT = st.tuples(st.integers(0, 5), st.integers(1, 500), st.integers(0, 80))


@given(st.lists(PUT, max_size=60), st.integers(0, (1 << 30) - 1))
def test_every_transmit_ends_once(puts: list[tuple[int, int, int]], start_ms: int) -> None:
    queue = TransmitQueue()
    now_ms = start_ms
    for ident, (slot, length_ms, pause_ms) in enumerate(puts):
        queue.put(ident, slot, frame(ident), length_ms, now_ms & (1 << 30) - 1)
        now_ms += pause_ms
        queue.poll(now_ms & (1 << 30) - 1)
    now_ms += 1_000
    assert queue.poll(now_ms & (1 << 30) - 1) is None
    assert sorted(ident for ident, _ in queue.ended) == list(range(len(puts)))

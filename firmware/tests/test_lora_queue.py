from hypothesis import given
from hypothesis import strategies as st

from firmware.core.lora_queue import FOREVER, MOST, LoraQueue, stagger_ms
from protocol.link_messages import ALWAYS, ANSWERED, LATE, REFUSED, REPLACED, URGENT

ON_AIR_US = 164_864


def frame(number: int, end: int = 0) -> bytes:
    return bytes([number]) * 4 + bytes([end]) * 11


def put(queue: LoraQueue, number: int, **named: int) -> None:
    """Put frame `number` with the id `number`, by default in a slot of its own, due at once."""
    given = {"slot": number, "flags": 0, "ms": 0, "delay_ms": 0, "now_ms": 0} | named
    queue.put(
        number, given["slot"], frame(number), given["flags"], given["ms"], given["delay_ms"], 0
    )


def sent(queue: LoraQueue, now_ms: int) -> list[int]:
    found = []
    while (entry := queue.next(now_ms)) is not None:
        found.append(entry.id)
    return found


def test_it_waits_for_its_delay() -> None:
    queue = LoraQueue()
    put(queue, 1, delay_ms=150)
    assert queue.next(149) is None
    assert queue.wait_ms(100, 0) == 50
    assert sent(queue, 150) == [1]
    assert queue.wait_ms(150, 0) == FOREVER


@given(st.integers(0, 1023))
def test_stagger_is_forty_ms_and_up_to_three_times_the_air(random: int) -> None:
    assert 40 <= stagger_ms(ON_AIR_US, random) < 40 + 3 * ON_AIR_US // 1000
    assert stagger_ms(ON_AIR_US, 1023) > 40 + 2.99 * ON_AIR_US // 1000 - 2


def test_urgent_goes_first_then_in_order_of_time() -> None:
    queue = LoraQueue()
    put(queue, 1, delay_ms=30)
    put(queue, 2, delay_ms=10)
    put(queue, 3, delay_ms=50, flags=URGENT)
    assert sent(queue, 60) == [3, 2, 1]


def test_newer_of_a_slot_replaces() -> None:
    queue = LoraQueue()
    put(queue, 1, slot=7)
    put(queue, 2, slot=7)
    assert queue.ended == [(1, REPLACED)]
    assert sent(queue, 0) == [2]


def test_what_came_too_late_is_dropped() -> None:
    queue = LoraQueue()
    put(queue, 1, ms=500)
    put(queue, 2, ms=0)
    assert sent(queue, 500) == [2], "0 is no limit"
    assert queue.ended == [(1, LATE)]


def test_what_another_gateway_said_is_not_said_again() -> None:
    queue = LoraQueue()
    put(queue, 1, delay_ms=100)
    put(queue, 2, delay_ms=100)
    put(queue, 3, delay_ms=100, flags=ALWAYS)
    queue.heard(frame(1, end=9))
    queue.heard(frame(3, end=9))
    assert queue.ended == [(1, ANSWERED)]
    assert sent(queue, 100) == [2, 3]


def test_full_it_refuses_and_keeps_what_it_has() -> None:
    queue = LoraQueue()
    for number in range(MOST + 1):
        put(queue, number)
    assert queue.ended == [(MOST, REFUSED)]
    assert sorted(sent(queue, 0)) == list(range(MOST))


def test_what_was_overtaken_goes_next() -> None:
    queue = LoraQueue()
    put(queue, 1)
    put(queue, 2)
    overtaken = queue.next(0)
    assert overtaken is not None
    put(queue, 3, flags=URGENT)
    assert queue.wait_ms(0, URGENT) == 0
    queue.put_back(overtaken)
    assert sent(queue, 0) == [3, 1, 2]


PUT = st.tuples(st.integers(0, 9), st.sampled_from((0, URGENT, ALWAYS)), st.integers(0, 900))


@given(st.lists(PUT, max_size=80), st.integers(0, (1 << 30) - 1))
def test_every_transmit_ends_once_or_is_taken(
    puts: list[tuple[int, int, int]], start_ms: int
) -> None:
    queue = LoraQueue()
    taken = []
    for ident, (slot, flags, ms) in enumerate(puts):
        now_ms = start_ms + 40 * ident & (1 << 30) - 1
        queue.put(ident, slot, frame(ident % 7), flags, ms, 100, now_ms)
        if ident % 5 == 0:
            queue.heard(frame(ident % 7, end=1))
        entry = queue.next(now_ms)
        taken += [] if entry is None else [entry.id]
    taken += sent(queue, start_ms + 40 * len(puts) + 1_000 & (1 << 30) - 1)
    assert sorted(taken + [ident for ident, _ in queue.ended]) == list(range(len(puts)))

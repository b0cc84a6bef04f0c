from hypothesis import given
from hypothesis import strategies as st

from firmware.core.line_queue import ANSWER, FRAME, MOST, REPORT, STALE_MS, LineQueue


def drained(queue: LineQueue, now_ms: int = 0) -> list[bytes]:
    found = []
    while (wire := queue.first(now_ms)) is not None:
        found.append(wire)
        queue.drop_first()
    return found


def filled(rank: int) -> LineQueue:
    queue = LineQueue()
    for number in range(MOST):
        queue.put(bytes([number]), rank, 0, bytes([number]))
    return queue


def test_first_in_first_out() -> None:
    queue = LineQueue()
    for rank, wire in ((REPORT, b"a"), (ANSWER, b"b"), (FRAME, b"c")):
        queue.put(wire, rank, 0, wire)
    assert drained(queue) == [b"a", b"b", b"c"]
    assert queue.lost == 0


def test_what_first_returns_stays_until_it_is_written() -> None:
    queue = LineQueue()
    queue.put(b"a", ANSWER, 0)
    assert queue.first(0) == queue.first(0) == b"a"
    assert len(queue) == 1


def test_full_it_drops_reports_before_frames_and_frames_before_answers() -> None:
    queue = filled(FRAME)
    queue.put(b"stats", REPORT, 0)
    assert queue.lost == 1
    assert b"stats" not in drained(queue)
    queue = filled(REPORT)
    queue.put(b"frame", FRAME, 0, b"frame")
    assert drained(queue) == [bytes([number]) for number in range(1, MOST)] + [b"frame"]
    queue = filled(FRAME)
    queue.put(b"done", ANSWER, 0)
    assert drained(queue)[-1] == b"done"
    assert queue.lost == 1


def test_full_of_answers_it_keeps_the_newest() -> None:
    queue = filled(ANSWER)
    queue.put(b"frame", FRAME, 0, b"frame")
    queue.put(b"done", ANSWER, 0)
    assert queue.lost == 2
    assert drained(queue)[0] == bytes([1])


def test_a_frame_that_waits_already_is_no_news() -> None:
    queue = LineQueue()
    queue.put(b"heard at -70", FRAME, 0, b"frame")
    queue.put(b"heard at -71", FRAME, 5, b"frame")
    assert drained(queue) == [b"heard at -70"]
    assert queue.lost == 0
    queue.put(b"heard at -72", FRAME, 9, b"frame")
    assert drained(queue, 9) == [b"heard at -72"], "once written it is told again"


def test_a_frame_does_not_come_late() -> None:
    queue = LineQueue()
    queue.put(b"old", FRAME, 0, b"old")
    queue.put(b"pong", ANSWER, 0)
    queue.put(b"new", FRAME, 100, b"new")
    assert drained(queue, STALE_MS + 1) == [b"pong", b"new"]
    assert queue.lost == 1


RANKS = st.sampled_from((REPORT, FRAME, ANSWER))


@given(st.lists(RANKS, max_size=3 * MOST))
def test_all_is_written_or_counted(ranks: list[int]) -> None:
    queue = LineQueue()
    for number, rank in enumerate(ranks):
        queue.put(number.to_bytes(2), rank, 0, number.to_bytes(2))
    lost = queue.lost
    kept = [int.from_bytes(wire) for wire in drained(queue)]
    assert len(kept) + lost == len(ranks)
    assert len(kept) <= MOST
    assert kept == sorted(kept)
    if any(ranks[number] == REPORT for number in kept):
        kept_frames = [number for number in kept if ranks[number] == FRAME]
        assert len(kept_frames) == ranks.count(FRAME), "no frame goes while a report stays"

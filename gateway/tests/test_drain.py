"""Who waits for a target, and for how long: its table, row by row."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.disk.outbox_rows import UNSTORED, Row
from gateway.tests.receivers import FakePath
from gateway.tests.rows import row
from gateway.tests.waiting import eventually
from gateway.upstream import UpstreamDown, drain
from gateway.upstream.drain import Busy, Drain, EventRefused


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "RETRY_FIRST_S", 0.01)
    monkeypatch.setattr(drain, "RETRY_MAX_S", 0.02)
    monkeypatch.setattr(drain, "REFUSED_FIRST_S", 0.02)


class Target:
    """Takes rows, or does with them what `answers` says, in their order; counts probes."""

    def __init__(self, *answers: Exception | bool) -> None:
        self.answers = list(answers)
        self.taken: list[int] = []
        self.probes = 0
        self.probe_fails: Exception | None = None
        self.at_once = 0
        self.most_at_once = 0

    async def send(self, row: Row) -> bool:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        self.taken.append(row.id)
        return answer

    async def probe(self) -> None:
        self.probes += 1
        if self.probe_fails is not None:
            raise self.probe_fails


@asynccontextmanager
async def running(
    path: FakePath, target: Target, side_by_side: int = drain.SIDE_BY_SIDE
) -> AsyncIterator[Drain]:
    drained = Drain("way", path, path.post, target.send, side_by_side)
    task = asyncio.create_task(drained.run(target.probe))
    try:
        yield drained
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_taken_is_delivered_and_the_target_is_up() -> None:
    path, target = FakePath(row(1), row(2)), Target()
    async with running(path, target) as drained:
        await eventually(lambda: sorted(path.delivered) == [1, 2])
        assert drained.up
    assert path.conditions == []


async def test_what_a_target_has_no_words_for_is_settled_and_says_nothing_of_the_target() -> None:
    path, target = FakePath(row(1)), Target(False)
    target.probe_fails = UpstreamDown("gone")
    async with running(path, target) as drained:
        await eventually(lambda: path.conditions)
        assert not drained.up
    (settled,) = [one for one in path.posted if type(one).__name__ == "Delivered"]
    assert (settled.row, settled.incident, settled.number) == (1, None, 0)  # type: ignore[union-attr]


async def test_while_it_is_down_all_wait_and_nothing_is_lost() -> None:
    path, target = FakePath(row(1)), Target(*[UpstreamDown("gone")] * 3)
    async with running(path, target) as drained:
        await eventually(lambda: path.conditions == [("unreachable", "gone")])
        assert not drained.up
        await eventually(lambda: path.delivered == [1])
    assert path.conditions == [("unreachable", "gone"), ("unreachable", "over")]


async def test_another_cause_is_told_too() -> None:
    path = FakePath(row(1))
    async with running(path, Target(UpstreamDown("a"), UpstreamDown("a"), UpstreamDown("b"))):
        await eventually(lambda: path.delivered)
    assert [why for _, why in path.conditions] == ["a", "b", "over"]


async def test_who_asks_for_time_is_left_alone_as_long() -> None:
    path, target = FakePath(row(1), row(2)), Target(Busy("http_429", 0.3))
    async with running(path, target, side_by_side=1):
        await eventually(lambda: path.conditions)
        await asyncio.sleep(0.15)
        assert target.taken == []
        await eventually(lambda: len(path.delivered) == 2)


async def test_a_refused_row_waits_alone_and_is_offered_again() -> None:
    path, target = FakePath(row(1), row(2)), Target(EventRefused("http_422"))
    async with running(path, target, side_by_side=1):
        await eventually(lambda: len(path.delivered) == 2)
    assert target.taken == [1, 2]  # the outbox of these tests gives the last one first
    assert path.conditions == [("event_refused", "http_422"), ("event_refused", "over")]


async def test_what_follows_a_refused_row_in_its_subject_waits_with_it() -> None:
    later = Row(2, "x.2", row(1).subject, "tocsin.alert.closed", 2.0, None, 2, {})
    path, target = FakePath(row(1), later), Target(EventRefused("no"))
    async with running(path, target):
        await eventually(lambda: len(path.delivered) == 2)
    assert target.taken == [1, 2]


async def test_what_fails_beside_one_that_is_taken_is_held_alone() -> None:
    path, target = FakePath(row(1), row(2)), Target(UpstreamDown("http_500"))
    async with running(path, target) as drained:
        await eventually(lambda: path.conditions)
        assert drained.up
        await eventually(lambda: len(path.delivered) == 2)
    assert path.conditions[0] == ("event_refused", "http_500")


async def test_a_row_that_no_longer_waits_is_not_held() -> None:
    path, target = FakePath(row(1)), Target(*[EventRefused("no")] * 1_000)
    async with running(path, target):
        await eventually(lambda: path.conditions == [("event_refused", "no")])
        path.waiting.clear()  # its term is over
        await eventually(lambda: path.conditions[-1] == ("event_refused", "over"))


async def test_what_was_confirmed_before_it_was_stored_is_not_sent_again() -> None:
    told = Row(1, "x.1", "x", "tocsin.alert.raised", 1.0, "x", 1, {}, confirmed_at=5.0)
    path, target = FakePath(told), Target()
    async with running(path, target):
        await eventually(lambda: path.delivered == [1])
    assert target.taken == []


async def test_what_is_not_stored_is_sent_and_not_noted_as_delivered() -> None:
    path, target = FakePath(Row(UNSTORED, "x.1", "x", "t", 1.0, "x", 1, {})), Target()
    async with running(path, target):
        await eventually(lambda: not path.waiting)
    assert target.taken == [UNSTORED]
    assert path.delivered == []


async def test_no_more_go_side_by_side_than_it_is_told() -> None:
    rows = [row(number) for number in range(40)]
    for most in (1, 16):
        path, target = FakePath(*rows), Target()
        async with running(path, target, side_by_side=most):
            await eventually(lambda path=path: len(path.delivered) == 40)  # type: ignore[misc]
        assert target.most_at_once == most


async def test_an_idle_target_is_asked_once_in_a_while_and_not_at_every_commit() -> None:
    path, target = FakePath(), Target()
    async with running(path, target) as drained:
        await eventually(lambda: drained.up)
        for _ in range(20):
            path.add()
            await asyncio.sleep(0.001)
    assert target.probes == 1


async def test_an_idle_target_that_is_gone_is_a_fault_before_any_alert(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drain, "PROBE_EVERY_S", 0.0)
    monkeypatch.setattr(drain, "LOOK_ANYWAY_S", 0.01)
    path, target = FakePath(), Target()
    async with running(path, target) as drained:
        await eventually(lambda: drained.up)
        target.probe_fails = UpstreamDown("gone")
        await eventually(lambda: path.conditions == [("unreachable", "gone")])
        target.probe_fails = None
        await eventually(lambda: drained.up)


async def test_a_mistake_of_ours_is_no_fault_of_the_target() -> None:
    path = FakePath(row(1))
    drained = Drain("way", path, path.post, Target(ZeroDivisionError()).send)
    with pytest.raises(ZeroDivisionError):
        await drained.run(Target().probe)


def returning(call: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[bool]]:
    """Stand for a client that returns though it was cancelled, as `wait_for` of Python 3.11 may."""

    async def swallow() -> bool:
        try:
            await call()
        except asyncio.CancelledError:
            return True
        return True

    return swallow


@pytest.mark.parametrize("idle", [False, True])
async def test_a_request_to_stop_that_a_client_swallows_is_heeded(idle: bool) -> None:
    path, forgets = FakePath(*([] if idle else [row(1)])), returning(asyncio.Event().wait)  # type: ignore[arg-type]
    drained = Drain("way", path, path.post, lambda _: forgets())
    task = asyncio.create_task(drained.run(forgets))
    await asyncio.sleep(0.01)
    task.cancel()
    async with asyncio.timeout(2):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert path.delivered == []

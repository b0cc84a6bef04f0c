"""A request to stop that comes at the same moment as the end of what is awaited."""

import asyncio

import pytest

from gateway.upstream import heeding as heeding_module
from gateway.upstream.heeding import apart, heeding


async def answer_of(wanted: "asyncio.Future[str]") -> str:
    """Swallow the request, as `asyncio.wait_for` of Python 3.11 does where both come at once."""
    try:
        return await asyncio.shield(wanted)
    except asyncio.CancelledError:
        return wanted.result()


async def stopped(wanted: "asyncio.Future[str]") -> bool:
    """Say whether a task that awaits `wanted` ends as it is told to when that is done, too."""
    task = asyncio.create_task(heeding(answer_of(wanted)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()


async def test_it_is_heeded_where_there_is_an_answer() -> None:
    wanted = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0, wanted.set_result, "taken")
    assert await stopped(wanted)


async def test_it_is_heeded_where_the_peer_is_gone() -> None:
    wanted = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0, wanted.set_exception, ConnectionResetError())
    assert await stopped(wanted)


async def test_without_a_request_answers_and_errors_are_handed_on() -> None:
    wanted = asyncio.get_running_loop().create_future()
    wanted.set_result("taken")
    assert await heeding(answer_of(wanted)) == "taken"
    lost = asyncio.get_running_loop().create_future()
    lost.set_exception(ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await heeding(answer_of(lost))


async def test_a_group_that_fails_at_that_moment_does_not_swallow_it() -> None:
    gone = asyncio.Event()

    async def part() -> None:
        await gone.wait()
        raise ConnectionResetError

    async def session() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(part())

    rounds = 0

    async def serve() -> None:
        nonlocal rounds
        while rounds < 3:
            rounds += 1
            try:
                await apart(session())
            except* ConnectionResetError:
                gone.clear()

    task = asyncio.create_task(serve())
    await asyncio.sleep(0.01)
    gone.set()
    await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert task in done
    assert task.cancelled()
    assert rounds == 1


async def test_what_swallows_it_for_good_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heeding_module, "AGAIN_S", 0.01)
    told = 0

    async def session() -> None:
        nonlocal told
        while told < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told += 1

    task = asyncio.create_task(apart(session()))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
    assert told == 3


async def test_what_ends_by_itself_is_handed_on() -> None:
    async def session(value: int) -> int:
        return 7 // value

    assert await apart(session(1)) == 7
    with pytest.raises(ZeroDivisionError):
        await apart(session(0))

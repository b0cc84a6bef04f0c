"""A request to stop that comes at the same moment as the end of what is awaited."""

import asyncio

import pytest

from gateway.upstream.heeding import entered, heeding


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


class Client:
    """It connects although its task was told to stop meanwhile."""

    def __init__(self, connected: "asyncio.Future[str]") -> None:
        self.connected, self.left = connected, False

    async def __aenter__(self) -> str:
        return await answer_of(self.connected)

    async def __aexit__(self, *_: object) -> None:
        self.left = True


async def test_a_client_that_connects_all_the_same_is_left_again() -> None:
    connected = asyncio.get_running_loop().create_future()
    client = Client(connected)

    async def serve() -> None:
        async with entered(client):
            await asyncio.sleep(60)

    task = asyncio.create_task(serve())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(connected.set_result, "there")
    await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert task in done
    assert task.cancelled()
    assert client.left

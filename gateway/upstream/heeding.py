"""Awaiting the clients of others so that a request to stop is not lost in them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


async def heeding(call: Awaitable[T]) -> T:
    """Await a call of a client, and heed that this task was cancelled meanwhile.

    `asyncio.wait_for` of Python 3.11 returns or raises what it waited for all the same where both come at
    once (bpo-42130). Nobody would cancel a second time, and what is awaited next may never come.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        return await call
    finally:
        if task and task.cancelling() > before:
            raise asyncio.CancelledError


@asynccontextmanager
async def entered(client: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enter a client, heeding the same; leave it behind the body."""
    async with AsyncExitStack() as stack:
        yield await heeding(stack.enter_async_context(client))

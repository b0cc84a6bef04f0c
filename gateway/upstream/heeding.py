"""Awaiting the clients of others so that a request to stop is not lost in them."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def heeding(call: Awaitable[T]) -> T:
    """Await a call of a client, and heed that this task was cancelled meanwhile.

    `asyncio.wait_for` of Python 3.11 returns all the same where both come at once (bpo-42130). Nobody
    would cancel a second time, and what is awaited next may never come.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    result = await call
    if task and task.cancelling() > before:
        raise asyncio.CancelledError
    return result

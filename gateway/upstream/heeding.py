"""Awaiting the clients of others so that a request to stop is not lost in them."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import TypeVar

AGAIN_S = 3.0  # longer than any leave-taking

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


async def apart(work: Coroutine[object, object, T]) -> T:
    """Await `work` as a task of its own, and end it when this one is told to stop.

    Where a part of a `TaskGroup` of Python 3.11 fails at that moment, the group raises the failure in the
    place of the request, and whoever catches it goes on. Here the request is kept, and made again.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task])
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=AGAIN_S)
        if not task.cancelled():
            task.exception()  # seen
    try:
        return task.result()
    finally:
        del task  # it has the error, which has this frame

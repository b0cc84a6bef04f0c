"""Waiting in tests for what another process, or another task, does in its own time."""

import asyncio
from collections.abc import Callable


async def eventually(true: Callable[[], object], within_s: float = 10.0) -> None:
    """Return as soon as `true()` is; raise `TimeoutError`."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - nobody tells: a log file, a broker
            await asyncio.sleep(0.01)

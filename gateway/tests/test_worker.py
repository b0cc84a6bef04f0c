"""Work is done in order, on one thread, and whoever waits learns how it ended."""

import asyncio
import os
import threading
from functools import partial

import pytest

from gateway.disk.worker import Worker


async def test_results_and_errors_come_back_and_the_order_is_kept() -> None:
    worker, done = Worker("w"), []
    worker.later(lambda: done.append(1))
    assert await worker.do(lambda: threading.current_thread().name) == "w"
    with pytest.raises(ZeroDivisionError):
        await worker.do(lambda: 1 // 0)
    numbers = await asyncio.gather(*(worker.do(partial(int, text)) for text in "345"))
    worker.later(lambda: done.append(2))
    worker.stop()
    assert (numbers, done) == ([3, 4, 5], [1, 2])


async def test_what_nobody_waits_for_any_more_is_done_all_the_same() -> None:
    worker, done, go = Worker("w"), [], threading.Event()
    held = asyncio.create_task(worker.do(lambda: go.wait(5)))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(worker.do(lambda: done.append(1)))
    await asyncio.sleep(0)
    waiting.cancel()
    go.set()
    assert await worker.do(lambda: 2) == 2
    assert (await held, done) == (True, [1])
    worker.stop()


async def test_it_follows_its_caller_to_another_core() -> None:
    allowed, worker = os.sched_getaffinity(0), Worker("w")
    try:
        for core in sorted(allowed):
            os.sched_setaffinity(0, {core})
            assert await worker.do(lambda: os.sched_getaffinity(0)) == {core}
    finally:
        os.sched_setaffinity(0, allowed)
        worker.stop()


def test_one_that_was_given_nothing_stops_at_once() -> None:
    Worker("w").stop()

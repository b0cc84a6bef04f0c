"""One thread that does what it is given, in order; each hand-over costs half of what an executor takes.

It follows its callers from core to core. They wait for it anyway, and there is only one interpreter: on
another core it would have to be woken from sleep, and would find nothing in the cache.
"""

import asyncio
import contextlib
import ctypes
import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_this_core: Callable[[], int] = ctypes.CDLL(None).sched_getcpu


class Worker:
    """The thread `name`, from the first work on until `stop`."""

    def __init__(self, name: str) -> None:
        """Start nothing yet."""
        self._todo: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._core = -1

    async def do(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, or raise what it raises; it is done also where nobody waits."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def task() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - whoever waits has to know
                _tell(loop, _fail, done, error)
            else:
                _tell(loop, _succeed, done, result)

        self.later(task)
        return await done

    def later(self, work: Callable[[], None]) -> None:
        """Do `work`, which raises nothing, behind all that waits."""
        if not self._thread.ident:
            self._thread.start()
        self._follow()
        self._todo.put(work)

    def stop(self) -> None:
        """Finish all that waits."""
        if self._thread.ident:
            self._todo.put(None)
            self._thread.join()

    def _follow(self) -> None:
        core = _this_core()
        if core != self._core and self._thread.native_id:
            self._core = core
            with contextlib.suppress(OSError):  # it works elsewhere, too
                os.sched_setaffinity(self._thread.native_id, {core})

    def _run(self) -> None:
        while (work := self._todo.get()) is not None:
            work()


def _tell(loop: asyncio.AbstractEventLoop, how: Callable[..., None], *what: Any) -> None:  # noqa: ANN401
    if not loop.is_closed():
        loop.call_soon_threadsafe(how, *what)


def _succeed(done: asyncio.Future[T], result: T) -> None:
    if not done.done():  # or whoever waited was cancelled
        done.set_result(result)


def _fail(done: asyncio.Future[T], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)

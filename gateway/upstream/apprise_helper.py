"""The process in which apprise works, seen from the gateway: questions go there, and answers come back.

It is started by the first question, shared by all targets, and started anew where it has ended. What
apprise does to its process (threads, waits, prints, logs URLs) it does not do to the one that hears alerts.
"""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping

from gateway.upstream import UpstreamDown

READY_WITHIN_S = 60.0
MISSING = 3  # the exit status where apprise cannot be imported
_PROGRAM = "gateway.upstream.apprise_child"
# Behind the time after which the process itself ends an attempt: then nobody tells it any more.
_LATER_S = 1.0

Answer = str | int
"""Why it went wrong, "" where it did not; or the status by HTTP that the service answered."""


class Helper:
    """Keeps the process, which nobody else speaks to."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._line: _Line | None = None
        self._starting = asyncio.Lock()

    async def ask(self, task: Mapping[str, object], within_s: float) -> Answer:
        """Return what came of a task; raise `UpstreamDown` where nobody tells."""
        async with self._starting:
            if self._line is None or self._line.over:
                self._line = await _started()
        return await self._line.ask(task, within_s)

    async def close(self) -> None:
        """End the process; the next question would start it again."""
        line, self._line = self._line, None
        if line is not None:
            await line.close()


class _Line:
    """The line to one process: what was asked, by number, and not answered yet."""

    def __init__(self, process: Process, given: StreamWriter, told: StreamReader) -> None:
        self._process = process
        self._given = given
        self._told = told
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Answer]] = {}
        self._listening = asyncio.create_task(self._listen())

    @property
    def over(self) -> bool:
        """Say whether the process has ended. What it has begun goes on, and is answered."""
        return self._process.returncode is not None

    async def ask(self, task: Mapping[str, object], within_s: float) -> Answer:
        number = next(self._numbers)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        numbered = {"number": number, "within_s": within_s} | dict(task)
        try:
            async with asyncio.timeout(within_s + _LATER_S):
                self._given.write(json.dumps(numbered).encode() + b"\n")
                await self._given.drain()
                return await answer
        except TimeoutError as error:
            raise UpstreamDown("no_answer") from error
        except ConnectionError as error:
            raise UpstreamDown("apprise_failed") from error
        finally:
            del self._asked[number]

    async def close(self) -> None:
        await _end(self._process)
        await self._listening

    async def _listen(self) -> None:
        """Hand out answers until nobody is left who could give one; whoever still waits is told so."""
        while said := await self._told.readline():
            found = json.loads(said)
            answer = self._asked.get(found["number"])
            if answer is not None and not answer.done():
                answer.set_result(found["answer"])
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(UpstreamDown("apprise_failed"))


async def _started() -> _Line:
    """Return the line to a new process once that is ready; raise `UpstreamDown`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _PROGRAM),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=_environment(),
        start_new_session=True,  # so that it and its forks can be ended together
    )
    line = None
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            if process.stdin and process.stdout and await process.stdout.readline():
                line = _Line(process, process.stdin, process.stdout)
    except TimeoutError as error:
        raise UpstreamDown("apprise_failed") from error
    finally:
        if line is None:
            await _end(process)
    if line is None:
        missing = process.returncode == MISSING
        raise UpstreamDown("apprise_missing" if missing else "apprise_failed")
    return line


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _environment() -> dict[str, str]:
    """Return ours, without what is not its business: only gateway.toml names a proxy."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and name != "CREDENTIALS_DIRECTORY"
    }

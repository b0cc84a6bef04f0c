"""Takes the commands that come by a way out: whose is obeyed, and what becomes of the others.

| what comes | then |
|---|---|
| signed by an operator of gateway.toml, in its time, for this site | obeyed once |
| not signed | obeyed only where gateway.toml says so of this way out |
| anything else | counted, told why, and an entry of the journal: at most one a minute for each reason |
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from gateway.events import Acknowledge, Close, Refusal
from gateway.upstream import Post, Refused
from gateway.upstream.command import BadCommand, parse
from gateway.upstream.jws import is_compact
from gateway.upstream.signed_command import BadOrder, Operators

JOURNAL_EVERY_S = 60.0

Judge = Callable[[Acknowledge | Close], Acknowledge | Close]
"""Returns a command as it is to be obeyed; raises `BadCommand`."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A command and what becomes of it: `settled` ends with "done" or the reason, once that is on disk.

    `id` and `incident` are known where it could be read.
    """

    id: str
    incident: str | None
    settled: asyncio.Future[str]


class Desk:
    """Posts what may be obeyed; `unsigned` are obeyed, too, and known as `via`."""

    def __init__(
        self, operators: Operators, post: Post, refused: Refused, *, unsigned: bool, via: str
    ) -> None:
        """Take nothing yet."""
        self._operators = operators
        self._post = post
        self.count = refused
        self._unsigned = unsigned
        self._via = via
        self._refusals = Refusals()

    def take(self, content: bytes, judge: Judge = lambda command: command) -> Taken:
        """Take a command that arrived just now; what `judge` has against it counts as well."""
        now = time.time()
        try:
            command = judge(self._read(content, now))
        except BadOrder as error:
            return self._refuse(Refusal(error.reason, "operator", now, error.operator, error.id))
        except BadCommand as error:
            return self._refuse(Refusal(error.reason, self._via, now))
        settled = self._post(command)
        settled.add_done_callback(partial(self._settled, command))
        return Taken(_id(command), command.incident, settled)

    def refuse(self, reason: str) -> Taken:
        """Refuse what need not even be read."""
        return self._refuse(Refusal(reason, self._via, time.time()))

    def _read(self, content: bytes, now: float) -> Acknowledge | Close:
        if is_compact(content):
            return self._operators.read(content, now)
        if not self._unsigned:
            raise BadCommand("unsigned")
        return parse(content, now, self._via)

    def _settled(self, command: Acknowledge | Close, settled: asyncio.Future[str]) -> None:
        if settled.cancelled() or settled.result() == "done":
            return
        via, now = command.mandate.via, time.time()
        self._tell(Refusal(settled.result(), via, now, command.by, _id(command), command.incident))

    def _refuse(self, refusal: Refusal) -> Taken:
        self._tell(refusal)
        settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        settled.set_result(refusal.reason)
        return Taken(refusal.id, None, settled)

    def _tell(self, refusal: Refusal) -> None:
        self.count(refusal.reason)
        told = self._refusals.due(refusal)
        if told is not None:
            self._post(told)


class Refusals:
    """Which refusals the journal has: anybody may cause them, and it keeps every entry for good. Pure."""

    def __init__(self) -> None:
        """Begin with none."""
        self._told_at: dict[tuple[str, str], float] = {}
        self._since: dict[tuple[str, str], int] = {}

    def due(self, refusal: Refusal) -> Refusal | None:
        """Return what the journal is to have of it, None where it has one like it of the last minute."""
        like = refusal.reason, refusal.via
        if 0 <= refusal.at - self._told_at.get(like, float("-inf")) < JOURNAL_EVERY_S:
            self._since[like] = self._since.get(like, 0) + 1
            return None
        self._told_at[like] = refusal.at
        return replace(refusal, times=self._since.pop(like, 0))


def _id(command: Acknowledge | Close) -> str:
    return command.mandate.once.rpartition("/")[2]

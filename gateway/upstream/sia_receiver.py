"""One receiver of an alarm receiving centre: a message out, its reply back, by TCP or UDP."""

import asyncio
import secrets
import string
import time

from gateway.upstream import UpstreamDown
from gateway.upstream.causes import cause
from gateway.upstream.dc09 import Account, BadReply, Reply, Said, message, reply, whole

ANSWER_WITHIN_S = 5.0
_DATAGRAM_TRIES = 3
_REPLY_MAX = 4096
_CLOCK_OFF_S = 15.0  # a receiver refuses what is 20 s ahead or 40 s behind (DC-09 5.5.1.8)
_BACK_S = 5.0
_HOLD_OFF_S = 60.0


class Receiver:
    """Knows how far the receiver's clock is from ours, and whether it has answered of late."""

    def __init__(self, host: str, port: int, transport: str) -> None:
        """Connect to nothing yet; `transport` is tcp or udp."""
        self.host = host
        self.port = port
        self._exchange = self._by_tcp if transport == "tcp" else self._by_udp
        self._ahead_s = 0.0
        self._answered_at = 0.0
        self._failed_at: float | None = None

    @property
    def down(self) -> bool:
        """Say whether it failed a short time ago: the other one is asked first."""
        return self._failed_at is not None and time.monotonic() < self._failed_at + _HOLD_OFF_S

    async def ask(self, account: Account, token: str, sequence: int, content: str) -> Reply:
        """Return the reply to a message; raise `UpstreamDown` naming why there is none of worth.

        A receiver that refuses for our clock tells its own: the message goes once more, by that one.
        """
        try:
            answer = await self._ask_once(account, token, sequence, content)
            if answer.verdict == "NAK" and self._follow(answer.at):
                answer = await self._ask_once(account, token, sequence, content)
        except (OSError, TimeoutError) as error:  # a refused connection is an OSError
            raise self._failed(cause(error)) from error
        except BadReply as error:
            raise self._failed(error.reason) from error
        self._failed_at = None
        return answer

    async def _ask_once(self, account: Account, token: str, sequence: int, content: str) -> Reply:
        now = time.time() + self._ahead_s
        raw = await self._exchange(message(account, Said(token, sequence, content), now, _filling))
        answer = reply(raw, account, sequence, time.time() + self._ahead_s)
        if account.key is not None and answer.verdict == "ACK" and answer.at is not None:
            if answer.at < self._answered_at - _BACK_S:  # somebody has kept it
                raise BadReply("old")
            self._answered_at = answer.at
        return answer

    def _follow(self, at: float | None) -> bool:
        """Take the receiver's clock, for what is said to it alone; say whether that changes anything."""
        if at is None:
            return False
        ahead_s = at - time.time()
        changes = abs(ahead_s - self._ahead_s) > _CLOCK_OFF_S
        if changes:
            self._ahead_s = ahead_s
        return changes

    def _failed(self, reason: str) -> UpstreamDown:
        self._failed_at = time.monotonic()
        return UpstreamDown(reason)

    async def _by_tcp(self, raw: bytes) -> bytes:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            reader, writer = await asyncio.open_connection(self.host, self.port)
            try:
                writer.write(raw)
                await writer.drain()
                return await _read(reader)
            finally:
                writer.close()

    async def _by_udp(self, raw: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        mailbox = _Mailbox(loop.create_future())
        address = self.host, self.port
        transport, _ = await loop.create_datagram_endpoint(lambda: mailbox, remote_addr=address)
        try:
            for _ in range(
                _DATAGRAM_TRIES
            ):  # the same message each time: it is known by its number
                transport.sendto(raw)
                done, _ = await asyncio.wait([mailbox.answer], timeout=ANSWER_WITHIN_S)
                if done:
                    return mailbox.answer.result()
            raise TimeoutError
        finally:
            transport.close()


class _Mailbox(asyncio.DatagramProtocol):
    """The first datagram that comes back, or why none can."""

    def __init__(self, answer: asyncio.Future[bytes]) -> None:
        self.answer = answer

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - asyncio's
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def _read(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    while not whole(answer):
        part = await reader.read(_REPLY_MAX)
        if not part:
            raise BadReply("connection_lost")
        answer += part
        if len(answer) > _REPLY_MAX:
            raise BadReply("too_long")
    return answer


def _filling(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters) for _ in range(count))

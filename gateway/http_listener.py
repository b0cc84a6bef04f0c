"""Listens on one address, and answers one request a connection: as much of HTTP as its two pages need."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from gateway.events import Fault, Restore
from gateway.upstream import Post

_WITHIN_S = 5.0
_HEAD_MAX = 8192
_TRY_AGAIN_S = 60.0

Answer = Callable[[bytes, asyncio.StreamReader], Awaitable[bytes]]
"""Returns the response to a head; what else there is of the request may be read. b"" is none."""


class HttpListener:
    """Listens at `host` and `port`; an address that is taken is the fault `cannot_listen` of `source`."""

    def __init__(self, source: str, address: tuple[str, int], post: Post, at_once: int) -> None:
        """Open nothing yet; answer `at_once` requests beside each other, no more."""
        self._source = source
        self._address = address
        self._post = post
        self._asking = asyncio.Semaphore(at_once)

    async def run(self, answer: Answer) -> None:
        """Serve until cancelled, as `answer` says."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(answer, reader, writer)

        while True:
            try:
                server = await asyncio.start_server(serve, *self._address, limit=_HEAD_MAX)
            except OSError as error:
                why = type(error).__name__
                self._post(Fault(self._source, "cannot_listen", time.time(), why))
                await asyncio.sleep(_TRY_AGAIN_S)
                continue
            self._post(Restore(self._source, "cannot_listen", time.time()))
            await server.serve_forever()

    async def _serve(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with asyncio.timeout(_WITHIN_S), self._asking:
                writer.write(await answer(await reader.readuntil(b"\r\n\r\n"), reader))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the other end has gone, or says nothing, or too much
        finally:
            writer.close()


def response(status: str, body: bytes, kind: str, *headers: str) -> bytes:
    """Return a whole response; the connection ends with it."""
    lines = (
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *headers,
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(lines).encode() + body

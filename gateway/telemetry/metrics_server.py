"""Answers GET /metrics on one address: as much of HTTP as Prometheus needs, on the gateway's own loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from gateway.events import Fault, Restore
from gateway.telemetry.metrics_config import MetricsConfig
from gateway.upstream import Post

_WITHIN_S = 5.0
_HEAD_MAX = 8192
_AT_ONCE = 4
_TRY_AGAIN_S = 60.0


class MetricsServer:
    """Listens where `config` says; alerts are heard all the same where that cannot be."""

    def __init__(
        self, config: MetricsConfig, text: Callable[[], Awaitable[bytes]], post: Post
    ) -> None:
        """Answer with what `text` returns."""
        self._config = config
        self._text = text
        self._post = post
        self._asking = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            try:
                server = await asyncio.start_server(
                    self._serve, self._config.host, self._config.port, limit=_HEAD_MAX
                )
            except OSError as error:
                why = type(error).__name__
                self._post(Fault("metrics", "cannot_listen", time.time(), why))
                await asyncio.sleep(_TRY_AGAIN_S)
                continue
            self._post(Restore("metrics", "cannot_listen", time.time()))
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_WITHIN_S), self._asking:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self._answer(head))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the other end has gone, or says nothing, or too much
        finally:
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        verb, _, rest = head.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0]
        if path != b"/metrics":
            return _response("404 Not Found", b"see /metrics\n", "text/plain")
        if verb != b"GET":
            return _response("405 Method Not Allowed", b"", "text/plain")
        return _response("200 OK", await self._text(), CONTENT_TYPE_PLAIN_0_0_4)


def _response(status: str, body: bytes, kind: str) -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(lines).encode() + body

"""Answers GET /metrics on one address, on the gateway's own loop."""

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from gateway.http_listener import HttpListener, response
from gateway.telemetry.metrics_config import MetricsConfig
from gateway.upstream import Post

_AT_ONCE = 4


class MetricsServer:
    """Listens where `config` says; alerts are heard all the same where that cannot be."""

    def __init__(
        self, config: MetricsConfig, text: Callable[[], Awaitable[bytes]], post: Post
    ) -> None:
        """Answer with what `text` returns."""
        self._text = text
        self._listener = HttpListener("metrics", (config.host, config.port), post, _AT_ONCE)

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._listener.run(self._answer)

    async def _answer(self, head: bytes, _body: asyncio.StreamReader) -> bytes:
        verb, _, rest = head.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0]
        if path != b"/metrics":
            return response("404 Not Found", b"see /metrics\n", "text/plain")
        if verb != b"GET":
            return response("405 Method Not Allowed", b"", "text/plain")
        return response("200 OK", await self._text(), CONTENT_TYPE_PLAIN_0_0_4)

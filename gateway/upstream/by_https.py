"""A way out by HTTPS: one request an event, over connections that are kept."""

from abc import ABC, abstractmethod

from gateway.disk.outbox import Waiting
from gateway.disk.outbox_rows import Row
from gateway.upstream import Post
from gateway.upstream.drain import Drain
from gateway.upstream.http_config import HttpTarget
from gateway.upstream.https import Peer


class ByHttps(ABC):
    """The receiver of `config`; `_send` says what it is told."""

    def __init__(self, config: HttpTarget, outbox: Waiting, post: Post) -> None:
        """Connect to nothing yet."""
        self.name = config.name
        self._peer = Peer(config.http)
        self._drain = Drain(config.name, outbox, post, self._send)

    @property
    def up(self) -> bool:
        """Say whether the receiver took what it was last given, or was there when nothing waited."""
        return self._drain.up

    async def run(self) -> None:
        """Drain the outbox for ever."""
        try:
            await self._drain.run(self._peer.probe)
        finally:
            await self._peer.close()

    @abstractmethod
    async def _send(self, row: Row) -> bool:
        """Give a row to the receiver; False where that has no words for it."""

"""A receiver of CAP 1.2 over HTTPS: alerts, what becomes of them, and their end."""

from gateway.disk.outbox import Remembering
from gateway.disk.outbox_rows import Row
from gateway.upstream import Post
from gateway.upstream.by_https import ByHttps
from gateway.upstream.cap_config import CapConfig
from gateway.upstream.cap_message import Sent, speaks_of, to_xml

_TYPE = "application/cap+xml"


class CapUpstream(ByHttps):
    """The receiver of `config`. What has no CAP message is done without being sent."""

    def __init__(self, config: CapConfig, outbox: Remembering, post: Post) -> None:
        """Connect to nothing yet."""
        super().__init__(config, outbox, post)
        self._config = config
        self._outbox = outbox

    async def _send(self, row: Row) -> bool:
        if not speaks_of(row):
            return False
        before = [Sent(*one) for one in await self._outbox.before(row)]
        await self._peer.post(to_xml(row, before, self._config), {"content-type": _TYPE})
        return True

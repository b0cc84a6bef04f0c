"""Makes the links of letters, each of its own."""

import secrets
import time

from gateway.upstream.ack_link import Link, to_token
from gateway.upstream.people_config import AcknowledgeConfig


class AckLinks:
    """Makes links under `ack_base_url`, signed with `key`."""

    def __init__(self, config: AcknowledgeConfig, key: bytes) -> None:
        """Make none yet."""
        self._config = config
        self._key = key

    def __call__(self, incident: str, number: int, by: str) -> str | None:
        """Return a link by which `by` acknowledges; None where no listener is set up."""
        if not self._config.base_url:
            return None
        expires = int(time.time()) + self._config.expires_s
        link = Link(incident, secrets.token_bytes(16), expires, number, by[:90])
        return f"{self._config.base_url}/{to_token(link, self._key)}"

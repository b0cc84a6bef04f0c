"""Makes the links of letters, each of its own, signed with a key made at the first start."""

import os
import secrets
import time
from pathlib import Path

from gateway.upstream.ack_link import Link, to_token
from gateway.upstream.people_config import AcknowledgeConfig

_KEY_BYTES = 32


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


def load_or_make_key(path: Path) -> bytes:
    """Return the key of `path`, made where there is none; raise `OSError`, `ValueError`."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise ValueError(str(path)) from None
        return key
    key = secrets.token_bytes(_KEY_BYTES)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key

"""[[upstream]] with type "webhook": a receiver that takes Standard Webhooks."""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

from gateway.fields import Fields
from gateway.upstream.http_config import HttpTarget, read_http

_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)  # Standard Webhooks, "Signature scheme"


@dataclass(frozen=True, slots=True)
class WebhookConfig(HttpTarget):
    """`secret_file` holds what we share with the receiver; without it only our own key signs.

    `commands`: what the receiver answers may acknowledge the incident it was told of.
    """

    secret_file: Path | None = None
    commands: bool = False

    @property
    def secrets(self) -> tuple[Path, ...]:
        """Return the files that nobody else may read."""
        return (*self.http.secrets, *((self.secret_file,) if self.secret_file else ()))


def read_webhook(fields: Fields) -> WebhookConfig:
    """Read the table."""
    http = read_http(fields, "webhook")
    secret_file = fields.optional("secret_file", "/etc/tocsin/webhook.secret")
    return WebhookConfig(
        http=http,
        secret_file=Path(secret_file) if secret_file else None,
        commands=fields.flag("commands", default=False),
    )


def secret_of(text: str) -> bytes:
    """Return the key that a secret such as `whsec_...` stands for; raise `ValueError`."""
    try:
        key = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) not in _SECRET_BYTES:
        raise ValueError("24 to 64 bytes")
    return key

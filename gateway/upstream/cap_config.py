"""[[upstream]] with type "cap": a receiver that takes messages of the Common Alerting Protocol 1.2."""

import re
from dataclasses import dataclass
from pathlib import Path

from gateway.fields import Fields
from gateway.upstream.http_config import HttpConfig, read_http

# Section 3.2.1: neither spaces nor commas nor what XML restricts.
_SENDER = re.compile(r"[^\s,<&]{1,128}")
_ADDRESS = re.compile(r'[^"<&]{1,200}')


@dataclass(frozen=True, slots=True)
class CapConfig:
    """`sender` is unique in the world, `addresses` whom its Private messages are for.

    `language` is en or fr.
    """

    http: HttpConfig
    sender: str
    sender_name: str
    addresses: tuple[str, ...]
    language: str = "en"

    @property
    def name(self) -> str:
        """Return the name of the target."""
        return self.http.name

    @property
    def host(self) -> str:
        """Return the host of the receiver."""
        return self.http.host

    @property
    def port(self) -> int:
        """Return its port."""
        return self.http.port

    @property
    def secrets(self) -> tuple[Path, ...]:
        """Return the files that nobody else may read."""
        return self.http.secrets


def read_cap(fields: Fields) -> CapConfig:
    """Read the table."""
    http = read_http(fields, "cap")
    sender = fields.text("sender", "tocsin@clinic.example.org")
    if not _SENDER.fullmatch(sender):
        fields.bad_form("sender", "form.cap_sender", "tocsin@clinic.example.org")
    addresses = fields.texts("addresses", "alerts.example.org") or ()
    if not addresses or not all(map(_ADDRESS.fullmatch, addresses)):
        fields.bad_form("addresses", "form.cap_addresses", "alerts.example.org")
    return CapConfig(
        http=http,
        sender=sender,
        sender_name=fields.text("sender_name", "Clinic of the Lilacs", sender),
        addresses=addresses,
        language=fields.choice("language", ("en", "fr"), "en"),
    )

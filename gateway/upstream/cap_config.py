"""[[upstream]] with type "cap": a receiver that takes messages of the Common Alerting Protocol 1.2."""

import re
from dataclasses import dataclass

from gateway.fields import Fields
from gateway.upstream.http_config import HttpTarget, read_http

# Section 3.2.1: neither spaces nor commas nor what XML restricts.
_SENDER = re.compile(r"[^\s,<&]{1,128}")
_ADDRESS = re.compile(r'[^"<&]{1,200}')


@dataclass(frozen=True, slots=True)
class CapConfig(HttpTarget):
    """`sender` is unique in the world, `addresses` whom its Private messages are for.

    `language` is en or fr.
    """

    sender: str
    sender_name: str
    addresses: tuple[str, ...]
    language: str = "en"


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

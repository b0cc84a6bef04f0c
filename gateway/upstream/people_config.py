"""[[upstream]] of type "mail", and [acknowledge]: how people are told, and answer by a link."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.fields import Fields
from gateway.words import say

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,180}")
_LISTEN = re.compile(r"(?P<host>[0-9.]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_RECIPIENTS_MAX = 32


@dataclass(frozen=True, slots=True)
class MailConfig:
    """A server that takes e-mail. `security` is starttls, tls, or none; `labels`: say who pressed."""

    name: str
    host: str
    port: int
    security: str
    ca_file: Path | None
    username: str | None
    password_file: Path | None
    sender: str
    recipients: tuple[str, ...]
    language: str
    labels: bool

    @property
    def secrets(self) -> tuple[Path, ...]:
        """Return the files that nobody else may read."""
        return (self.password_file,) if self.password_file else ()


@dataclass(frozen=True, slots=True)
class AcknowledgeConfig:
    """Where links lead that acknowledge, and where they are served; without `base_url` there are none."""

    base_url: str = ""
    host: str = "127.0.0.1"
    port: int = 9465
    expires_s: int = 3600
    language: str = "fr"


def read_mail(fields: Fields) -> MailConfig:
    """Return the mail server that an [[upstream]] names; its `type` is taken already."""
    host = fields.text("host", "mail.example.org")
    safe = "none" if host in _LOOPBACK else "starttls"
    security = fields.choice("security", tuple(_PORTS), safe)
    config = MailConfig(
        name=fields.name("name", "mail", "mail"),
        host=host,
        port=fields.number("port", 1, 65_535, _PORTS[security]),
        security=security,
        ca_file=_path(fields, "ca_file", "/etc/tocsin/ca.pem"),
        username=fields.optional("username", "gateway"),
        password_file=_path(fields, "password_file", "/etc/tocsin/mail.password"),
        sender=_address(fields, "sender", fields.text("sender", "tocsin@example.org")),
        recipients=_recipients(fields),
        language=fields.choice("language", ("fr", "en"), "fr"),
        labels=fields.flag("labels", default=False),
    )
    if config.username and security == "none" and host not in _LOOPBACK:
        fields.problem("security", say("password_in_clear"))
    if (config.username is None) != (config.password_file is None):
        fields.problem("password_file", say("password_without_user"))
    return config


def read_acknowledge(root: Fields) -> AcknowledgeConfig:
    """Return [acknowledge] of gateway.toml."""
    fields = root.table("acknowledge")
    base_url = fields.any_text("ack_base_url", "https://alerts.example.org/ack", "").rstrip("/")
    listen = fields.text("listen", "127.0.0.1:9465", "127.0.0.1:9465")
    expires_s = 60 * fields.number("expires_minutes", 5, 1440, 60)
    language = fields.choice("language", ("fr", "en"), "fr")
    fields.finish()
    found = _LISTEN.fullmatch(listen)
    if found is None or not 1 <= int(found["port"]) <= 65_535:
        fields.bad_form("listen", "form.address", "127.0.0.1:9465")
        return AcknowledgeConfig()
    if base_url and not _safe(base_url):
        fields.bad_form("ack_base_url", "form.ack_base_url", "https://alerts.example.org/ack")
    return AcknowledgeConfig(
        base_url, found["host"].strip("[]"), int(found["port"]), expires_s, language
    )


def _safe(url: str) -> bool:
    """Say whether a link under `url` is not seen by others on its way."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    good = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return bool(good and parts.hostname and not parts.query and not parts.fragment)


def _recipients(fields: Fields) -> tuple[str, ...]:
    given = fields.texts("recipients", "reception@example.org") or ()
    if not 1 <= len(given) <= _RECIPIENTS_MAX:
        fields.bad_form("recipients", "form.recipients", "reception@example.org")
    return tuple(_address(fields, "recipients", one) for one in dict.fromkeys(given))


def _address(fields: Fields, key: str, address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        fields.bad_form(key, "form.mail_address", "reception@example.org")
    return address


def _path(fields: Fields, key: str, example: str) -> Path | None:
    text = fields.optional(key, example)
    return Path(text) if text else None

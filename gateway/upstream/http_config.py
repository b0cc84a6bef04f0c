"""What every way out by HTTPS is told in gateway.toml: where to, whom to trust, what to show."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.fields import Fields
from gateway.words import say

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PROXY = "http://proxy.example.org:3128"
_EXAMPLE = "https://alerts.example.org/tocsin"


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """Where `url` is and how to get there; `networks` are the private ones that it may be in.

    `cert_file` and `key_file` are ours, for a receiver that wants to see a certificate; `token_file`
    has what goes behind `Bearer`.
    """

    name: str
    url: str
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    token_file: Path | None = None
    proxy: str | None = None
    networks: tuple[Network, ...] = ()

    @property
    def secrets(self) -> tuple[Path, ...]:
        """Return the files that nobody else may read."""
        return tuple(file for file in (self.key_file, self.token_file) if file)

    @property
    def host(self) -> str:
        """Return the host of the URL."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Return the port of the URL."""
        return urlsplit(self.url).port or (443 if self.tls else 80)

    @property
    def tls(self) -> bool:
        """Say whether what is sent is encrypted."""
        return urlsplit(self.url).scheme == "https"

    @property
    def local(self) -> bool:
        """Say whether the receiver is on this machine."""
        return self.host in LOOPBACK


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """What every target by HTTPS has: a receiver, and with it its name, host and secrets."""

    http: HttpConfig

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


def read_http(fields: Fields, name: str) -> HttpConfig:
    """Read the keys that all of them share; `name` is the one they have where none is given."""
    config = HttpConfig(
        name=fields.name("name", name, name),
        url=_url(fields, "url", _EXAMPLE),
        ca_file=_path(fields, "ca_file", "/etc/tocsin/ca.pem"),
        cert_file=_path(fields, "cert_file", "/etc/tocsin/gateway.pem"),
        key_file=_path(fields, "key_file", "/etc/tocsin/gateway.pem.key"),
        token_file=_path(fields, "token_file", "/etc/tocsin/token"),
        proxy=read_proxy(fields),
        networks=_networks(fields),
    )
    if (config.cert_file is None) != (config.key_file is None):
        fields.problem("cert_file", say("cert_without_key"))
    return config


def _url(fields: Fields, key: str, example: str) -> str:
    """Return a URL; in clear only to this machine, and without a password, which a log would show."""
    url = fields.text(key, example)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http") or "@" in parts.netloc or parts.fragment:
        fields.bad_form(key, "form.url", example)
    elif parts.scheme == "http" and host not in LOOPBACK:
        fields.problem(key, say("url_in_clear"))
    else:
        return url
    return example


def read_proxy(fields: Fields) -> str | None:
    """Return the proxy through which the target is reached, None where none is named."""
    if not fields.has("proxy"):
        return fields.optional("proxy", "")
    url = fields.text("proxy", _PROXY)
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "http" and parts.hostname and parts.port and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits:
        fields.bad_form("proxy", "form.proxy", _PROXY)
    return url


def _networks(fields: Fields) -> tuple[Network, ...]:
    try:
        return tuple(map(ipaddress.ip_network, fields.texts("networks", "10.1.2.0/24") or ()))
    except ValueError:
        fields.bad_form("networks", "form.network", "10.1.2.0/24")
        return ()


def _path(fields: Fields, key: str, example: str) -> Path | None:
    text = fields.optional(key, example)
    return Path(text) if text else None

"""One request to a receiver: where it may go, what comes back, and what went wrong, in one word.

Names are resolved here and the connection goes to an address that was looked at: a name that answers
first with a public address and then with one of the cupboard's own network reaches nothing.
"""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from gateway.upstream import UpstreamDown
from gateway.upstream.causes import Words, cause
from gateway.upstream.drain import Busy, EventRefused
from gateway.upstream.http_config import HttpConfig
from gateway.upstream.secret import place, secret_text
from gateway.upstream.trust import trusting

WITHIN_S = 10.0
REPLY_MAX = 4096
_BUSY_MAX_S = 3600.0
_GONE_S = 3600.0
_REFUSED_EVENT = (400, 406, 409, 413, 415, 422)
_WORDS: Words = (
    (httpx.ProxyError, "proxy"),
    (httpx.RemoteProtocolError, "not_http"),
    (httpx.TimeoutException, "no_answer"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver that took the event said: the first 4,096 bytes of it."""

    status: int
    content: bytes


class Peer:
    """The receiver of `config`; connections are kept, redirects never followed."""

    def __init__(self, config: HttpConfig) -> None:
        """Connect to nothing yet."""
        self._config = config
        self._client: httpx.AsyncClient | None = None
        self._made_from: list[float] = []

    async def post(self, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Send `content`; raise `UpstreamDown`, `Busy` or `EventRefused`."""
        token = secret_text(self._config.token_file, "token_file")
        sent = dict(headers) | ({"authorization": f"Bearer {token}"} if token else {})
        async with _one_cause():
            return await self._post(content, sent)

    async def probe(self) -> float | None:
        """Connect and leave; return when its certificate ends (Unix seconds). Raise `UpstreamDown`."""
        if self._config.proxy:
            proxy = httpx.URL(self._config.proxy)
            async with _one_cause():
                return await _greet(proxy.host, proxy.port or 80, None, "")
        async with _one_cause():
            addresses = await self._addresses()
            context = self.context() if self._config.tls else None
            return await _greet(addresses[0], self._config.port, context, self._config.host)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _post(self, content: bytes, headers: dict[str, str]) -> Reply:
        url = httpx.URL(self._config.url)
        if self._config.proxy:  # it resolves the name, and connects where it may
            return await self._exchange(url, content, headers, {})
        named = headers | {"host": url.netloc.decode("ascii")}
        shown = {"sni_hostname": self._config.host}
        *others, last = await self._addresses()
        for address in others:
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._exchange(url.copy_with(host=address), content, named, shown)
        return await self._exchange(url.copy_with(host=last), content, named, shown)

    async def _exchange(
        self,
        url: httpx.URL,
        content: bytes,
        headers: dict[str, str],
        extensions: dict[str, str],
    ) -> Reply:
        client = await self._current()
        request = client.stream(
            "POST", url, content=content, headers=headers, extensions=extensions
        )
        async with request as response:
            judge(response.status_code, response.headers, datetime.now(UTC))
            return Reply(response.status_code, await _beginning(response))

    async def _addresses(self) -> list[str]:
        """Return the addresses of the host, all of which may be asked."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            self._config.host, self._config.port, type=socket.SOCK_STREAM
        )
        addresses = list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
        if not all(allowed(address, self._config) for address in addresses):
            raise UpstreamDown("private_network")
        return addresses

    async def _current(self) -> httpx.AsyncClient:
        """Return the client, a new one where the files it was made from are others now."""
        files = self._config.ca_file, self._config.cert_file, self._config.key_file
        made_from = [place(file).stat().st_mtime for file in files if file and place(file).exists()]
        old = self._client
        if old is not None and made_from == self._made_from:
            return old
        self._made_from = made_from
        fresh = self._client = self._make()
        if old is not None:  # what is under way there is sent once more
            await old.aclose()
        return fresh

    def _make(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self.context(),
            proxy=self._config.proxy,
            trust_env=False,  # what is not in gateway.toml does not count
            follow_redirects=False,
            # Shorter than ours: a handshake that we break off leaves its socket to the collector.
            timeout=httpx.Timeout(WITHIN_S, connect=WITHIN_S / 3),
        )

    def context(self) -> ssl.SSLContext:
        """Return what TLS is spoken with; raise `UpstreamDown` naming the file that is to blame."""
        config = self._config
        if not config.tls:  # to this machine: nothing to trust, and no authorities to read
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return trusting(config.ca_file, config.cert_file, config.key_file)


def allowed(address: str, config: HttpConfig) -> bool:
    """Say whether `address` may be asked: a public one, one of this machine or in a named network."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if config.local and ip.is_loopback:
        return True
    named = any(ip in network for network in config.networks)
    return named or (ip.is_global and not ip.is_multicast)


def judge(status: int, headers: Mapping[str, str], now: datetime) -> None:
    """Return where `status` means that the event was taken; raise what else it means."""
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise UpstreamDown("redirect")
    if status == 410:  # it wants no more: asked again now and then, an alert is never dropped
        raise Busy("gone", _GONE_S)
    if status in (429, 502, 503, 504):
        raise Busy(f"http_{status}", _asked_s(headers.get("retry-after", ""), now))
    if status in _REFUSED_EVENT:
        raise EventRefused(f"http_{status}")
    raise UpstreamDown(f"http_{status}")


def _asked_s(text: str, now: datetime) -> float:
    """Return the seconds of a Retry-After (RFC 9110, 10.2.3), an hour at most, 0 where it says none."""
    if text.isascii() and text.isdigit():
        return min(float(text), _BUSY_MAX_S)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return min(max((at - now).total_seconds(), 0.0), _BUSY_MAX_S) if at.tzinfo else 0.0


async def _beginning(response: httpx.Response) -> bytes:
    content = b""
    async for part in response.aiter_bytes():
        content += part
        if len(content) >= REPLY_MAX:
            break
    return content[:REPLY_MAX]


async def _greet(host: str, port: int, context: ssl.SSLContext | None, name: str) -> float | None:
    _, writer = await asyncio.open_connection(
        host, port, ssl=context, server_hostname=name if context else None
    )
    try:
        certificate = writer.get_extra_info("peercert")
        return ssl.cert_time_to_seconds(certificate["notAfter"]) if certificate else None
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def _one_cause() -> AsyncIterator[None]:
    """Give it ten seconds, and tell what the network did in one word."""
    try:
        async with asyncio.timeout(WITHIN_S):
            yield
    except (httpx.HTTPError, OSError) as error:
        raise UpstreamDown(cause(error, _WORDS)) from error

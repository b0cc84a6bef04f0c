"""The way to a target, hop by hop: asked as the gateway itself would, each with the time that it took.

    resolved    its name has addresses, to which the gateway may speak
    connected   something listens there
    tls         it has shown a certificate that counts (with STARTTLS and through a proxy: see greeting)
    greeting    it knows us: CONNACK, login to the mail server, ACK to a DC-09 NULL
    set_up      apprise is there and understands the URL; all else it does by itself

Of a centre with two receivers the first is walked to, and both are asked to greet. UDP knows no connection.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from gateway.upstream import UpstreamDown, mail, mqtt_client, sia_dc09
from gateway.upstream.apprise import Service
from gateway.upstream.apprise_config import AppriseConfig
from gateway.upstream.apprise_helper import Helper
from gateway.upstream.causes import cause
from gateway.upstream.drain import EventRefused
from gateway.upstream.http_config import HttpConfig, HttpTarget
from gateway.upstream.https import Peer, allowed
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.people_config import MailConfig
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.targets import Reachable, Target
from gateway.upstream.trust import trusting

WITHIN_S = 10.0
T = TypeVar("T")


class Hop(NamedTuple):
    """A hop that took `ms` milliseconds, and `why` it failed, "" where it did not.

    `ends`: when the certificate that was shown ends, Unix seconds.
    """

    name: str
    ms: float
    why: str = ""
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a connection goes, and what TLS is spoken on it from its beginning."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    stream: bool = True
    http: HttpConfig | None = None


async def walk(target: Target) -> AsyncIterator[Hop]:
    """Yield the hops to a target, until one fails."""
    if isinstance(target, AppriseConfig):
        hop, _ = await timed("set_up", set_up(target))
        yield hop
        return
    hop, line = await timed("resolved", _resolved(target))
    yield hop
    if line is None:
        return
    if line.stream:
        hop, writer = await timed("connected", _connected(line))
        yield hop
        if writer is None:
            return
        try:
            if line.tls is not None:
                hop, ends = await timed("tls", _encrypted(writer, line.tls, line.host))
                yield hop._replace(ends=ends)
                if hop.why:
                    return
        finally:
            writer.close()
    if not isinstance(target, HttpTarget):
        hop, ends = await timed("greeting", _greeted(target))
        yield hop._replace(ends=ends)


async def timed(name: str, call: Awaitable[T], within_s: float = WITHIN_S) -> tuple[Hop, T | None]:
    """Return how a hop went, and what it brought; None where it failed."""
    begin = time.perf_counter()
    result, why = None, ""
    try:
        async with asyncio.timeout(within_s):
            result = await call
    except (UpstreamDown, EventRefused) as error:
        why = error.reason
    except OSError as error:  # a TimeoutError is one, too
        why = cause(error)
    return Hop(name, (time.perf_counter() - begin) * 1000, why), result


async def set_up(target: AppriseConfig) -> None:
    """Look whether a message could be sent; raise `UpstreamDown`."""
    service = Service(target, Helper())
    try:
        await service.probe()
    finally:
        await service.close()


async def _resolved(target: Reachable) -> _Line:
    line = _line(target)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(line.host, line.port, type=socket.SOCK_STREAM)
    http = line.http
    if http is not None and not all(allowed(str(one[4][0]), http) for one in found):
        raise UpstreamDown("private_network")
    return line


def _line(target: Reachable) -> _Line:
    match target:
        case HttpTarget():
            return _line_by_http(target.http)
        case SiaConfig():
            host, port = target.receivers[0]
            return _Line(host, port, stream=target.transport == "tcp")
        case MqttConfig():
            tls = mqtt_client.context(target)
        case MailConfig():
            tls = trusting(target.ca_file) if target.security == "tls" else None
    return _Line(target.host, target.port, tls)


def _line_by_http(config: HttpConfig) -> _Line:
    if config.proxy:
        proxy = urlsplit(config.proxy)
        return _Line(proxy.hostname or "", proxy.port or 80)
    tls = Peer(config).context() if config.tls else None
    return _Line(config.host, config.port, tls, http=config)


async def _connected(line: _Line) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection(line.host, line.port)
    return writer


async def _encrypted(
    writer: asyncio.StreamWriter, context: ssl.SSLContext, host: str
) -> float | None:
    await writer.start_tls(context, server_hostname=host)
    certificate = writer.get_extra_info("peercert")
    return ssl.cert_time_to_seconds(certificate["notAfter"]) if certificate else None


async def _greeted(target: MqttConfig | SiaConfig | MailConfig) -> float | None:
    match target:
        case MqttConfig():
            return await mqtt_client.greet(target, WITHIN_S)
        case SiaConfig():
            await sia_dc09.probe(target)
            return None
        case MailConfig():
            return await mail.probe(target)

"""Every way out against every bad peer: one fault, with its cause in one word, and nothing lost.

| | mqtt | webhook | cap | sia | mail |
|---|---|---|---|---|---|
| nobody there, unknown name, silent, slow, hangs up, garbage | x | x | x | x | x |
| certificate expired, not valid yet, of another name, of a stranger; no TLS there | x | x | x | | x |

`test_apprise` has the same for who is reached by apprise. DC-09 has no TLS. Until a broker has taken the
client, the MQTT library waits for that alone: of garbage one learns that it ends. Refused passwords,
accounts and certificates of ours are with the tests of each way.
"""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from gateway.config import Place
from gateway.tests.brokers import free_port
from gateway.tests.receivers import Authority, FakePath, receiving
from gateway.tests.rows import row
from gateway.tests.waiting import eventually
from gateway.upstream import drain, https, mail, mqtt, sia_receiver
from gateway.upstream.ack_links import AckLinks
from gateway.upstream.cap import CapUpstream
from gateway.upstream.cap_config import CapConfig
from gateway.upstream.cloudevent import Author
from gateway.upstream.desk import Desk
from gateway.upstream.http_config import HttpConfig
from gateway.upstream.mail import MailUpstream
from gateway.upstream.mqtt import MqttUpstream
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.people_config import AcknowledgeConfig, MailConfig
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.sia_dc09 import SiaUpstream
from gateway.upstream.signature import Signer
from gateway.upstream.signed_command import Operators
from gateway.upstream.webhook import WebhookUpstream
from gateway.upstream.webhook_config import WebhookConfig

# A socket is left to the collector: by paho where the handshake fails, by httpcore where it is cancelled.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in", "ignore:unclosed")
PLACE = Place("site", "one")
AUTHOR = Author(PLACE, Signer(bytes(32)))
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Upstream(Protocol):
    @property
    def up(self) -> bool: ...

    async def run(self) -> None: ...


class Peer:
    """Where a way out is sent to: `ca_file` is given where it is to speak TLS."""

    def __init__(self, port: int, host: str = "127.0.0.1", ca_file: Path | None = None) -> None:
        self.host, self.port, self.ca_file = host, port, ca_file

    @property
    def url(self) -> str:
        return f"http{'s' if self.ca_file else ''}://{self.host}:{self.port}/in"


def desk(path: FakePath) -> Desk:
    return Desk(Operators("site"), path.post, path.refused.append, unsigned=False, via="mqtt")


def by_mqtt(peer: Peer, path: FakePath) -> Upstream:
    tls = peer.ca_file is not None
    config = MqttConfig("way", peer.host, peer.port, tls, peer.ca_file, None, None)
    return MqttUpstream(config, AUTHOR, path, path.post, desk(path))


def by_webhook(peer: Peer, path: FakePath) -> Upstream:
    config = WebhookConfig(HttpConfig("way", peer.url, ca_file=peer.ca_file))
    return WebhookUpstream(config, AUTHOR, path, path.post, desk(path))


def by_cap(peer: Peer, path: FakePath) -> Upstream:
    http = HttpConfig("way", peer.url, ca_file=peer.ca_file)
    return CapUpstream(CapConfig(http, "t@example.org", "T", ("arc",)), path, path.post)


def by_sia(peer: Peer, path: FakePath) -> Upstream:
    there = ((peer.host, peer.port),)
    config = SiaConfig("way", there, "tcp", "SIA-DCS", "1234", "0", "0", None, 0)
    return SiaUpstream(config, path, path.post)


def by_mail(peer: Peer, path: FakePath) -> Upstream:
    security = "tls" if peer.ca_file else "none"
    config = MailConfig(
        name="way",
        host=peer.host,
        port=peer.port,
        security=security,
        ca_file=peer.ca_file,
        username=None,
        password_file=None,
        sender="t@example.org",
        recipients=("a@example.org",),
        language="en",
        labels=False,
    )
    return MailUpstream(config, PLACE, path, path.post, AckLinks(AcknowledgeConfig(), bytes(32)))


WITH_TLS = (by_mqtt, by_webhook, by_cap, by_mail)
EVERY = (*WITH_TLS, by_sia)
Way = Callable[[Peer, FakePath], Upstream]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (drain, mqtt):
        monkeypatch.setattr(module, "RETRY_FIRST_S", 0.01)
        monkeypatch.setattr(module, "RETRY_MAX_S", 0.02)
    waits(monkeypatch, 1.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    waits(monkeypatch, 0.3)


def waits(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(mqtt, "CONFIRM_WITHIN_S", seconds)
    monkeypatch.setattr(https, "WITHIN_S", seconds)
    monkeypatch.setattr(sia_receiver, "ANSWER_WITHIN_S", seconds)
    monkeypatch.setattr(mail, "WITHIN_S", seconds)


async def causes(way: Way, peer: Peer) -> set[str]:
    """Return the causes of `unreachable` while an alert is tried three times and more."""
    path = FakePath(row(1))
    upstream = way(peer, path)
    task = asyncio.create_task(upstream.run())
    try:
        await eventually(lambda: dict(path.conditions).get("unreachable"))
        await asyncio.sleep(0.1)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0.02)  # a handshake that was broken off closes its socket behind that
        if peer.ca_file:
            gc.collect()  # here, and not in the test of somebody else
    assert not upstream.up
    assert path.delivered == []
    assert [one.event for one in path.waiting] == [row(1).event]
    return {why for code, why in path.conditions if code == "unreachable"}


@contextlib.asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[Peer]:
    """Serve whoever connects as `serve` does, and hang up."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield Peer(server.sockets[0].getsockname()[1])
    finally:
        server.close()


@pytest.mark.parametrize("way", EVERY)
async def test_nobody_is_there(way: Way) -> None:
    assert await causes(way, Peer(free_port())) == {"connection_refused"}


@pytest.mark.parametrize("way", EVERY)
async def test_a_name_that_nobody_knows(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> Iterator[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert await causes(way, Peer(9, "nowhere.invalid")) == {"name_unknown"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("way", EVERY)
async def test_one_that_takes_the_connection_and_never_answers(way: Way) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as peer:
        assert await causes(way, peer) == {"no_answer"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("way", EVERY)
async def test_one_that_reads_nothing(way: Way) -> None:
    async def asleep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(5)

    async with serving(asleep) as peer:
        assert await causes(way, peer) == {"no_answer"}


GARBAGE: dict[Way, str] = {by_mqtt: "connection_lost", by_sia: "garbage", by_mail: "not_smtp"}
BEGINNINGS: dict[Way, bytes] = {
    by_mqtt: b"\x20",
    by_webhook: b"HTTP/1.1 200 OK\r\nx: ",
    by_cap: b"HTTP/1.1 200 OK\r\nx: ",
    by_sia: b"\n12340018",
    by_mail: b"220-",
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("way", EVERY)
async def test_one_that_answers_a_byte_now_and_then(way: Way) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in BEGINNINGS[way] + b"x" * 100:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.04)

    async with serving(slow) as peer:
        assert await causes(way, peer) == {"no_answer"}


@pytest.mark.parametrize("way", EVERY)
async def test_one_that_hangs_up(way: Way) -> None:
    async def leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pass

    async with serving(leaves) as peer:
        found = await causes(way, peer)
    if way in (by_webhook, by_cap):  # it may have been about to write, or to read
        assert found <= {"connection_lost", "not_http"}
    else:
        assert found == {"connection_lost"}


@pytest.mark.parametrize("way", EVERY)
async def test_one_that_answers_garbage(way: Way) -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(range(255, 0, -1)) + b"\r\n\r")
        await writer.drain()
        await asyncio.sleep(0.05)

    async with serving(garbage) as peer:
        found = await causes(way, peer)
    assert found == {GARBAGE.get(way, "not_http")}


@pytest.mark.parametrize(
    ("name", "days", "begins", "why"),
    [
        ("127.0.0.1", -1, -60, "certificate_expired"),
        ("127.0.0.1", 30, 1, "certificate_not_yet_valid"),
        ("10.9.9.9", 30, -60, "certificate_wrong_name"),
    ],
)
@pytest.mark.parametrize("way", WITH_TLS)
async def test_a_certificate_that_is_not_good(
    way: Way, name: str, days: float, begins: float, why: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    async with receiving(context=authority.serving(name, days, begins)) as receiver:
        assert await causes(way, Peer(receiver.port, ca_file=authority.file)) == {why}


@pytest.mark.parametrize("way", WITH_TLS)
async def test_a_certificate_of_an_authority_that_is_not_trusted(way: Way, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    context = Authority(tmp_path).serving("127.0.0.1")
    async with receiving(context=context) as receiver:
        found = await causes(way, Peer(receiver.port, ca_file=other.file))
        assert found == {"certificate_unknown_ca"}
        found = await causes(way, Peer(receiver.port, ca_file=tmp_path / "none.pem"))
        assert found == {"ca_file"}


@pytest.mark.parametrize("way", WITH_TLS)
async def test_one_that_speaks_no_tls(way: Way, tmp_path: Path) -> None:
    async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org\r\n")
        await asyncio.sleep(0.1)

    async with serving(greets) as peer:
        peer.ca_file = Authority(tmp_path).file
        assert await causes(way, peer) == {"tls"}

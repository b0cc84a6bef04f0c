"""A receiver by HTTP that answers what a test wants, and certificates of an authority of its own."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.disk.outbox_rows import UNSTORED, Row
from gateway.events import Delivered, Event, Fault, Restore

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def reply(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` in their order, the last one for ever; None: take the request and say nothing.

    `choose` goes before them, where it is given.
    """

    answers: list[bytes | None] = field(default_factory=lambda: [OK])
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    choose: Callable[[Request], bytes] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self.serve(reader, writer)))

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                self.requests.append(await _request(reader))
                answer = self._answer(self.requests[-1])
                if answer is None:
                    await reader.read()
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()

    def _answer(self, request: Request) -> bytes | None:
        if self.choose is not None:
            return self.choose(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def _request(reader: asyncio.StreamReader) -> Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(first.split()[1], headers, body)


@contextlib.asynccontextmanager
async def receiving(
    *answers: bytes | None, context: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers) or [OK])
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await receiver.leave()
        await asyncio.sleep(0)  # what was aborted is told to the loop


class FakePath:
    """Stands for outbox and path: rows go once delivered, what is posted is kept."""

    def __init__(self, *rows: Row) -> None:
        self.waiting = list(rows)
        self.posted: list[Event] = []
        self.refused: list[str] = []
        self.earlier: list[tuple[str, str, float]] = []
        self._wake = asyncio.Event()

    def at_once(self, begin: Callable[[Row], None] | None) -> None:
        """Hand nothing over: what is added waits for `rows`."""

    async def rows(self, limit: int) -> list[Row]:
        self._wake.clear()
        first = {one.subject: one for one in reversed(self.waiting)}
        return list(first.values())[:limit]

    async def changed(self, timeout_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()

    async def before(self, row: Row) -> list[tuple[str, str, float]]:
        return self.earlier

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:
        if row.id == UNSTORED:
            self.waiting.remove(row)

    def add(self, *rows: Row) -> None:
        self.waiting += rows
        self._wake.set()

    def post(self, event: Event, /) -> asyncio.Future[str]:
        settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.posted.append(event)
        if isinstance(event, Delivered):
            self.waiting = [one for one in self.waiting if one.id != event.row]
        settled.set_result("done")
        return settled

    @property
    def delivered(self) -> list[int]:
        return [one.row for one in self.posted if isinstance(one, Delivered)]

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """Codes and causes of faults; "over" for the end of one that was told."""
        told: list[tuple[str, str]] = []
        for one in self.posted:
            if isinstance(one, Fault):
                told.append((one.code, one.why))
            elif isinstance(one, Restore) and one.code in dict(told):
                told.append((one.code, "over"))
        return told


class Authority:
    """Signs certificates; `file` is what to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.file = folder / "ca.pem"
        own = self._built(self._name, self._key, 3650).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def sign(self, name: str, days: float = 30, begins: float = -60) -> tuple[Path, Path]:
        """Return certificate and key of `name`, which ends in `days`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        with contextlib.suppress(ValueError):
            names = [x509.IPAddress(ip_address(name))]
        built = self._built(subject, key, days, begins).add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
        certificate = self._folder / f"{name}.pem"
        certificate.write_bytes(_pem(built.sign(self._key, hashes.SHA256())))
        private = self._folder / f"{name}.key"
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, private

    def serving(
        self, name: str, days: float = 30, begins: float = -60, *, clients: bool = False
    ) -> ssl.SSLContext:
        """Return what a server named `name` speaks TLS with; `clients` must show a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.sign(name, days, begins))
        if clients:
            context.load_verify_locations(self.file)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _built(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        days: float,
        begins: float = -60,
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=begins))
            .not_valid_after(now + timedelta(days=days))
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)

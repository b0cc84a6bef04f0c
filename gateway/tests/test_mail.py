"""E-mail, taken by aiosmtpd, a server that others wrote; and the link by which people acknowledge."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from gateway.config import Place
from gateway.events import Acknowledge, Fault
from gateway.tests.brokers import free_port
from gateway.tests.receivers import Authority
from gateway.tests.rows import Rows, row
from gateway.tests.waiting import eventually
from gateway.upstream import drain, mail
from gateway.upstream.ack_link import BadLink, Link, from_token, to_token
from gateway.upstream.ack_links import AckLinks
from gateway.upstream.ack_listener import AckListener
from gateway.upstream.mail import MailUpstream
from gateway.upstream.people_config import AcknowledgeConfig, MailConfig

KEY = bytes(range(32))
LINK = Link("ab" * 16, b"n" * 16, 2_000, 3, "anne@example.org")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "RETRY_FIRST_S", 0.05)


class Server:
    """What aiosmtpd took; addresses that begin with "gone" it refuses.

    `answers` to messages in their order, 250 where there are none left; None: it says nothing.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str | None] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001, N802
        if address.startswith("gone"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001, N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append(message)
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer is None:
            await asyncio.sleep(5)
        return answer or ""


@asynccontextmanager
async def serving(
    port: int, context: ssl.SSLContext | None = None, by: str = "starttls", password: str = ""
) -> AsyncIterator[Server]:
    """Serve mail; with a `context` encrypted, with a `password` to who has it alone."""
    handler, loop = Server(), asyncio.get_running_loop()

    def login(server, session, envelope, mechanism, data) -> AuthResult:  # type: ignore[no-untyped-def]  # noqa: ANN001
        return AuthResult(success=data.password == password.encode(), handled=False)

    def made() -> SMTP:
        offered = {"tls_context": context, "require_starttls": True} if by == "starttls" else {}
        wants = {"authenticator": login, "auth_required": True} if password else {}
        given = (offered if context else {}) | wants | {"auth_require_tls": False}
        return SMTP(handler, loop=loop, **given)  # type: ignore[arg-type]

    around = context if by == "tls" else None
    server = await loop.create_server(made, "127.0.0.1", port, ssl=around)
    try:
        yield handler
    finally:
        server.close()


def config(port: int, **fields: object) -> MailConfig:
    values: dict[str, object] = {
        "name": "mail",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "ca_file": None,
        "username": None,
        "password_file": None,
        "sender": "tocsin@example.org",
        "recipients": ("anne@example.org", "bea@example.org"),
        "language": "fr",
        "labels": False,
    } | fields
    return MailConfig(**values)  # type: ignore[arg-type]


no_links = AckLinks(AcknowledgeConfig(), KEY)


@asynccontextmanager
async def running(port: int, links: AckLinks = no_links, **fields: object) -> AsyncIterator[Rows]:
    rows = Rows()
    settings = config(port, **fields)
    upstream = MailUpstream(settings, Place("msp", "one"), rows, rows.post, links)
    task = asyncio.create_task(upstream.run())
    try:
        yield rows
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_recipient_gets_a_letter_without_the_name_of_a_person() -> None:
    port = free_port()
    async with serving(port) as server, running(port) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.delivered)
    assert [message["To"] for message in server.taken] == ["anne@example.org", "bea@example.org"]
    letter = server.taken[0]
    assert letter["Subject"] == "[msp] ALERTE : panique, reception"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "button-01" in letter.get_content()
    assert "Noémie" not in letter.get_content()
    assert "http" not in letter.get_content()


async def test_the_name_is_told_where_that_is_asked_for_and_in_english() -> None:
    port = free_port()
    async with serving(port) as server, running(port, language="en", labels=True) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.delivered)
    assert server.taken[0]["Subject"] == "[msp] ALERT: panic, reception"
    assert "Who: Dr Noémie" in server.taken[0].get_content()


async def test_a_place_cannot_add_a_header() -> None:
    port = free_port()
    async with serving(port) as server, running(port) as rows:
        rows.add(row(1, place="a\r\nBcc: eve@example.org"))
        await eventually(lambda: rows.delivered)
    assert server.taken[0]["Bcc"] is None


@pytest.mark.parametrize("waits", [False, True])
async def test_it_can_be_ended_at_every_step_of_its_way_to_the_server(waits: bool) -> None:
    port = free_port()
    async with serving(port):
        for steps in range(40):
            rows = Rows()
            rows.waiting = [row(1)] if waits else []
            upstream = MailUpstream(config(port), Place("msp", "one"), rows, rows.post, no_links)
            task = asyncio.create_task(upstream.run())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            async with asyncio.timeout(2):
                await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled(), steps


async def test_a_server_that_is_away_is_a_fault_and_the_letter_comes_once_it_is_back() -> None:
    port = free_port()
    async with running(port) as rows:
        rows.add(row(1))
        await eventually(lambda: "unreachable" in rows.wrong)
        async with serving(port) as server:
            await eventually(lambda: rows.delivered)
    assert len({message["Message-ID"] for message in server.taken}) == 1
    assert not rows.wrong


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server cannot see that TLS came first
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_it_is_encrypted_and_logs_in_with_the_password_of_the_file(
    security: str, tmp_path: Path
) -> None:
    authority, password, port = Authority(tmp_path), tmp_path / "password", free_port()
    password.write_text("right\n", encoding="utf-8")
    login = {"username": "gateway", "password_file": password, "ca_file": authority.file}
    async with (
        serving(port, authority.serving("127.0.0.1"), security, password="right") as server,
        running(port, no_links, security=security, **login) as rows,
    ):
        rows.add(row(1))
        await eventually(lambda: rows.delivered)
        assert len(server.taken) == 2
        password.write_text("wrong\n", encoding="utf-8")
        rows.add(row(2))
        await eventually(lambda: rows.wrong.get("unreachable") == "password_refused")
        password.write_text("right\n", encoding="utf-8")
        await eventually(lambda: not rows.wrong)
    assert [one.row for one in rows.delivered] == [1, 2]


async def test_a_certificate_behind_starttls_counts_and_nothing_is_said_without_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "other").mkdir()
    authority, other = Authority(tmp_path), Authority(tmp_path / "other")
    for context, ca_file, why in (
        (authority.serving("127.0.0.1"), other.file, "certificate_unknown_ca"),
        (authority.serving("127.0.0.1", -1), authority.file, "certificate_expired"),
        (authority.serving("10.9.9.9"), authority.file, "certificate_wrong_name"),
        (None, authority.file, "not_offered"),
    ):
        port = free_port()
        async with (
            serving(port, context) as server,
            running(port, security="starttls", ca_file=ca_file) as rows,
        ):
            rows.add(row(1))
            await eventually(lambda rows=rows, why=why: rows.wrong.get("unreachable") == why)  # type: ignore[misc]
        assert server.taken == []


async def test_a_server_that_falls_silent_in_the_midst_gets_the_same_letter_again_and_no_other_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "WITHIN_S", 0.2)
    port = free_port()
    async with serving(port) as server, running(port) as rows:
        server.answers = ["250 taken", None, "451 later", "250 taken"]
        rows.add(row(1))
        await eventually(lambda: rows.delivered)
    told = [(message["To"], message["Message-ID"]) for message in server.taken]
    assert [to for to, _ in told] == ["anne@example.org", *["bea@example.org"] * 3]
    assert len({name for _, name in told}) == 1
    assert len(rows.delivered) == 1


async def test_one_refused_recipient_is_a_fault_and_the_others_are_told_once() -> None:
    port, recipients = free_port(), ("gone@example.org", "anne@example.org")
    async with serving(port) as server, running(port, recipients=recipients) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.delivered)
    assert [message["To"] for message in server.taken] == ["anne@example.org"]
    assert rows.wrong == {"recipient_refused": "recipient_1"}


async def test_where_every_recipient_is_refused_nobody_is_told() -> None:
    port = free_port()
    async with serving(port), running(port, recipients=("gone@example.org",)) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong.get("event_refused") == "recipients")
    assert not rows.delivered


def test_a_link_comes_back_as_it_was_signed() -> None:
    assert from_token(to_token(LINK, KEY), KEY, 1_999.0) == LINK


@pytest.mark.parametrize("place", range(0, 70, 3))
def test_a_changed_link_is_forged(place: int) -> None:
    token = to_token(LINK, KEY)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    with pytest.raises(BadLink, match="forged"):
        from_token(changed, KEY, 1_000.0)


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 5_000, "====", "../../etc"])
def test_what_is_no_link_is_forged(token: str) -> None:
    with pytest.raises(BadLink, match="forged"):
        from_token(token, KEY, 1_000.0)


def test_a_link_of_another_gateway_is_forged_and_an_old_one_has_expired() -> None:
    with pytest.raises(BadLink, match="forged"):
        from_token(to_token(LINK, bytes(32)), KEY, 1_000.0)
    with pytest.raises(BadLink, match="expired"):
        from_token(to_token(LINK, KEY), KEY, 2_000.0)


@asynccontextmanager
async def listening(rows: Rows) -> AsyncIterator[AcknowledgeConfig]:
    port = free_port()
    config = AcknowledgeConfig(f"http://127.0.0.1:{port}/ack", "127.0.0.1", port, language="en")
    listener = AckListener(config, KEY, rows.post)
    task = asyncio.create_task(listener.run())
    try:
        await eventually(lambda: rows.posted)  # the end of the fault that it cannot listen
        yield config
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ask(verb: str, url: str, body: str = "") -> str:
    port, _, path = url.removeprefix("http://127.0.0.1:").partition("/")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(f"{verb} /{path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    answer = (await reader.read()).decode()
    writer.close()
    return answer


def acknowledged(rows: Rows) -> list[Acknowledge]:
    return [event for event in rows.posted if isinstance(event, Acknowledge)]


async def test_opening_a_link_changes_nothing_and_its_button_acknowledges_once() -> None:
    rows = Rows()
    async with listening(rows) as config:
        url = AckLinks(config, KEY)("ab" * 16, 1, "anne@example.org")
        assert url is not None
        for _ in range(3):
            assert "<button>" in await ask("GET", url)
        assert acknowledged(rows) == []
        assert "help is coming" in await ask("POST", url, "eta=7")
        rows.result = "used_before"
        assert (await ask("POST", url, "eta=7")).startswith("HTTP/1.1 410")
    event, again = acknowledged(rows)
    assert (event.incident, event.by, event.eta_minutes) == ("ab" * 16, "anne@example.org", 7)
    assert (event.mandate.via, event.mandate.answers) == ("link", 1)
    assert event.mandate.once == again.mandate.once, "what the path knows a used link by"


async def test_a_forged_an_expired_and_a_late_link_acknowledge_nothing() -> None:
    rows = Rows()
    async with listening(rows) as config:
        old = f"{config.base_url}/{to_token(LINK, KEY)}"
        assert (await ask("POST", old)).startswith("HTTP/1.1 410")
        assert (await ask("POST", f"{config.base_url}/AAAA")).startswith("HTTP/1.1 404")
        assert acknowledged(rows) == []
        rows.result = "already_closed"
        url = AckLinks(config, KEY)("ab" * 16, 1, "anne@example.org")
        assert url is not None
        assert "closed already" in await ask("POST", url)
        rows.result = "pressed_again"
        assert "pressed again since" in await ask("POST", url)


async def test_an_address_that_is_taken_is_a_fault_until_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.http_listener._TRY_AGAIN_S", 0.01)
    rows = Rows()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        config = AcknowledgeConfig("http://x/ack", "127.0.0.1", other.getsockname()[1])
        task = asyncio.create_task(AckListener(config, KEY, rows.post).run())
        await eventually(lambda: rows.wrong)
        assert isinstance(rows.posted[0], Fault)
        assert (rows.posted[0].source, rows.posted[0].code) == ("acknowledge", "cannot_listen")
    await eventually(lambda: not rows.wrong)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"POST /ack HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /ack HTTP/1.1\r\nContent-Length: 99999\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
        b"GET " + b"a" * 20_000,
    ],
)
async def test_what_is_no_request_is_left_alone(raw: bytes) -> None:
    rows = Rows()
    async with listening(rows) as config:
        reader, writer = await asyncio.open_connection(config.host, config.port)
        writer.write(raw)
        assert await reader.read() == b""
        writer.close()
        assert "not valid" in await ask("GET", f"{config.base_url}/x")

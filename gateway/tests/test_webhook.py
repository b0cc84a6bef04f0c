"""Webhooks against a real server: signatures judged by others, answers good and bad, TLS, faults."""

import asyncio
import base64
import contextlib
import gc
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gateway.config import Place
from gateway.disk.outbox_rows import UNSTORED, Row
from gateway.events import Acknowledge, Mandate, Restore
from gateway.tests.brokers import free_port
from gateway.tests.receivers import OK, Authority, FakePath, receiving, reply
from gateway.tests.waiting import eventually
from gateway.upstream import drain, https
from gateway.upstream.cloudevent import Author
from gateway.upstream.desk import Desk
from gateway.upstream.http_config import HttpConfig
from gateway.upstream.signature import Signer
from gateway.upstream.signed_command import Operator, Operators
from gateway.upstream.webhook import WebhookUpstream
from gateway.upstream.webhook_config import WebhookConfig
from tools.operator_key import signed

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in", "ignore:unclosed")
ID = "ab" * 16
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
SIGNER = Signer(bytes(32))
OPERATOR = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def row(number: int, subject: str = ID) -> Row:
    data = {"incident": subject, "label": "Cabinet 3 é"}
    event = f"{subject}.{number}"
    return Row(number, event, subject, "tocsin.alert.raised", 1_000.0, subject, number, data)


def http(port: int, **keys: object) -> HttpConfig:
    return HttpConfig("webhook", f"http://127.0.0.1:{port}/tocsin", **keys)  # type: ignore[arg-type]


def https_at(port: int, **keys: object) -> HttpConfig:
    return HttpConfig("webhook", f"https://127.0.0.1:{port}/tocsin", **keys)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "RETRY_FIRST_S", 0.01)
    monkeypatch.setattr(drain, "RETRY_MAX_S", 0.02)


@contextlib.asynccontextmanager
async def running(path: FakePath, config: WebhookConfig) -> AsyncIterator[WebhookUpstream]:
    author = Author(Place("site", "gateway"), SIGNER)
    operators = Operators("site", [Operator("desk", OPERATOR.public_key().public_bytes_raw())])
    unsigned = config.commands
    desk = Desk(operators, path.post, path.refused.append, unsigned=unsigned, via="webhook")
    upstream = WebhookUpstream(config, author, path, path.post, desk)
    task = asyncio.create_task(upstream.run())
    try:
        yield upstream
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def fault(config: HttpConfig) -> str:
    """Return the cause that is told when an event cannot be delivered."""
    path = FakePath(row(1))
    async with running(path, WebhookConfig(config)):
        await eventually(lambda: path.conditions)
    if config.tls:  # httpcore leaves the socket of a handshake that is cancelled to the collector
        gc.collect()
    assert path.delivered == []
    ((code, why),) = path.conditions
    assert code == "unreachable"
    return why


async def test_a_library_by_others_verifies_the_hmac(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    path = FakePath(row(1))
    async with (
        receiving() as receiver,
        running(path, WebhookConfig(http(receiver.port), secret)) as upstream,
    ):
        await eventually(lambda: path.delivered == [1])
        assert upstream.up
    (request,) = receiver.requests
    event = Webhook(SECRET).verify(request.body, request.headers)
    assert event["id"] == request.headers["webhook-id"] == f"{ID}.1"
    assert request.headers["content-type"].startswith("application/cloudevents+json")
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)


async def test_two_libraries_by_others_verify_the_ed25519_signature() -> None:
    path = FakePath(row(1))
    async with receiving() as receiver, running(path, WebhookConfig(http(receiver.port))):
        await eventually(lambda: path.delivered == [1])
    (request,) = receiver.requests
    version, _, signature = request.headers["webhook-signature"].partition(",")
    named = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    signed, raw = named.encode() + request.body, base64.b64decode(signature)
    public = base64.b64decode(SIGNER.webhook_key().removeprefix("whpk_"))
    assert version == "v1a"
    Ed25519PublicKey.from_public_bytes(public).verify(raw, signed)
    key = ECC.import_key(bytes.fromhex("302a300506032b6570032100") + public)
    eddsa.new(key, "rfc8032").verify(signed, raw)


async def test_a_repeat_has_the_same_id_and_content() -> None:
    path = FakePath(row(1))
    async with (
        receiving(reply("500 Oops"), OK) as receiver,
        running(path, WebhookConfig(http(receiver.port))),
    ):
        await eventually(lambda: path.delivered == [1])
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(first.body) == json.loads(second.body)
    assert path.conditions == [("unreachable", "http_500"), ("unreachable", "over")]


async def test_an_event_that_is_refused_does_not_stop_the_others() -> None:
    other = "cd" * 16
    path = FakePath(row(1))
    async with (
        receiving(reply("422 No"), OK) as receiver,
        running(path, WebhookConfig(http(receiver.port))),
    ):
        await eventually(lambda: path.conditions)
        path.add(row(2, other))
        await eventually(lambda: path.delivered == [2])
    assert ("event_refused", "http_422") in path.conditions
    assert [one.id for one in path.waiting] == [1]


async def test_a_refused_event_is_offered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "REFUSED_FIRST_S", 0.02)
    path = FakePath(row(1))
    async with (
        receiving(reply("400 No"), reply("400 No"), OK) as receiver,
        running(path, WebhookConfig(http(receiver.port))),
    ):
        await eventually(lambda: path.delivered == [1])
    assert len(receiver.requests) == 3
    assert path.conditions[-1] == ("event_refused", "over")


async def test_who_asks_for_time_gets_it() -> None:
    path = FakePath(row(1))
    busy = reply("429 Too Many Requests", "retry-after: 1")
    async with receiving(busy, OK) as receiver, running(path, WebhookConfig(http(receiver.port))):
        await eventually(lambda: path.conditions)
        begin = asyncio.get_running_loop().time()
        await eventually(lambda: path.delivered == [1])
        assert asyncio.get_running_loop().time() - begin > 0.9
    assert len(receiver.requests) == 2


async def test_who_is_gone_is_left_alone() -> None:
    path = FakePath(row(1))
    async with (
        receiving(reply("410 Gone")) as receiver,
        running(path, WebhookConfig(http(receiver.port))) as upstream,
    ):
        await eventually(lambda: path.conditions == [("unreachable", "gone")])
        await asyncio.sleep(0.1)
        assert len(receiver.requests) == 1
        assert not upstream.up
    assert len(path.waiting) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as elsewhere:
        there = reply("307 There", f"location: http://127.0.0.1:{elsewhere.port}/")
        async with receiving(there) as receiver:
            assert await fault(http(receiver.port)) == "redirect"
        assert elsewhere.requests == []


async def test_an_alert_from_memory_goes_once() -> None:
    unstored = Row(UNSTORED, "x.1", "x", "tocsin.alert.raised", 1.0, "x", 1, {"stored": False})
    path = FakePath(unstored)
    async with receiving() as receiver, running(path, WebhookConfig(http(receiver.port))):
        await eventually(lambda: not path.waiting)
    assert len(receiver.requests) == 1
    assert path.delivered == []


async def test_an_idle_receiver_is_known_to_be_there() -> None:
    path = FakePath()
    async with (
        receiving() as receiver,
        running(path, WebhookConfig(http(receiver.port))) as upstream,
    ):
        await eventually(lambda: upstream.up)
    assert receiver.requests == []
    assert Restore in map(type, path.posted)


def _command(**keys: object) -> bytes:
    command = {"command": "acknowledge", "incident": ID, "by": "Agent 7", "eta_minutes": 5}
    return reply("200 OK", body=json.dumps(command | keys).encode())


async def _answered(answer: bytes, *, commands: bool) -> FakePath:
    path = FakePath(row(1))
    async with (
        receiving(answer) as receiver,
        running(path, WebhookConfig(http(receiver.port), commands=commands)),
    ):
        await eventually(lambda: path.delivered == [1])
    return path


async def test_an_answer_may_acknowledge_where_that_is_wanted() -> None:
    path = await _answered(_command(), commands=True)
    (command,) = (one for one in path.posted if isinstance(one, Acknowledge))
    assert (command.incident, command.by, command.eta_minutes) == (ID, "Agent 7", 5)
    assert command.mandate == Mandate("webhook", answers=1)
    path = await _answered(_command(), commands=False)
    assert not any(isinstance(one, Acknowledge) for one in path.posted)


async def test_an_answer_that_an_operator_has_signed_acknowledges_without_that() -> None:
    said = {"command": "acknowledge", "event": f"{ID}.1"}
    order = signed(OPERATOR, said, "site", time.time(), 60)
    path = await _answered(reply("200 OK", body=order.encode()), commands=False)
    (command,) = (one for one in path.posted if isinstance(one, Acknowledge))
    assert (command.by, command.mandate.via, command.mandate.answers) == ("desk", "operator", 1)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (_command(incident="cd" * 16), "incident"),
        (_command(by=""), "by"),
        (reply("200 OK", body=b"<html>"), "not_json"),
    ],
)
async def test_an_answer_that_says_nothing_of_its_incident_is_counted(
    answer: bytes, reason: str
) -> None:
    path = await _answered(answer, commands=True)
    assert path.refused == [reason]
    assert not any(isinstance(one, Acknowledge) for one in path.posted)


async def test_a_missing_and_a_broken_secret_are_told(tmp_path: Path) -> None:
    for content in (None, "whsec_!", "whsec_c2hvcnQ="):
        secret = tmp_path / "secret"
        if content is not None:
            secret.write_text(content)
        path = FakePath(row(1))
        async with receiving() as receiver:
            async with running(path, WebhookConfig(http(receiver.port), secret)):
                await eventually(lambda path=path: path.conditions)  # type: ignore[misc]
            assert receiver.requests == []
        assert path.conditions == [("unreachable", "secret_file")]


async def test_nobody_listens() -> None:
    assert await fault(http(free_port())) == "connection_refused"


async def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> Iterator[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert await fault(HttpConfig("webhook", "https://nowhere.invalid/")) == "name_unknown"


async def test_who_answers_garbage_is_no_receiver() -> None:
    async with receiving(b"SSH-2.0-OpenSSH_9.2\r\n\r\n") as receiver:
        assert await fault(http(receiver.port)) == "not_http"


async def test_who_never_answers_is_given_up_and_the_event_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(https, "WITHIN_S", 0.1)
    async with receiving(None) as receiver:
        assert await fault(http(receiver.port)) == "no_answer"


async def test_a_connection_whose_other_end_is_gone_without_a_word_costs_one_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(https, "WITHIN_S", 0.3)
    path = FakePath(row(1))
    async with (
        receiving(OK, None, OK) as receiver,
        running(path, WebhookConfig(http(receiver.port))),
    ):
        await eventually(lambda: path.delivered == [1])
        path.add(row(2))  # on the connection that was kept, and nobody answers there any more
        await eventually(lambda: path.delivered == [1, 2])
    names = [request.headers["webhook-id"] for request in receiver.requests]
    assert names == [f"{ID}.1", f"{ID}.2", f"{ID}.2"]
    assert path.conditions == [("unreachable", "no_answer"), ("unreachable", "over")]


async def test_a_token_that_is_refused_is_told() -> None:
    async with receiving(reply("401 Unauthorized")) as receiver:
        assert await fault(http(receiver.port)) == "http_401"


async def test_what_fails_beside_others_that_are_taken_holds_up_none() -> None:
    path = FakePath(row(1), row(2, "cd" * 16))
    async with receiving() as receiver, running(path, WebhookConfig(http(receiver.port))) as way:
        receiver.choose = lambda told: (
            reply("500 Oops") if told.headers["webhook-id"] == f"{ID}.1" else OK
        )
        await eventually(lambda: path.delivered == [2])
        path.add(row(3, "ef" * 16))
        await eventually(lambda: path.delivered == [2, 3])
        assert way.up
    assert path.conditions == [("event_refused", "http_500")]


async def test_an_answer_without_end_does_not_hold_the_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(https, "WITHIN_S", 0.5)
    path = FakePath(row(1))
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n" + bytes(8192)
    async with receiving(endless) as receiver, running(path, WebhookConfig(http(receiver.port))):
        await eventually(lambda: path.delivered == [1])


@pytest.mark.parametrize(
    ("name", "days", "why"),
    [
        ("127.0.0.1", 30, None),
        ("127.0.0.1", -1, "certificate_expired"),
        ("10.9.9.9", 30, "certificate_wrong_name"),
    ],
)
async def test_the_certificate_of_the_receiver_counts(
    tmp_path: Path, name: str, days: float, why: str | None
) -> None:
    authority = Authority(tmp_path)
    async with receiving(context=authority.serving(name, days)) as receiver:
        config = https_at(receiver.port, ca_file=authority.file)
        if why is not None:
            assert await fault(config) == why
            return
        path = FakePath(row(1))
        async with running(path, WebhookConfig(config)):
            await eventually(lambda: path.delivered == [1])


async def test_an_unknown_authority_is_told_and_one_that_is_no_file(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with receiving(context=authority.serving("127.0.0.1")) as receiver:
        assert await fault(https_at(receiver.port)) == "certificate_unknown_ca"
        assert await fault(https_at(receiver.port, ca_file=tmp_path / "none.pem")) == "ca_file"


async def test_a_certificate_that_was_renewed_is_used_without_a_restart(tmp_path: Path) -> None:
    ours, receivers = Authority(tmp_path / "ours"), Authority(tmp_path / "receivers")
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(ours.file.read_bytes())
    path = FakePath(row(1))
    async with receiving(context=receivers.serving("127.0.0.1")) as receiver:
        config = WebhookConfig(https_at(receiver.port, ca_file=trusted))
        async with running(path, config):
            await eventually(lambda: path.conditions)
            trusted.write_bytes(receivers.file.read_bytes())
            await eventually(lambda: path.delivered == [1])
    assert path.conditions == [("unreachable", "certificate_unknown_ca"), ("unreachable", "over")]


async def test_a_receiver_that_wants_our_certificate_gets_it(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = authority.serving("127.0.0.1", clients=True)
    cert_file, key_file = authority.sign("gateway")
    async with receiving(context=context) as receiver:
        path = FakePath(row(1))
        ours = {"cert_file": cert_file, "key_file": key_file}
        async with running(
            path, WebhookConfig(https_at(receiver.port, ca_file=authority.file, **ours))
        ):
            await eventually(lambda: path.delivered == [1])
        without = await fault(https_at(receiver.port, ca_file=authority.file))
    assert without in ("tls", "connection_lost")


async def test_the_probe_tells_when_the_certificate_ends(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context: ssl.SSLContext = authority.serving("127.0.0.1", 7)
    async with receiving(context=context) as receiver:
        ends = await https.Peer(https_at(receiver.port, ca_file=authority.file)).probe()
    assert ends == pytest.approx(time.time() + 7 * 86_400, abs=60)


async def test_a_proxy_is_asked_for_the_receiver_by_name() -> None:
    path = FakePath(row(1))
    async with receiving() as proxy:
        config = HttpConfig(
            "webhook", "http://receiver.invalid/in", proxy=f"http://127.0.0.1:{proxy.port}"
        )
        async with running(path, WebhookConfig(config)):
            await eventually(lambda: path.delivered == [1])
    assert proxy.requests[0].path == "http://receiver.invalid/in"


async def test_a_token_goes_with_each_request(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t0ken\n")
    path = FakePath(row(1))
    async with (
        receiving() as receiver,
        running(path, WebhookConfig(http(receiver.port, token_file=token))),
    ):
        await eventually(lambda: path.delivered == [1])
    assert receiver.requests[0].headers["authorization"] == "Bearer t0ken"

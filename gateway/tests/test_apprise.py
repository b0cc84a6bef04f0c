"""People by apprise: mosquitto and aiosmtpd, which others wrote, take what it sends; and bad services.

| service | fault |
|---|---|
| nobody there, unknown name, silent, a byte now and then, hangs up, garbage | one word each |
| certificate expired, of another name, of an unknown authority; no TLS there | the words of every way out |
| 401, 413, 503 | as webhooks: the target waits, or the event alone |
"""

import asyncio
import contextlib
import html
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest
import pytest_asyncio

import gateway
from gateway.config import Place
from gateway.tests.brokers import Mosquitto, free_port
from gateway.tests.receivers import OK, Authority, Receiver, receiving, reply
from gateway.tests.rows import Rows, row
from gateway.tests.test_mail import KEY, acknowledged, ask, listening, no_links, serving
from gateway.tests.waiting import eventually
from gateway.upstream import UpstreamDown, apprise, apprise_helper, drain
from gateway.upstream.ack_links import AckLinks
from gateway.upstream.apprise import AppriseUpstream, Service
from gateway.upstream.apprise_config import AppriseConfig
from gateway.upstream.apprise_helper import Helper
from gateway.upstream.drain import Busy, EventRefused

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(gateway.__file__).parents[1]
SECRET = "s3cr3t-t0k3n"
MESSAGE = {"title": "[msp] ALERTE", "body": "Site : msp", "kind": "failure"}
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Lasting(Helper):
    """One for all tests: to read in apprise takes a second."""

    async def close(self) -> None:
        pass

    async def end(self) -> None:
        await super().close()

    @property
    def pid(self) -> int:
        assert self._line is not None
        return self._line._process.pid


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def helper() -> AsyncIterator[Lasting]:
    helper = Lasting()
    yield helper
    await helper.end()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "RETRY_FIRST_S", 0.05)


def config(folder: Path, url: str, ca_file: Path | None = None, **fields: object) -> AppriseConfig:
    file = folder / "anne.url"
    file.write_text(url + "\n", encoding="utf-8")
    return AppriseConfig("anne", file, ca_file, **fields)  # type: ignore[arg-type]


@asynccontextmanager
async def running(
    helper: Helper, settings: AppriseConfig, links: AckLinks = no_links
) -> AsyncIterator[Rows]:
    rows = Rows()
    service = Service(settings, helper)
    upstream = AppriseUpstream(service, Place("msp", "one"), rows, rows.post, links)
    task = asyncio.create_task(upstream.run())
    try:
        yield rows
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def shown_of(pid: int) -> list[bytes]:
    """Return what others of this machine may read of a process, nothing where it has ended."""
    found = []
    for name in ("cmdline", "environ"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found.append(Path(f"/proc/{pid}/{name}").read_bytes())
    return found


async def why(helper: Helper, settings: AppriseConfig) -> str:
    """Return why a message was not taken."""
    with pytest.raises(UpstreamDown) as caught:
        await Service(settings, helper).take(MESSAGE)
    return caught.value.reason


async def test_a_broker_takes_an_alert_in_french_without_the_name_of_a_person(
    helper: Helper, broker: Mosquitto, tmp_path: Path
) -> None:
    settings = config(tmp_path, f"mqtt://127.0.0.1:{broker.port}/anne")
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe("anne", qos=1)
        async with running(helper, settings) as rows:
            rows.add(row(1))
            await eventually(lambda: rows.delivered)
        text = (await anext(aiter(client.messages))).payload.decode()
    assert text.startswith("[msp] ALERTE : panique, reception")
    assert "Appareil : button-01" in text
    assert "Noémie" not in text
    assert "http" not in text


async def test_a_mail_server_takes_it_in_english_and_with_the_name_where_that_is_asked_for(
    helper: Helper, tmp_path: Path
) -> None:
    port = free_port()
    url = f"mailto://127.0.0.1:{port}/anne@example.org?from=tocsin@example.org"
    settings = config(tmp_path, url, language="en", labels=True)
    async with serving(port) as server, running(helper, settings) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.delivered)
    (letter,) = server.taken
    assert letter["Subject"] == "[msp] ALERT: panic, reception"
    assert "Who: Dr Noémie" in letter.get_content()


async def test_its_link_shows_a_question_and_acknowledges_once_in_the_name_of_the_target(
    helper: Helper, tmp_path: Path
) -> None:
    answers = Rows()
    async with receiving() as receiver, listening(answers) as serving_links:
        settings = config(tmp_path, f"json://127.0.0.1:{receiver.port}/{SECRET}", language="en")
        async with running(helper, settings, AckLinks(serving_links, KEY)) as rows:
            rows.add(row(1))
            await eventually(lambda: rows.delivered)
        (request,) = receiver.requests
        link = re.search(rf"{re.escape(serving_links.base_url)}/[\w-]+", request.body.decode())
        assert link is not None
        assert "Take this alert?" in html.unescape(await ask("GET", link[0]))
        assert acknowledged(answers) == []
        assert "help is coming" in await ask("POST", link[0])
    (event,) = acknowledged(answers)
    assert (event.incident, event.by, event.mandate.via) == (row(1).incident, "anne", "link")


async def test_what_has_no_words_for_people_is_done_without_a_message(
    helper: Helper, tmp_path: Path
) -> None:
    async with receiving() as receiver:
        settings = config(tmp_path, f"json://127.0.0.1:{receiver.port}/in")
        async with running(helper, settings) as rows:
            rows.add(row(1, "tocsin.gateway.fault"))
            await eventually(lambda: rows.delivered)
    assert receiver.requests == []
    assert rows.delivered[0].incident is None


async def test_an_alert_waits_for_its_service_and_is_delivered_once(
    helper: Helper, tmp_path: Path
) -> None:
    port = free_port()
    async with running(helper, config(tmp_path, f"json://127.0.0.1:{port}/in")) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong.get("unreachable") == "connection_refused")
        receiver = Receiver()
        server = await asyncio.start_server(receiver.take, "127.0.0.1", port)
        await eventually(lambda: rows.delivered)
        server.close()
        await receiver.leave()
    assert not rows.wrong
    assert len(receiver.requests) == len(rows.delivered) == 1


async def test_a_message_that_a_service_refuses_waits_alone(helper: Helper, tmp_path: Path) -> None:
    def choose(request: object) -> bytes:
        body = getattr(request, "body", b"")
        return reply("413 Too Large") if b"annex" in body else OK

    async with receiving() as receiver:
        receiver.choose = choose
        settings = config(tmp_path, f"json://127.0.0.1:{receiver.port}/in")
        async with running(helper, settings) as rows:
            rows.add(row(1, place="annex"), row(2))
            await eventually(lambda: rows.delivered)
            assert [one.row for one in rows.delivered] == [2]
            await eventually(lambda: rows.wrong == {"event_refused": "http_413"})


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        ("401 Unauthorized", UpstreamDown, "http_401"),
        ("503 Busy", Busy, "http_503"),
        ("429 Slower", Busy, "http_429"),
        ("400 Bad", EventRefused, "http_400"),
    ],
)
async def test_a_status_means_what_it_means_to_webhooks(
    status: str,
    kind: type[Exception],
    reason: str,
    helper: Helper,
    tmp_path: Path,
) -> None:
    async with receiving(reply(status)) as receiver:
        service = Service(config(tmp_path, f"json://127.0.0.1:{receiver.port}/in"), helper)
        with pytest.raises(kind, match=reason):
            await service.take(MESSAGE)


async def test_nobody_is_there_or_nobody_knows_the_name(helper: Helper, tmp_path: Path) -> None:
    nobody = config(tmp_path, f"json://127.0.0.1:{free_port()}/in")
    assert await why(helper, nobody) == "connection_refused"
    unknown = config(tmp_path, "jsons://nowhere.invalid/in")
    assert await why(helper, unknown) == "name_unknown"


@asynccontextmanager
async def peer(serve: Serve) -> AsyncIterator[int]:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def asleep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.sleep(3)


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.04)


async def leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(range(255, 0, -1)) + b"\r\n\r")
    await writer.drain()
    await reader.readuntil(b"\r\n\r\n")


async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example.org\r\n")
    await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (silent, "no_answer"),
        (asleep, "no_answer"),
        (slow, "no_answer"),
        (leaves, "connection_lost"),
        (garbage, "not_http"),
    ],
)
async def test_a_service_that_is_no_good_has_a_cause(
    serve: Serve, reason: str, helper: Helper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apprise, "WITHIN_S", 0.5)
    monkeypatch.setattr(apprise_helper, "_LATER_S", 0.1)
    async with peer(serve) as port:
        url = f"json://127.0.0.1:{port}/in?rto=60"  # it would wait for a minute
        assert await why(helper, config(tmp_path, url)) == reason


async def test_a_service_that_hangs_holds_up_no_other(helper: Helper, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with peer(silent) as port, receiving() as receiver:
        hangs = config(tmp_path, f"json://127.0.0.1:{port}/in?rto=60")
        task = asyncio.create_task(Service(hangs, helper).take(MESSAGE))
        good = config(tmp_path / "other", f"json://127.0.0.1:{receiver.port}/in")
        for _ in range(3):
            await Service(good, helper).take(MESSAGE)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(receiver.requests) == 3


@pytest.mark.parametrize(
    ("name", "days", "reason"),
    [
        ("127.0.0.1", 30, ""),
        ("127.0.0.1", -1, "certificate_expired"),
        ("10.9.9.9", 30, "certificate_wrong_name"),
    ],
)
async def test_a_certificate_counts(
    name: str, days: float, reason: str, helper: Helper, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    async with receiving(context=authority.serving(name, days)) as receiver:
        settings = config(tmp_path, f"jsons://127.0.0.1:{receiver.port}/in", authority.file)
        if reason:
            assert await why(helper, settings) == reason
        else:
            await Service(settings, helper).take(MESSAGE)
    assert len(receiver.requests) == (not reason)


async def test_an_authority_that_is_not_trusted_and_a_service_without_tls(
    helper: Helper, tmp_path: Path
) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path / "other")
    async with receiving(context=authority.serving("127.0.0.1")) as receiver:
        url = f"jsons://127.0.0.1:{receiver.port}/in"
        stranger = config(tmp_path, url, other.file)
        assert await why(helper, stranger) == "certificate_unknown_ca"
        assert await why(helper, config(tmp_path, url, tmp_path / "none.pem")) == "ca_file"
    async with peer(greets) as port:
        no_tls = config(tmp_path, f"jsons://127.0.0.1:{port}/in", authority.file)
        assert await why(helper, no_tls) == "tls"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "url_unknown"),
        ("nosuchservice://x", "url_unknown"),
        ("jsons://a.example.org\njsons://b.example.org", "url_unknown"),
        ("twilio://short", "url_unknown"),
        ("jsons://example.org/in?verify=no", "url_unverified"),
        ("ntfy://example.org/topic", "url_in_clear"),
        ("mailto://a:b@example.org", "url_in_clear"),
    ],
)
async def test_a_url_that_is_not_spoken_to(
    url: str, reason: str, helper: Helper, tmp_path: Path
) -> None:
    assert await why(helper, config(tmp_path, url)) == reason
    with pytest.raises(UpstreamDown, match=reason):
        await Service(config(tmp_path, url), helper).probe()


async def test_the_url_is_read_anew_and_a_credential_goes_before_its_file(
    helper: Helper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").mkdir()
    async with receiving() as receiver:
        settings = config(tmp_path, "nosuchservice://x")
        url = f"json://127.0.0.1:{receiver.port}/in"
        (tmp_path / "credentials" / "anne.url").write_text(url, encoding="utf-8")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
        await Service(settings, helper).take(MESSAGE)
    assert len(receiver.requests) == 1
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert await why(helper, settings) == "url_unknown"
    settings.url_file.unlink()
    assert await why(helper, settings) == "url_file"


async def test_no_secret_is_in_a_log_an_event_a_command_line_or_an_environment(
    helper: Lasting,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(0)
    url = f"json://{SECRET}:{SECRET}@127.0.0.1:{free_port()}/{SECRET}?-key={SECRET}"
    async with running(helper, config(tmp_path, url)) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong)
        seen = shown_of(helper.pid)
    told = f"{caplog.text}{capfd.readouterr()}{rows.posted}{seen}"
    assert "connection_refused" in told
    assert SECRET not in told


@pytest.mark.slow
async def test_a_process_that_was_killed_is_started_again_and_nothing_is_lost(
    helper: Lasting, tmp_path: Path
) -> None:
    async with receiving(None) as receiver:
        settings = config(tmp_path, f"json://127.0.0.1:{receiver.port}/in?rto=60")
        async with running(helper, settings) as rows:
            rows.add(row(1))
            await eventually(lambda: receiver.requests)
            receiver.answers = [OK]
            os.killpg(helper.pid, signal.SIGKILL)
            await eventually(lambda: rows.wrong.get("unreachable") == "apprise_failed")
            await eventually(lambda: rows.delivered)
            assert not rows.wrong
            os.kill(helper.pid, signal.SIGKILL)
            rows.add(row(2))
            await eventually(lambda: len(rows.delivered) == 2)


async def test_where_apprise_is_not_installed_the_cause_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apprise.py").write_text("raise ModuleNotFoundError", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    assert await why(Helper(), config(tmp_path, "json://127.0.0.1/in")) == "apprise_missing"


ORPHAN = """
import asyncio, os, signal
from pathlib import Path
from gateway.tests.test_apprise import Lasting, shown_of
from gateway.upstream.apprise import Service
from gateway.upstream.apprise_config import AppriseConfig

async def main():
    helper = Lasting()
    await Service(AppriseConfig("anne", Path(os.environ["URL_FILE"])), helper).probe()
    assert b"apprise_child" in shown_of(helper.pid)[0]
    print(helper.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.slow
async def test_it_ends_with_the_gateway_however_that_ends(tmp_path: Path) -> None:
    file = config(tmp_path, "json://127.0.0.1/in").url_file
    environment = os.environ | {"URL_FILE": str(file), "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ORPHAN, stdout=PIPE, env=environment
    )
    said, _ = await process.communicate()
    pid = int(said)
    await eventually(lambda: not any("apprise_child" in str(one) for one in shown_of(pid)))


@pytest.mark.parametrize(("name", "value"), [("_PROGRAM", "no.such"), ("READY_WITHIN_S", 0.01)])
async def test_a_process_that_does_not_start_has_a_cause(
    name: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apprise_helper, name, value)
    assert await why(Helper(), config(tmp_path, "json://127.0.0.1/in")) == "apprise_failed"


async def test_it_can_be_ended_at_every_step_of_its_start(tmp_path: Path) -> None:
    for steps in range(0, 12, 3):
        helper = Helper()
        service = Service(config(tmp_path, "json://127.0.0.1/in"), helper)
        task = asyncio.create_task(service.probe())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)
            await helper.close()

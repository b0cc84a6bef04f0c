"""The way to a target, hop by hop: each peer is real, and each hop fails where the peer makes it fail."""

import asyncio
from pathlib import Path

import pytest

from gateway.commands.one_event import deliver, trial_row
from gateway.config import Config, load
from gateway.tests.brokers import Mosquitto, free_port, listen
from gateway.tests.receivers import OK, Authority, receiving
from gateway.tests.test_mail import config as mail_config
from gateway.tests.test_mail import serving as serving_mail
from gateway.tests.test_mqtt import config as mqtt_config
from gateway.tests.waiting import eventually
from gateway.upstream import UpstreamDown
from gateway.upstream.cloudevent import Author
from gateway.upstream.hops import Hop, walk
from gateway.upstream.http_config import HttpConfig
from gateway.upstream.signature import Signer
from gateway.upstream.targets import Target
from gateway.upstream.webhook_config import WebhookConfig

EXAMPLE = Path(__file__).parents[1] / "packaging" / "gateway.toml"
ROW = trial_row("trial.0123456789abcdef", "Jo", 1_000.0)


async def hops(target: Target) -> list[Hop]:
    return [hop async for hop in walk(target)]


def passed(found: list[Hop]) -> list[str]:
    return [hop.name for hop in found if not hop.why]


def at(url: str, **keys: object) -> WebhookConfig:
    return WebhookConfig(HttpConfig("webhook", url, **keys))  # type: ignore[arg-type]


def known() -> tuple[Config, Author]:
    config = load(EXAMPLE)
    return config, Author(config.place, Signer(bytes(32)))


async def test_a_broker_is_walked_to_and_takes_the_test(broker: Mosquitto) -> None:
    target, (config, author) = mqtt_config(broker.port), known()
    found = await hops(target)
    assert passed(found) == ["resolved", "connected", "greeting"]
    assert all(hop.ms > 0 for hop in found)
    heard: list[dict[str, object]] = []
    subscribed = asyncio.Event()
    listening = asyncio.create_task(
        listen(broker.port, "tocsin/health-centre/event", heard.append, subscribed)
    )
    await subscribed.wait()
    await deliver(target, config, author, ROW, 20)
    await eventually(lambda: heard)
    assert (heard[0]["id"], heard[0]["type"]) == (ROW.event, "tocsin.test.trial")
    listening.cancel()


async def test_the_certificate_is_shown_with_its_end_and_one_that_has_ended_stops_the_walk(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    for days, wanted in ((30, ""), (-1, "certificate_expired")):
        async with receiving(context=authority.serving("127.0.0.1", days)) as receiver:
            url = f"https://127.0.0.1:{receiver.port}/in"
            found = await hops(at(url, ca_file=authority.file))
        assert [hop.name for hop in found] == ["resolved", "connected", "tls"]
        assert found[-1].why == wanted
        assert (found[-1].ends is None) == bool(wanted)


def _greets_in_clear(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 here I am\r\n")
    writer.close()


async def test_each_hop_that_fails_is_the_last_and_says_why(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with receiving() as plain:
        tls = f"https://127.0.0.1:{plain.port}/in"
        speaks = await asyncio.start_server(_greets_in_clear, "127.0.0.1", 0)
        clear = f"https://127.0.0.1:{speaks.sockets[0].getsockname()[1]}/in"
        for target, name, why in (
            (at("https://nobody.invalid/in"), "resolved", "name_unknown"),
            (at("https://10.1.2.3/in"), "resolved", "private_network"),
            (at(f"http://127.0.0.1:{free_port()}/in"), "connected", "connection_refused"),
            (at(clear, ca_file=authority.file), "tls", "tls"),
            (at(tls, ca_file=tmp_path / "none"), "resolved", "ca_file"),
        ):
            last = (await hops(target))[-1]
            assert (last.name, last.why) == (name, why)
        speaks.close()


async def test_a_mail_server_shows_its_certificate_behind_starttls_and_takes_the_test(
    tmp_path: Path,
) -> None:
    authority, port = Authority(tmp_path), free_port()
    target = mail_config(port, security="starttls", ca_file=authority.file)
    config, author = known()
    async with serving_mail(port, authority.serving("127.0.0.1")) as server:
        found = await hops(target)
        assert passed(found) == ["resolved", "connected", "greeting"]
        assert found[-1].ends
        await deliver(target, config, author, ROW, 20)
    assert {letter["To"] for letter in server.taken} == set(target.recipients)
    assert all("ESSAI" in str(letter["Subject"]) for letter in server.taken)


async def test_a_receiver_takes_the_test_and_one_that_refuses_says_why() -> None:
    config, author = known()
    async with receiving(OK) as receiver:
        await deliver(at(f"http://127.0.0.1:{receiver.port}/in"), config, author, ROW, 20)
        assert receiver.requests[0].headers["webhook-id"] == ROW.event
    async with receiving(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n") as receiver:
        with pytest.raises(UpstreamDown, match="http_403"):
            await deliver(at(f"http://127.0.0.1:{receiver.port}/in"), config, author, ROW, 0.5)

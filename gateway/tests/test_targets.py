"""Whether upstreams answer: a real broker that does, that wants a password, that is none, that is gone."""

import gc
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.commands.checks import Finding
from gateway.commands.targets import of_upstreams
from gateway.config import Config, load
from gateway.tests.brokers import Mosquitto, free_port
from gateway.tests.receivers import Authority, receiving
from gateway.tests.test_mail import config as mail_config
from gateway.tests.test_mail import serving
from gateway.tests.test_sia_dc09 import answering
from gateway.upstream.dc09 import framed
from gateway.upstream.http_config import HttpConfig
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.targets import Target
from gateway.upstream.webhook_config import WebhookConfig

EXAMPLE = Path(__file__).parents[1] / "packaging" / "gateway.toml"


async def ask(
    port: int, *, tls: bool = False, username: str | None = None, password_file: Path | None = None
) -> Finding:
    upstream = replace(
        _broker(),
        host="127.0.0.1",
        port=port,
        tls=tls,
        username=username,
        password_file=password_file,
    )
    (finding,) = await of_upstreams(replace(_example(), upstreams=(upstream,)))
    return finding


def _example() -> Config:
    return load(EXAMPLE)


def _broker() -> MqttConfig:
    (broker,) = _example().upstreams
    assert isinstance(broker, MqttConfig)
    return broker


async def test_a_broker_that_answers(broker: Mosquitto) -> None:
    finding = await ask(broker.port)
    assert finding.weight == "ok"
    assert str(broker.port) in finding.text


async def test_nobody_there() -> None:
    finding = await ask(free_port())
    assert finding.is_fault
    assert "does not answer" in finding.text


async def test_a_password_that_is_refused(broker: Mosquitto, tmp_path: Path) -> None:
    broker.lock(tmp_path / "users")
    secret = tmp_path / "password"
    for word, weight in (("right", "ok"), ("wrong", "fault")):
        secret.write_text(word, encoding="utf-8")
        finding = await ask(broker.port, username="gateway", password_file=secret)
        assert finding.weight == weight
        assert word not in finding.text
    assert (await ask(broker.port)).is_fault


@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")  # paho's, when it gives up
async def test_a_broker_without_tls_where_tls_is_set(broker: Mosquitto) -> None:
    assert (await ask(broker.port, tls=True)).is_fault
    gc.collect()


async def test_a_password_file_that_is_not_there(broker: Mosquitto, tmp_path: Path) -> None:
    finding = await ask(broker.port, username="gateway", password_file=tmp_path / "none")
    assert finding.is_fault
    assert "password_file" in finding.text


async def test_one_that_hangs_delays_no_other(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.commands.targets.WITHIN_S", 0.3)
    good = replace(_broker(), host="127.0.0.1", port=broker.port, tls=False)
    with socket.create_server(("127.0.0.1", 0)) as hangs:  # connects, and says nothing
        slow = replace(good, name="slow", port=hangs.getsockname()[1])
        found = await of_upstreams(replace(_example(), upstreams=(slow, good)))
    assert [finding.weight for finding in found] == ["fault", "ok"]


async def found(target: Target) -> Finding:
    (finding,) = await of_upstreams(replace(_example(), upstreams=(target,)))
    return finding


@pytest.mark.parametrize(("days", "weight"), [(30, "ok"), (7, "warning")])
async def test_the_end_of_a_certificate_is_told_and_one_that_is_near(
    days: int, weight: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    async with receiving(context=authority.serving("127.0.0.1", days)) as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"
        finding = await found(WebhookConfig(HttpConfig("desk", url, ca_file=authority.file)))
    ends = datetime.now(UTC) + timedelta(days=days)
    assert finding.weight == weight
    assert f"{ends:%Y-%m-%d}" in finding.text


async def test_a_certificate_that_is_not_trusted_says_why(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with receiving(context=authority.serving("127.0.0.1", -1)) as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"
        finding = await found(WebhookConfig(HttpConfig("desk", url, ca_file=authority.file)))
    assert finding.is_fault
    assert "(certificate expired)" in finding.text


async def test_the_broker_shows_its_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    broker = Mosquitto(tmp_path)
    broker.encrypt(*authority.sign("127.0.0.1", 30))
    broker.start()
    try:
        config = replace(_broker(), host="127.0.0.1", port=broker.port, tls=True)
        finding = await found(replace(config, ca_file=authority.file))
    finally:
        broker.stop()
    assert finding.weight == "ok"
    assert f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}" in finding.text


async def test_a_centre_that_does_not_know_the_account() -> None:
    async def refuses(raw: bytes) -> bytes:
        return framed('"NAK"0000R0L0A0[]')

    port = free_port()
    config = SiaConfig("arc", (("127.0.0.1", port),), "tcp", "SIA-DCS", "1234", "0", "0", None, 60)
    async with answering(port, refuses):
        finding = await found(config)
    assert finding.is_fault
    assert "does not know this account" in finding.text
    assert (await found(config)).is_fault


async def test_a_mail_server_that_answers_and_one_that_is_gone() -> None:
    port = free_port()
    async with serving(port):
        assert (await found(mail_config(port))).weight == "ok"
    assert "(connection refused)" in (await found(mail_config(port))).text

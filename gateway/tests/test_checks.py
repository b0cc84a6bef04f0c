"""What `check` finds: each thing as it should be, and each broken on purpose, with its remedy."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.commands import checks
from gateway.commands.checks import Finding
from gateway.config import Config, load
from gateway.disk.enrolment import parse
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.registry import enrol
from gateway.disk.store import connect
from gateway.tests.test_enrolment import GOOD
from gateway.upstream.mqtt_config import MqttConfig


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "state").mkdir()
    (tmp_path / "tty1").touch()
    path = tmp_path / "gateway.toml"
    path.write_text(
        f"""
        [gateway]
        site = "msp"
        state_dir = "{tmp_path}/state"
        runtime_dir = "{tmp_path}/run"
        [[radio]]
        type = "radio_head"
        port = "{tmp_path}/tty*"
        [[upstream]]
        type = "mqtt"
        host = "127.0.0.1"
        """,
        encoding="utf-8",
    )
    return load(path)


@pytest.fixture
def key(config: Config) -> GatewayKey:
    return GatewayKey.make(config.state_dir)


@pytest.fixture
def database(config: Config, key: GatewayKey) -> Path:
    path = config.state_dir / "gateway.sqlite"
    connection = connect(path)
    enrol(connection, parse(json.dumps(GOOD).encode()), key.seal, key.unseal)
    connection.close()
    path.chmod(0o600)
    return path


def weights(findings: list[Finding]) -> dict[str, str]:
    return {finding.topic: finding.weight for finding in findings}


def test_a_gateway_that_is_set_up_is_well(config: Config, database: Path) -> None:
    found = [
        *checks.of_folders(config),
        *checks.of_key(config),
        *checks.of_database(config, database),
        *checks.of_radios(config),
        *checks.of_clock(config, follows=True),
    ]
    assert set(weights(found).values()) == {"ok"}
    assert set(weights(found)) == {
        "state", "runtime", "key", "database", "devices", "radio", "clock",
    }  # fmt: skip


def test_no_key_and_one_that_others_can_read(config: Config) -> None:
    (finding,) = checks.of_key(config)
    assert finding.is_fault
    assert "tocsin-gateway key new" in finding.text
    GatewayKey.make(config.state_dir)
    (config.state_dir / "gateway.key").chmod(0o644)
    (finding,) = checks.of_key(config)
    assert finding.weight == "warning"
    assert "chmod 600" in finding.text


def test_a_password_that_others_can_read(config: Config, key: GatewayKey, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret", encoding="utf-8")
    file.chmod(0o640)
    (broker,) = config.upstreams
    assert isinstance(broker, MqttConfig)
    locked = replace(broker, username="gateway", password_file=file)
    found = list(checks.of_key(replace(config, upstreams=(locked,))))
    assert weights(found) == {"key": "ok", "upstream": "warning"}


def test_no_database_yet_is_no_fault_but_no_device_is_worth_a_word(
    config: Config, key: GatewayKey
) -> None:
    found = list(checks.of_database(config, config.state_dir / "gateway.sqlite"))
    assert weights(found) == {"database": "ok", "devices": "warning"}


def test_a_damaged_database(config: Config, database: Path) -> None:
    database.write_bytes(database.read_bytes()[:5_000])
    found = list(checks.of_database(config, database))
    assert weights(found)["database"] == "fault"


def test_looking_at_the_database_changes_nothing_in_it(config: Config, database: Path) -> None:
    database.chmod(0o400)
    before = database.read_bytes()
    list(checks.of_database(config, database))
    assert database.read_bytes() == before


def test_a_database_of_another_user(config: Config, database: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.access", lambda path, mode: path != database)
        assert weights(list(checks.of_database(config, database)))["database"] == "fault"


def test_devices_of_another_key(config: Config, database: Path) -> None:
    (config.state_dir / "gateway.key").unlink()
    GatewayKey.make(config.state_dir)
    found = list(checks.of_database(config, database))
    assert weights(found)["devices"] == "fault"
    assert "button-01" in found[-1].text


def test_a_radio_head_that_is_not_there_and_two_that_are(config: Config, tmp_path: Path) -> None:
    (tmp_path / "tty2").touch()
    assert weights(list(checks.of_radios(config))) == {"radio": "warning"}
    for name in ("tty1", "tty2"):
        (tmp_path / name).unlink()
    (finding,) = checks.of_radios(config)
    assert finding.is_fault
    assert "radio.port" in finding.text


def test_a_clock_that_follows_nothing(config: Config) -> None:
    (finding,) = checks.of_clock(config, follows=False)
    assert finding.weight == "warning"


def test_a_folder_where_nothing_can_be_written(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert all(finding.is_fault for finding in checks.of_folders(config))


def test_a_disk_that_is_nearly_full(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 5_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    assert weights(list(checks.of_folders(config))) == {"state": "warning", "runtime": "ok"}

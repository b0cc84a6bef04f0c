"""What `check` says of the Bluetooth of this machine: as it should be, and each thing that is missing."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.commands.bluetooth_checks import of_bluetooth
from gateway.config import Config, load
from gateway.radio import bluez, rfkill
from gateway.tests.bluez import FakeBluez, PrivateBus


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    monkeypatch.setattr(bluez, "CALL_S", 0.3)
    private = PrivateBus(tmp_path)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", private.address)
    yield private
    private.stop()


@pytest.fixture
async def daemon(bus: PrivateBus) -> AsyncIterator[FakeBluez]:
    fake = FakeBluez(bus.address)
    await fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "gateway.toml"
    path.write_text(
        """
        [gateway]
        site = "msp"
        [[radio]]
        type = "bluez"
        [[upstream]]
        type = "mqtt"
        host = "127.0.0.1"
        """,
        encoding="utf-8",
    )
    return load(path)


async def told(config: Config) -> list[tuple[str, str]]:
    return [(finding.weight, finding.text) for finding in await of_bluetooth(config)]


async def test_an_adapter_that_hears_and_sends_is_well(config: Config, daemon: FakeBluez) -> None:
    ((weight, text),) = await told(config)
    assert weight == "ok"
    assert "hci0 (DC:A6:32:00:00:01)" in text


async def test_without_experimental_features_it_hears_with_breaks(
    config: Config, daemon: FakeBluez
) -> None:
    daemon.adapters["hci0"].monitors = False
    _, (weight, text) = await told(config)
    assert weight == "warning"
    assert "--experimental" in text


async def test_an_adapter_that_cannot_send(config: Config, daemon: FakeBluez) -> None:
    daemon.adapters["hci0"].instances = 0
    _, (weight, _text) = await told(config)
    assert weight == "fault"


async def test_one_that_is_off_and_one_that_is_blocked(
    config: Config, daemon: FakeBluez, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.adapters["hci0"].off()
    assert [weight for weight, _ in await told(config)] == ["warning"]
    daemon.adapters["hci0"].blocked = True
    ((weight, text),) = await told(config)
    assert (weight, "rfkill unblock" in text) == ("fault", True)
    daemon.adapters["hci0"].blocked = False
    monkeypatch.setattr(rfkill, "blocked", lambda _: True)
    assert [weight for weight, _ in await told(config)] == ["fault"]


async def test_no_adapter(config: Config, daemon: FakeBluez) -> None:
    daemon.pull("hci0")
    ((weight, text),) = await told(config)
    assert (weight, "radio.adapter" in text) == ("fault", True)


async def test_no_right_to_talk_to_it(config: Config, daemon: FakeBluez) -> None:
    daemon.denied = True
    ((weight, text),) = await told(config)
    assert (weight, "group bluetooth" in text) == ("fault", True)


async def test_one_that_does_not_answer(config: Config, daemon: FakeBluez) -> None:
    daemon.hangs = True
    ((weight, text),) = await told(config)
    assert (weight, "restart bluetooth" in text) == ("fault", True)


async def test_one_that_refuses_says_why(config: Config, daemon: FakeBluez) -> None:
    daemon.failing["GetAll"] = "org.bluez.Error.NotReady"
    ((weight, text),) = await told(config)
    assert (weight, "(not_ready)" in text) == ("fault", True)


async def test_no_bluetoothd_and_no_bus(config: Config, bus: PrivateBus) -> None:
    ((weight, text),) = await told(config)
    assert (weight, "apt install bluez" in text) == ("fault", True)
    bus.stop()
    ((weight, text),) = await told(config)
    assert (weight, "apt install dbus" in text) == ("fault", True)
    bus.start()

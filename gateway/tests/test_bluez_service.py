"""The whole gateway as a process with a radio of BlueZ beside a radio head: one alert, answered by both."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.tests.bluez import FakeBluez, PrivateBus
from gateway.tests.brokers import Mosquitto
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import STORED


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
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
async def process(
    tmp_path: Path, broker: Mosquitto, daemon: FakeBluez
) -> AsyncIterator[GatewayProcess]:
    folder = tmp_path / "g"
    folder.mkdir()
    process = GatewayProcess(folder, broker.port)
    text = process.config.read_text(encoding="utf-8")
    process.config.write_text(f'{text}\n[[radio]]\ntype = "bluez"\n', encoding="utf-8")
    assert process.ask("enrol", process.enrolment("button-01", KEY)).code == 0
    process.start()
    yield process
    process.kill()


def up(process: GatewayProcess) -> set[object]:
    return {line["source"] for line in process.lines("up")}


def answered(daemon: FakeBluez, wearer: Wearer) -> list[int]:
    """Return the stages that were ever on air by the adapter."""
    frames = [advert["ManufacturerData"][0xFFFF] for advert in daemon.adapters["hci0"].sent]
    heard = [wearer.read(frame) for frame in frames]
    return [one[1].op for one in heard if one is not None]


@pytest.mark.slow
async def test_one_press_heard_and_answered_through_bluez_and_a_head(
    process: GatewayProcess, daemon: FakeBluez
) -> None:
    head, wearer = PtyHead(process.port), Wearer(KEY)
    await eventually(lambda: {"radio.head", "radio.bluetooth"} <= up(process))
    frame = wearer.press()
    daemon.heard("11:22:33:44:55:66", frame, rssi=-70)
    await eventually(lambda: answered(daemon, wearer))
    assert answered(daemon, wearer)[0] == STORED
    head.hear(frame)
    await head.answered(wearer, STORED)
    head.unplug()
    stored = await process.said("stored")
    assert (stored["radio"], stored["rssi"]) == ("bluetooth", -70)


@pytest.mark.slow
async def test_without_bluetoothd_it_asks_for_it_and_goes_on(
    process: GatewayProcess, daemon: FakeBluez
) -> None:
    await eventually(lambda: "radio.bluetooth" in up(process))
    daemon.stop()
    faults = ("radio.bluetooth", "link_down", "no_bluez")
    await eventually(
        lambda: any(
            (one["source"], one["code"], one.get("why")) == faults for one in process.lines("fault")
        )
    )
    request = process.folder / "run" / "recover-bluetooth"
    await eventually(request.exists)
    assert request.read_text(encoding="ascii") == "hci0 restart\n"
    await daemon.start()
    assert process.running

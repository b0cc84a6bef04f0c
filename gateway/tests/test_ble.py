"""The Bluetooth of this machine over a stand-in for bluetoothd: hearing, answering, and every fault."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from bleak.backends.bluezdbus.manager import _global_instances, get_global_bluez_manager
from dbus_fast import Message, Variant

from gateway.events import Overheard, Received, Transmission
from gateway.radio import (
    adapter_hold,
    ble,
    ble_advertiser,
    ble_report,
    ble_scan,
    bluez,
    turns,
    which_adapter,
)
from gateway.radio.ble import Bluetooth
from gateway.radio.recovery import Step
from gateway.tests.bluez import FakeAdapter, FakeBluez, PrivateBus
from gateway.tests.test_radio_head import Listener
from gateway.tests.waiting import eventually

FRAME = bytes(range(15))
OTHER = bytes(range(1, 16))


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
    if fake._bus is not None:
        fake.stop()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def start(
    bus: PrivateBus, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Bluetooth]]:
    monkeypatch.setattr(ble, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(ble_scan, "REPEAT_EVERY_S", 0.05)
    monkeypatch.setattr(ble_scan, "ACTIVATED_WITHIN_S", 0.3)
    monkeypatch.setattr(bluez, "CALL_S", 0.3)
    running: list[asyncio.Task[None]] = []

    def begin(adapter: str = "hci0", name: str = "bluetooth") -> Bluetooth:
        radio = Bluetooth(name, adapter, tmp_path)
        running.append(asyncio.create_task(radio.run(listener)))
        return radio

    yield begin
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    if _global_instances.get(asyncio.get_running_loop()) is not None:
        manager = await get_global_bluez_manager()
        assert manager._bus is not None
        manager._bus.disconnect()
    await asyncio.sleep(0.01)  # connections are closed when their end has been read


Start = Callable[..., Bluetooth]


def answer(slot: int, frame: bytes, *, ms: int = 400, urgent: bool = True) -> Transmission:
    return Transmission("bluetooth", slot, "ble", frame, ms, urgent=urgent)


def is_on_air(adapter: FakeAdapter, frame: bytes) -> bool:
    return on_air(adapter) == [frame]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def on_air(adapter: FakeAdapter) -> list[bytes]:
    return [advert["ManufacturerData"][0xFFFF] for advert in adapter.on_air.values()]


async def test_hears_passively_and_each_repeat(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    assert radio.up
    daemon.heard("11:22:33:44:55:66", FRAME, rssi=-71)
    await listener.until(lambda one: one.frames == [FRAME])
    received = listener.events[-1]
    assert isinstance(received, Received)
    assert (received.radio, received.medium, received.rssi) == ("bluetooth", "ble", -71)
    await asyncio.sleep(0.06)
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME, FRAME])
    daemon.heard("11:22:33:44:55:66", OTHER)
    await listener.until(lambda one: one.frames == [FRAME, FRAME, OTHER])
    assert radio.told.status()["scan"] == "passive"
    assert daemon.calls["StartDiscovery"] == 0


async def test_without_monitors_it_scans_actively_and_counts_what_is_foreign(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    daemon.adapters["hci0"].monitors = False
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    daemon.heard("11:22:33:44:55:01", b"strange", company=0x004C)
    daemon.heard("11:22:33:44:55:02", FRAME[:14])
    daemon.heard("11:22:33:44:55:03", bytes(24))
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])
    daemon.heard("11:22:33:44:55:66", FRAME)  # the same again: a device that repeats its question
    await listener.until(lambda one: one.frames == [FRAME, FRAME])
    assert radio.told.status()["scan"] == "active"
    assert radio.told.status()["ble"] == {"foreign": 3}
    scan = radio._hold.scan
    assert scan is not None
    assert scan._scanner is not None
    assert scan._scanner.discovered_devices == []  # bleak would keep each of them


async def test_a_monitor_that_the_kernel_refuses_means_an_active_scan(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    daemon.adapters["hci0"].takes_monitors = False
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    assert radio.told.status()["scan"] == "active"
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])


async def test_what_is_heard_is_reported_every_five_seconds(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble_report, "REPORT_EVERY_S", 0.2)
    daemon.adapters["hci0"].monitors = False
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    daemon.heard("11:22:33:44:55:01", b"strange", company=0x004C)
    daemon.heard("11:22:33:44:55:66", FRAME)
    told: list[Overheard] = []
    while not any(one.ours for one in told):
        await asyncio.sleep(0.02)
        told += radio.told.reports()
    assert sum(one.foreign for one in told) == 1
    assert {(one.medium, one.noise_dbm, one.busy_percent) for one in told} == {("ble", None, 0)}


async def test_in_a_passive_scan_the_events_of_the_controller_are_the_foreign_adverts(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    radio = start()
    events = [100]
    monkeypatch.setattr(radio._hci, "events", lambda _: events[0])
    await listener.until(lambda one: one.restores == 1)
    await eventually(lambda: radio._events == 100)
    assert radio.told.foreign == 0
    events[0] = 130
    await eventually(lambda: radio.told.foreign == 30)
    events[0] = 7  # the adapter was reset: its counter begins anew
    await eventually(lambda: radio._events == 7)
    assert radio.told.foreign == 30


async def test_an_answer_is_on_air_for_its_time(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LINGER_S", 0.0)
    adapter = daemon.adapters["hci0"]
    radio = start()
    radio.transmit(answer(1, FRAME))
    assert radio.counts["not_sent"] == 1
    await listener.until(lambda one: one.restores == 1)
    radio.transmit(answer(1, FRAME, ms=150))
    await eventually(lambda: adapter.sent)
    (advert,) = adapter.sent
    assert advert["ManufacturerData"][0xFFFF] == FRAME
    assert (advert["Type"], advert["MinInterval"], advert["MaxInterval"]) == ("peripheral", 20, 30)
    await eventually(lambda: not on_air(adapter), within_s=1.0)
    assert radio.counts["sent"] == 1
    radio.transmit(Transmission("bluetooth", 1, "lora", FRAME, 400, urgent=True))
    assert radio.counts["refused"] == 1


async def test_a_newer_answer_of_a_device_takes_the_place_of_the_older(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    adapter = daemon.adapters["hci0"]
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    radio.transmit(answer(1, FRAME))
    await eventually(lambda: on_air(adapter) == [FRAME])
    radio.transmit(answer(1, OTHER))
    await eventually(lambda: on_air(adapter) == [OTHER])
    assert radio.counts["replaced"] == 1


async def test_answers_take_turns_where_the_controller_has_one_advert(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    adapter = daemon.adapters["hci0"]
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    for slot in range(3):
        radio.transmit(answer(slot, bytes([slot]) * 15, ms=2_000))
    seen: list[int] = []
    for _ in range(60):
        assert len(adapter.on_air) <= 1
        seen += [frame[0] for frame in on_air(adapter)]
        await asyncio.sleep(0.01)
    assert set(seen) == {0, 1, 2}
    assert seen[0] in {0, 2}  # the newest, or that which came before it was there


async def test_answers_are_on_air_at_once_where_the_controller_has_several(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    adapter = daemon.adapters["hci0"]
    adapter.offloads = True
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    for slot in range(8):
        radio.transmit(answer(slot, bytes([slot]) * 15, ms=2_000))
    await eventually(lambda: len(on_air(adapter)) == 5)
    assert radio.told.status()["adverts"] == 5


async def test_a_refusal_that_passes_leaves_the_answer_quick(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble_advertiser, "_NOT_NOW_S", 0.01)
    adapter = daemon.adapters["hci0"]
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    daemon.failing["RegisterAdvertisement"] = "org.bluez.Error.Failed"
    radio.transmit(answer(1, FRAME, ms=2_000))
    await eventually(lambda: radio.counts["advert_failed"] >= 5)
    adapter.least_ms = 2_000  # what is slow is refused, too
    del daemon.failing["RegisterAdvertisement"]
    await eventually(lambda: radio.counts["advert_failed"] >= 8)
    adapter.least_ms = 20
    await eventually(lambda: on_air(adapter) == [FRAME])


async def test_adverts_of_others_leave_less_room(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    adapter = daemon.adapters["hci0"]
    adapter.offloads = True
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    adapter.instances = 2  # three are taken by another program meanwhile
    for slot in range(3):
        radio.transmit(answer(slot, bytes([slot]) * 15, ms=2_000))
    await eventually(lambda: radio.told.status()["adverts"] == 2)
    assert len(on_air(adapter)) <= 2


async def test_a_controller_with_extended_advertising_sends_what_nobody_can_connect_to(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    adapter = daemon.adapters["hci0"]
    adapter.extended = True
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    radio.transmit(answer(1, FRAME))
    await eventually(lambda: on_air(adapter) == [FRAME])
    assert adapter.sent[0]["Type"] == "broadcast"
    await eventually(lambda: radio.told.status()["advert_type"] == "broadcast")
    assert radio.counts["advert_failed"] == 0


async def test_without_it_no_answer_is_lost_to_an_address_that_the_scan_forbids(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    adapter = daemon.adapters["hci0"]
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    for frame in (FRAME, OTHER):
        radio.transmit(answer(1, frame))
        await eventually(partial(is_on_air, adapter, frame))
    assert radio.counts["advert_failed"] == 0


@pytest.mark.parametrize(("least_ms", "interval_ms"), [(20, 20), (1_000, 0)])
async def test_the_shortest_interval_that_is_not_refused(
    daemon: FakeBluez, start: Start, listener: Listener, least_ms: int, interval_ms: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ble_advertiser, "_NOT_NOW_S", 0.01)
    adapter = daemon.adapters["hci0"]
    adapter.least_ms = least_ms
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    radio.transmit(answer(1, FRAME, ms=2_000))
    await eventually(lambda: on_air(adapter) == [FRAME])
    assert adapter.sent[0].get("MinInterval", 0) == interval_ms
    await eventually(lambda: radio.told.status()["advert_ms"] == interval_ms)


async def test_an_adapter_that_cannot_send_still_hears(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    daemon.adapters["hci0"].instances = 0
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    radio.transmit(answer(1, FRAME))
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])
    assert radio.told.status()["adverts"] == 0


async def test_bluetoothd_is_killed_and_comes_back(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    radio.transmit(answer(1, FRAME, ms=9_000))
    await eventually(lambda: on_air(daemon.adapters["hci0"]) == [FRAME])
    daemon.stop()
    await listener.until(lambda one: one.faults == ["no_bluez"])
    assert not radio.up
    await daemon.start()
    await listener.until(lambda one: one.restores == 2)
    await eventually(lambda: on_air(daemon.adapters["hci0"]) == [FRAME])  # it still makes sense
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])


async def test_bluetoothd_that_was_started_anew_between_two_looks_is_noticed(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    await listener.until(lambda one: one.restores == 1)
    monkeypatch.setattr(ble, "LOOK_EVERY_S", 2.0)
    await asyncio.sleep(0.2)
    daemon.stop()
    await daemon.start()
    await eventually(lambda: daemon.adapters["hci0"].watching)
    assert listener.faults == []
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])


async def test_it_waits_for_a_bluetoothd_that_comes_later(
    bus: PrivateBus, start: Start, listener: Listener
) -> None:
    start()
    await listener.until(lambda one: one.faults == ["no_bluez"])
    late = FakeBluez(bus.address)
    await late.start()
    await listener.until(lambda one: one.restores == 1)
    late.stop()


async def test_the_adapter_is_pulled_and_comes_back_under_another_name(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    ours = daemon.pull("hci0")
    await listener.until(lambda one: one.faults == ["no_adapter"])
    daemon.plug("hci0", FakeAdapter("00:00:00:00:00:02"))  # a stranger under our name
    await asyncio.sleep(0.1)
    assert listener.restores == 1
    daemon.plug("hci1", ours)
    await listener.until(lambda one: one.restores == 2)
    assert radio.told.status()["adapter"] == "hci1"
    daemon.heard("11:22:33:44:55:66", FRAME, name="hci1")
    await listener.until(lambda one: one.frames == [FRAME])


async def test_another_adapter_is_taken_where_ours_stays_away(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(which_adapter, "OTHER_AFTER_S", 0.2)
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    daemon.pull("hci0")
    daemon.plug("hci0", FakeAdapter("00:00:00:00:00:02"))
    await listener.until(lambda one: one.restores == 2)
    assert radio.told.status()["address"] == "00:00:00:00:00:02"


async def test_an_adapter_may_be_named_by_its_address(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    daemon.plug("hci3", FakeAdapter("00:00:00:00:00:03"))
    radio = start("00:00:00:00:00:03")
    await listener.until(lambda one: one.restores == 1)
    assert radio.told.status()["adapter"] == "hci3"


async def test_an_adapter_that_is_switched_off_is_switched_on(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    daemon.adapters["hci0"].off()
    await eventually(lambda: radio.counts["switched_on"] == 1)
    await eventually(lambda: any(daemon.adapters["hci0"].watching.values()))
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])
    assert listener.faults == []


async def test_one_that_cannot_be_switched_on_is_a_fault(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    start()
    await listener.until(lambda one: one.restores == 1)
    daemon.failing["Set"] = "org.bluez.Error.Failed"
    daemon.adapters["hci0"].off()
    await listener.until(lambda one: one.faults == ["powered_off"])
    del daemon.failing["Set"]
    await listener.until(lambda one: one.restores == 2)


async def test_a_controller_that_does_not_answer_to_a_new_scan_is_a_fault(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "_ANSWERS_WITHIN_S", 0.1)
    radio = start()
    events = [100]
    monkeypatch.setattr(radio._hci, "events", lambda _: events[0])
    await listener.until(lambda one: one.restores == 1)
    await radio._do(Step.SCAN)
    events[0] = 108  # it has answered
    await asyncio.sleep(0.2)
    assert listener.faults == []
    monkeypatch.setattr(bluez, "POWER_S", 0.2)
    daemon.failing["Set"] = "org.bluez.Error.Busy"
    await radio._do(Step.SCAN)
    await listener.until(lambda one: one.faults == ["no_events"])
    await eventually(lambda: radio.counts["power_cycles"] == 1)
    asked = daemon.calls["RegisterMonitor"]
    await asyncio.sleep(0.2)
    assert daemon.calls["RegisterMonitor"] == asked  # nothing more, which would wait in line
    del daemon.failing["Set"]
    daemon.adapters["hci0"].off()  # the power cycle comes through at last
    await listener.until(lambda one: one.restores == 2)
    assert daemon.adapters["hci0"].powered


async def test_a_controller_that_a_power_cycle_mends_hears_again(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "_ANSWERS_WITHIN_S", 0.1)
    radio = start()
    monkeypatch.setattr(radio._hci, "events", lambda _: 100)
    await listener.until(lambda one: one.restores == 1)
    await radio._do(Step.SCAN)
    await listener.until(lambda one: one.faults == ["no_events"])
    await listener.until(lambda one: one.restores == 2)
    assert radio.counts["power_cycles"] == 1


async def test_one_that_rfkill_blocks_waits_for_a_person(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    adapter = daemon.adapters["hci0"]
    adapter.blocked = True
    adapter.off()
    await listener.until(lambda one: one.faults == ["rfkill"])
    assert radio.counts["power_cycles"] == 0
    adapter.blocked, adapter.powered = False, True
    await listener.until(lambda one: one.restores == 2)


async def test_d_bus_lets_nobody_talk_to_bluez(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    daemon.denied = True
    start()
    await listener.until(lambda one: one.faults == ["no_permission"])
    daemon.denied = False
    await listener.until(lambda one: one.restores == 1)


async def test_bluez_hangs_and_answers_again(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    daemon.hangs = True
    await listener.until(lambda one: one.faults == ["hung"])
    daemon.hangs = False
    await listener.until(lambda one: one.restores == 2)
    assert radio.up
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])


async def test_the_bus_itself_goes_and_comes_back(
    bus: PrivateBus, daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    start()
    await listener.until(lambda one: one.restores == 1)
    daemon.stop()
    bus.stop()
    await listener.until(lambda one: one.faults[-1:] == ["no_dbus"])
    bus.start()
    await daemon.start()
    await listener.until(lambda one: one.restores == 2)
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])
    gc.collect()  # what bleak's connection leaves behind is said here, not in another test


async def test_a_discovery_that_stops_behind_our_back_is_begun_anew(
    daemon: FakeBluez, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter_hold, "_PAUSE_S", 0.1)
    adapter = daemon.adapters["hci0"]
    adapter.monitors = False
    start()
    await listener.until(lambda one: one.restores == 1)
    adapter.discovering.clear()
    await eventually(lambda: adapter.discovering)
    assert daemon.calls["StartDiscovery"] == 2


async def test_a_monitor_that_bluez_lets_go_of_is_registered_anew(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    start()
    await listener.until(lambda one: one.restores == 1)
    daemon.release()
    await eventually(lambda: len([one for one in daemon.adapters["hci0"].watching.values() if one]))
    daemon.heard("11:22:33:44:55:66", FRAME)
    await listener.until(lambda one: one.frames == [FRAME])


async def test_a_device_that_bluez_knew_before_the_scan_is_heard_too(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    adapter = daemon.adapters["hci0"]
    adapter.devices["11:22:33:44:55:66"] = b"\xff\xff" + FRAME
    adapter.devices["11:22:33:44:55:67"] = b"\xff\xff" + b"no frame"
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    for _ in range(20):  # a beacon that never changes
        daemon.heard("11:22:33:44:55:66", FRAME)
        daemon.heard("11:22:33:44:55:67", b"no frame")
        await asyncio.sleep(0.02)
    received = [event for event in listener.events if isinstance(event, Received)]
    assert {(one.frame, one.rssi) for one in received} == {(FRAME, -77)}
    assert len(received) > 1
    assert radio.told.foreign > 1
    assert daemon.calls["UnregisterMonitor"] == 0


async def test_a_scan_of_which_bleak_is_told_nothing_more_is_begun_anew(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    start()
    await listener.until(lambda one: one.restores == 1)
    manager = await get_global_bluez_manager()
    assert manager._bus is not None
    manager._bus.remove_message_handler(manager._parse_msg)
    for number in range(ble_scan.UNTOLD_MOST):
        daemon.heard(f"11:22:33:44:55:{number:02X}", FRAME[1:] + bytes([number]))
    await listener.until(lambda one: len(one.frames) == ble_scan.UNTOLD_MOST)
    await eventually(lambda: daemon.calls["UnregisterMonitor"])
    manager._bus.add_message_handler(manager._parse_msg)


async def test_a_scan_that_cannot_be_begun_is_a_fault_with_its_reason(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    daemon.adapters["hci0"].monitors = False
    daemon.failing["StartDiscovery"] = "org.bluez.Error.InProgress"
    start()
    await listener.until(lambda one: one.faults == ["in_progress"])
    del daemon.failing["StartDiscovery"]
    await listener.until(lambda one: one.restores == 1)


async def test_two_adapters_are_two_radios(
    daemon: FakeBluez, start: Start, listener: Listener
) -> None:
    daemon.plug("hci1", FakeAdapter("00:00:00:00:00:02"))
    start()
    second = start("hci1", "stick")
    await listener.until(lambda one: one.restores == 2)
    daemon.heard("11:22:33:44:55:66", FRAME)
    daemon.heard("11:22:33:44:55:66", FRAME, name="hci1")
    await listener.until(lambda one: len(one.frames) == 2)
    heard = {event.radio for event in listener.events if isinstance(event, Received)}
    assert heard == {"bluetooth", "stick"}
    daemon.pull("hci1")
    await listener.until(lambda one: one.faults == ["no_adapter"])
    assert not second.up
    daemon.heard("11:22:33:44:55:67", OTHER)
    await listener.until(lambda one: one.frames[-1] == OTHER)


async def test_what_the_gateway_has_no_right_to_is_asked_for_by_a_file(
    daemon: FakeBluez, start: Start, listener: Listener, tmp_path: Path
) -> None:
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    await radio._do(Step.DAEMON)
    assert (tmp_path / "recover-bluetooth").read_text() == "hci0 restart\n"
    await radio._do(Step.RESET)
    assert (tmp_path / "recover-bluetooth").read_text() == "hci0 reset\n"
    await radio._do(Step.SCAN)
    assert radio.up
    await radio._do(Step.POWER)
    assert daemon.adapters["hci0"].powered
    await eventually(lambda: daemon.adapters["hci0"].watching)


async def test_an_hour_without_bluez_leaves_no_connection_behind(
    bus: PrivateBus, start: Start, listener: Listener
) -> None:
    start()
    await listener.until(lambda one: one.faults == ["no_bluez"])
    before = open_files()
    await asyncio.sleep(0.5)
    assert open_files() <= before + 1


def passing(number: int, company: int) -> list[Message]:
    """Return what BlueZ says of a device that is heard once, and forgotten after 30 s."""
    raw = number.to_bytes(6, "big")
    path = "/org/bluez/hci0/dev_" + raw.hex("_").upper()
    known = {
        "Adapter": Variant("o", "/org/bluez/hci0"),
        "Address": Variant("s", raw.hex(":").upper()),
        "Alias": Variant("s", raw.hex("-").upper()),
        "RSSI": Variant("n", -70),
        "ManufacturerData": Variant("a{qv}", {company: Variant("ay", bytes(9) + raw)}),
    }
    manager, device = "org.freedesktop.DBus.ObjectManager", "org.bluez.Device1"
    return [
        Message.new_signal("/", manager, "InterfacesAdded", "oa{sa{sv}}", [path, {device: known}]),
        Message.new_signal("/", manager, "InterfacesRemoved", "oas", [path, [device]]),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("passive", "company"), [(True, 0xFFFF), (False, 0xFFFF), (False, 0x4C)])
async def test_however_many_addresses_pass_the_memory_stays_flat(
    daemon: FakeBluez, start: Start, listener: Listener, passive: bool, company: int
) -> None:
    daemon.adapters["hci0"].monitors = passive
    radio = start()
    await listener.until(lambda one: one.restores == 1)
    radio._deliver = lambda _: None
    manager = await get_global_bluez_manager()
    tracemalloc.start()
    grown: list[int] = []
    for round_ in range(3):
        for number in range(5_000):
            for message in passing(round_ * 5_000 + number, company):
                manager._parse_msg(message)
        grown.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert radio.told.heard == 15_000
    assert grown[2] - grown[1] < 50_000


async def test_a_request_that_cannot_be_left_is_counted(tmp_path: Path) -> None:
    radio = Bluetooth("bluetooth", "hci0", tmp_path / "missing")
    radio._ask("reset")
    assert radio.counts["not_asked"] == 1

"""The radio head over a pty: greeting, frames, garbage, silence, unplugging, another node name."""

import asyncio
import contextlib
import os
import termios
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.events import Fault, Received, Restore, Transmission
from gateway.radio import LinkDown, radio_head
from gateway.radio.port import Port, find
from gateway.radio.radio_head import RadioHead
from gateway.tests.player import PtyHead
from gateway.tests.waiting import eventually
from protocol import link_messages
from protocol.serial_link import to_wire

FRAME = bytes(range(15))


class Listener:
    """Takes what a radio delivers and lets a test wait for it."""

    def __init__(self) -> None:
        self.events: list[Received | Fault | Restore] = []
        self._news = asyncio.Event()

    def __call__(self, event: Received | Fault | Restore, /) -> None:
        self.events.append(event)
        self._news.set()

    async def until(self, wanted: Callable[["Listener"], bool], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not wanted(self):
                self._news.clear()
                await self._news.wait()

    @property
    def frames(self) -> list[bytes]:
        return [event.frame for event in self.events if isinstance(event, Received)]

    @property
    def faults(self) -> list[str]:
        return [event.why for event in self.events if isinstance(event, Fault)]

    @property
    def restores(self) -> int:
        return sum(isinstance(event, Restore) for event in self.events)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def start(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[], Awaitable[RadioHead]]]:
    monkeypatch.setattr(radio_head, "REOPEN_FIRST_S", 0.02)
    monkeypatch.setattr(radio_head, "REOPEN_MAX_S", 0.05)
    running: list[asyncio.Task[None]] = []

    async def begin() -> RadioHead:
        head = RadioHead("head", str(tmp_path / "tty*"))
        running.append(asyncio.create_task(head.run(listener)))
        await asyncio.sleep(0)
        return head

    yield begin
    for task in running:
        task.cancel()


Start = Callable[[], Awaitable[RadioHead]]


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[PtyHead]:
    head = PtyHead(tmp_path / "ttyUSB0")
    yield head
    head.unplug()


async def test_hears_what_the_head_heard(played: PtyHead, start: Start, listener: Listener) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    played.say(link_messages.Received(0, -71, 4, 12345, FRAME))
    await listener.until(lambda one: bool(one.frames))
    received = listener.events[-1]
    assert isinstance(received, Received)
    assert (received.frame, received.radio, received.medium) == (FRAME, "head", "ble")
    assert (received.rssi, received.snr) == (-71, 4)
    assert head.up


async def test_transmits(played: PtyHead, start: Start, listener: Listener) -> None:
    head = await start()
    head.transmit(Transmission("head", 3, "ble", FRAME, 400, urgent=True))
    assert head.counts["not_sent"] == 1
    await listener.until(lambda one: one.restores == 1)
    head.transmit(Transmission("head", 3, "ble", FRAME, 400, urgent=True))
    sent = await played.transmitted(lambda _: True)
    assert (sent.slot, sent.medium, sent.flags, sent.ms, sent.frame) == (3, 0, 1, 400, FRAME)


async def test_garbage_is_counted_and_costs_nothing_else(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    whole = to_wire(link_messages.Received(0, -60, 0, 0, FRAME))
    played.write(b"\xff\xfe noise \x00" + whole[:9] + b"\x00" + bytes(50) + b"\x01" * 300 + b"\x00")
    played.write(whole)
    await listener.until(lambda one: one.frames == [FRAME])
    assert head._link.errors["malformed"] == 3


async def test_a_byte_at_a_time_and_many_at_once(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    played.answers_pings = False  # nothing else on the line between these bytes
    await start()
    await listener.until(lambda one: one.restores == 1)
    for byte in to_wire(link_messages.Received(0, -60, 0, 0, FRAME)):
        played.write(bytes([byte]))
        await asyncio.sleep(0)
    frames = [number.to_bytes(15, "big") for number in range(1, 100)]
    burst = b"".join(to_wire(link_messages.Received(0, -60, 0, 0, frame)) for frame in frames)
    played.write(burst)
    await listener.until(lambda one: len(one.frames) == 100)
    assert listener.frames == [FRAME, *frames]


async def test_frames_before_the_greeting_are_not_taken(
    tmp_path: Path, start: Start, listener: Listener
) -> None:
    wrong = PtyHead(tmp_path / "ttyUSB0", version=9)
    await start()
    wrong.hear(FRAME)
    await listener.until(lambda one: "wrong_version" in one.faults)
    assert listener.frames == []
    assert listener.restores == 0
    wrong.unplug()


async def test_an_absent_port_is_a_fault_until_it_comes(
    tmp_path: Path, start: Start, listener: Listener
) -> None:
    await start()
    await listener.until(lambda one: one.faults[:1] == ["absent"])
    played = PtyHead(tmp_path / "ttyACM3")
    await listener.until(lambda one: one.restores == 1)
    played.unplug()


async def test_unplugged_and_plugged_again_under_another_name(
    tmp_path: Path, start: Start, listener: Listener
) -> None:
    first = PtyHead(tmp_path / "ttyUSB0")
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    first.unplug()
    await listener.until(lambda one: "unplugged" in one.faults)
    assert not head.up
    second = PtyHead(tmp_path / "ttyUSB1")
    await listener.until(lambda one: one.restores == 2)
    second.hear(FRAME)
    await listener.until(lambda one: one.frames == [FRAME])
    second.unplug()


async def test_a_node_renamed_while_open_goes_on(
    tmp_path: Path, played: PtyHead, start: Start, listener: Listener
) -> None:
    await start()
    await listener.until(lambda one: one.restores == 1)
    played.place(tmp_path / "ttyUSB7")
    played.hear(FRAME)
    await listener.until(lambda one: one.frames == [FRAME])
    assert listener.faults == []


async def test_a_silent_head_is_opened_again(
    played: PtyHead, start: Start, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(radio_head, "PING_EVERY_S", 0.02)
    monkeypatch.setattr(radio_head, "PONG_WITHIN_S", 0.1)
    await start()
    await listener.until(lambda one: one.restores == 1)
    await asyncio.sleep(0.2)
    assert listener.faults == []
    played.answers_pings = False
    await listener.until(lambda one: "silent" in one.faults)
    await listener.until(lambda one: one.restores >= 2)


async def test_a_head_that_does_not_greet_is_a_fault(
    tmp_path: Path,
    played: PtyHead,
    start: Start,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(radio_head, "HELLO_WITHIN_S", 0.05)
    played._hello = link_messages.Pong(0)  # type: ignore[assignment]
    await start()
    await listener.until(lambda one: "no_hello" in one.faults)


async def test_counts_what_the_head_tells(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    played.say(link_messages.Stats(0, -90, 10, 7, 2))
    played.say(link_messages.Done(1, link_messages.REFUSED))
    played.say(link_messages.Hello(1, 1, 1, 99))
    played.say(link_messages.Received(9, -60, 0, 0, FRAME))
    played.say(link_messages.Ping(1))
    await eventually(lambda: head.counts["unexpected"] == 1)
    assert head.told.status()["ble"] == {
        "foreign": 7,
        "dropped": 2,
        "noise_dbm": -90,
        "busy_percent": 10,
    }
    assert head.counts["refused"] == 1
    assert head.counts["head_restarted"] == 1
    assert head.counts["unknown_medium"] == 1
    assert listener.frames == []


async def test_counts_how_each_transmit_ended(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    for status in (*range(8), 5):
        played.say(link_messages.Done(1, status))
    await eventually(lambda: head.counts["too_late"] == 2)
    names = ("sent", "replaced", "refused", "channel_busy", "no_airtime", "answered_by_another")
    assert [head.counts[name] for name in (*names, "ended_otherwise")] == [1] * 7


async def test_a_head_with_lora_is_told_its_channel_and_the_others_are_not(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    assert played.settings == []
    played.say(link_messages.Hello(1, 3, 1, 99))
    await eventually(lambda: len(played.settings) == 3)
    assert played.settings == [(1, 869_525_000), (2, 9), (3, 14)]
    for _ in range(4):
        played.say(link_messages.Channel(869_525_000, 9, 14))
    await listener.until(lambda one: one.restores == 3)
    assert listener.faults == []
    told = head.told.status()
    assert (told["lora_hz"], told["lora_sf"], told["lora_dbm"]) == (869_525_000, 9, 14)
    assert told["has_lora"]


async def test_lora_that_fails_in_the_head_is_a_fault_until_it_is_back(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    for caps in (3, 3, 1, 1, 3):
        played.say(link_messages.Hello(1, caps, 1, 1))
    codes = [("Restore", "lora_failed"), ("Fault", "lora_failed"), ("Restore", "lora_failed")]
    found: list[tuple[str, str]] = []

    def told(one: Listener) -> bool:
        found[:] = [
            (type(event).__name__, event.code)
            for event in one.events
            if not isinstance(event, Received) and event.code != "link_down"
        ]
        return len(found) == 3

    await listener.until(told)
    assert found == codes
    assert head.counts["head_restarted"] == 0  # its boot is the same


async def test_a_head_that_does_not_take_its_channel_is_a_fault(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    await start()
    await listener.until(lambda one: one.restores == 1)
    played.say(link_messages.Hello(1, 3, 1, 99))
    for dbm in (14, 14, 14, 10):
        played.say(link_messages.Channel(869_525_000, 9, dbm))
    await listener.until(lambda one: bool(one.faults))
    assert listener.faults == ["869525000_9_10"]


async def test_a_lora_answer_to_a_device_on_battery_goes_out_within_its_window_only(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    answer = Transmission("head", 3, "lora", FRAME, 10_000, urgent=True, always=True)
    head.transmit(replace(answer, heard=now - 1.2))  # at SF9: 500 + 4 x 164.9 ms
    assert head.counts["too_late"] == 1
    head.transmit(replace(answer, heard=now - 0.3))
    sent = await played.transmitted(lambda _: True)
    assert (sent.medium, sent.flags) == (link_messages.LORA, 3)
    assert 500 < sent.ms <= 859
    head.transmit(replace(answer, slot=4))
    assert (await played.transmitted(lambda one: one.slot == 4)).ms == 10_000


async def test_what_a_head_is_and_how_it_fares_is_shown(
    played: PtyHead, start: Start, listener: Listener
) -> None:
    head = await start()
    await listener.until(lambda one: one.restores == 1)
    board = b"heltec_v3".ljust(link_messages.BOARD_LEN, b"\0")
    played.say(link_messages.Identity(0xA1B2C3D4E5F6, 2, board))
    played.say(link_messages.Health(3_600, 1, 0, 5, 17))
    played.say(link_messages.Stats(1, -128, 3, 2, 0))
    await eventually(lambda: "lora" in head.told.status())
    told = head.told.status()
    assert (told["board"], told["unique"], told["cause"]) == (
        "heltec_v3",
        "a1b2c3d4e5f6",
        "watchdog",
    )
    assert (told["uptime_s"], told["rescans"], told["lost"], told["exception"]) == (3_600, 1, 5, 17)
    lora = {"foreign": 2, "dropped": 0, "noise_dbm": None, "busy_percent": 3}
    assert told["lora"] == lora


async def test_the_line_has_the_speed_of_the_specification(played: PtyHead) -> None:
    port = Port(str(played.link), lambda _: None)
    node = os.open(played.link, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        speeds = termios.tcgetattr(node)[4:6]
    finally:
        os.close(node)
        port.close()
    assert speeds == [
        termios.B921600,
        termios.B921600,
    ]  # SPEC 10: a bridge passes nothing at another


async def test_a_port_is_ours_alone(played: PtyHead) -> None:
    port = Port(find(str(played.link)), lambda _: None)
    with pytest.raises(LinkDown, match="busy"):
        Port(find(str(played.link)), lambda _: None)
    port.close()


async def test_a_line_that_takes_nothing_drops_the_oldest_whole_messages(played: PtyHead) -> None:
    asyncio.get_running_loop().remove_reader(played._master)
    port = Port(str(played.link), lambda _: None)
    for number in range(2000):
        port.write(number.to_bytes(2, "big") * 50)
    assert port.dropped > 0
    heard = bytearray()

    def read() -> bool:
        with contextlib.suppress(BlockingIOError):
            heard.extend(os.read(played._master, 65536))
        return len(heard) == (2000 - port.dropped) * 100

    await eventually(read)
    messages = [bytes(heard[at : at + 100]) for at in range(0, len(heard), 100)]
    assert all(message == message[:2] * 50 for message in messages)
    assert messages[-1] == (1999).to_bytes(2, "big") * 50
    port.close()

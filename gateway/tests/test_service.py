"""The whole gateway as a process: end to end, killed at random moments, and what it leaves in its log."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from gateway.disk import journal
from gateway.disk.journal import Head
from gateway.disk.rows import read_incidents
from gateway.disk.store import connect
from gateway.downlink import LORA_WITHIN_MS
from gateway.tests.brokers import Mosquitto, listen
from gateway.tests.builders import KEY, LABEL, PLACE
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually
from protocol import link_messages
from protocol.airtime import window_ms
from protocol.band import DEFAULT_SF
from protocol.kinds import (
    ACKNOWLEDGED,
    CLOSED,
    DELIVERED,
    EMERGENCY,
    FAULT,
    MAINS_LOST,
    PANIC,
    STORED,
    condition_word,
)

KILLS = 16
KEYS = {"button-01": KEY, "button-02": b"sixteen byte key"}


@pytest.fixture
async def process(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[GatewayProcess]:
    folder = tmp_path / "g"
    folder.mkdir()
    process = GatewayProcess(folder, broker.port)
    for name, key in KEYS.items():
        enrolled = process.call("enrol", process.enrolment(name, key))
        assert enrolled.returncode == 0, enrolled.stderr
    yield process
    process.kill()


@pytest.fixture
async def head(process: GatewayProcess) -> AsyncIterator[PtyHead]:
    head = PtyHead(process.port)
    yield head
    head.unplug()


@pytest.fixture
async def told(broker: Mosquitto) -> AsyncIterator[list[dict[str, object]]]:
    """Every event published, also while the broker was away."""
    heard: list[dict[str, object]] = []
    listening = asyncio.create_task(listen(broker.port, f"tocsin/{SITE}/event", heard.append))
    yield heard
    listening.cancel()


async def command(broker: Mosquitto, payload: dict[str, object]) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.publish(f"tocsin/{SITE}/command", json.dumps(payload), qos=1)


async def test_one_press_all_the_way_to_a_person_and_back(
    process: GatewayProcess,
    head: PtyHead,
    broker: Mosquitto,
    told: list[dict[str, object]],
) -> None:
    process.start()
    wearer = Wearer(KEY)
    await eventually(lambda: len(process.lines("up")) == 2)
    frame = wearer.press()
    head.hear(frame)
    await head.answered(wearer, STORED)
    await head.answered(wearer, DELIVERED)
    await eventually(lambda: told)
    assert told[0]["id"] == f"{wearer.incident}.1"
    await command(
        broker,
        {"command": "acknowledge", "incident": wearer.incident, "by": "Zebedee", "eta_minutes": 4},
    )
    answer = await head.answered(wearer, ACKNOWLEDGED)
    assert answer.arg & 0x1F == 4
    head.hear(wearer.refresh(felt=ACKNOWLEDGED))
    await eventually(lambda: process.lines("wearer_felt"))
    closed = process.call("close", wearer.incident, "--by", "Zebedee")
    assert (closed.returncode, closed.stdout) == (0, "done\n")
    await head.answered(wearer, CLOSED)
    assert process.call("close", wearer.incident, "--by", "Zebedee").returncode == 1

    status = json.loads(process.call("status", "--json").stdout)
    assert status["resident_mb"] < 80
    (listed,) = json.loads(process.call("incidents", "--json").stdout)
    assert [step["event"] for step in listed["timeline"]] == [
        "raised",
        "delivered",
        "acknowledged",
        "wearer_felt",
        "closed",
    ]
    assert process.stop() == 0
    names = [line["event"] for line in process.lines()]
    assert names[0] == "started"
    assert names[-1] == "stopped"
    log = process.log.read_text(encoding="utf-8")
    for secret in (KEY.hex(), frame.hex(), frame[4:7].hex(), LABEL, PLACE, "Zebedee"):
        assert secret not in log


@pytest.mark.slow
async def test_an_alert_by_lora_is_answered_by_lora(
    process: GatewayProcess, head: PtyHead, told: list[dict[str, object]]
) -> None:
    box = Wearer(b"key of a box 16b")
    enrolment = process.enrolment("box-01", b"key of a box 16b", role="call_box")
    assert process.call("enrol", enrolment).returncode == 0
    head.greets_with(link_messages.CAP_BLE | link_messages.CAP_LORA)
    process.start()
    await eventually(lambda: len(process.lines("up")) == 2)
    await eventually(lambda: len(head.settings) == 3)

    head.hear(box.press(EMERGENCY), link_messages.LORA)
    await head.answered(box, STORED)
    await head.answered(box, DELIVERED)  # pushed: it listens always
    assert process.call("acknowledge", box.incident, "--by", "Jo").returncode == 0
    await head.answered(box, ACKNOWLEDGED)
    sent = {(one.medium, one.flags, one.ms) for one in head.sent}
    assert sent == {(link_messages.LORA, link_messages.URGENT, LORA_WITHIN_MS)}

    head.hear(box.protect(condition_word(FAULT, MAINS_LOST, 0, box.time)), link_messages.LORA)
    await eventually(lambda: process.lines("fault"))
    assert process.lines("fault")[0]["code"] == "mains_lost"
    await eventually(lambda: any(event["type"] == "tocsin.device.fault" for event in told))

    worn = Wearer(KEY)
    head.hear(worn.press(), link_messages.LORA)
    await head.answered(worn, STORED)
    windows = [one.ms for one in head.sent if worn.read(one.frame)]
    assert windows
    assert all(0 < ms <= window_ms(DEFAULT_SF) for ms in windows)
    assert process.stop() == 0


@pytest.mark.slow
async def test_broker_away_stored_and_delivered_once_on_return(
    process: GatewayProcess,
    head: PtyHead,
    broker: Mosquitto,
    told: list[dict[str, object]],
) -> None:
    process.start()
    await eventually(lambda: len(process.lines("up")) == 2)
    broker.stop()
    await eventually(lambda: process.lines("fault"))
    wearer = Wearer(KEY)
    for _ in range(5):
        head.hear(wearer.press())
        answer = await head.answered(wearer, STORED)
        assert answer.op == STORED
        assert not answer.arg & 0x40  # the wearer can know that nobody is reached now
    broker.start()
    await head.answered(wearer, DELIVERED, within_s=20)
    await eventually(lambda: sum(_raised(event) for event in told) == 5)
    ids = [event["id"] for event in told]
    assert len(ids) == len(set(ids))


@pytest.mark.slow
async def test_what_stands_with_a_device_is_retained_at_the_broker(
    process: GatewayProcess, head: PtyHead, broker: Mosquitto
) -> None:
    shown: list[dict[str, object]] = []
    topic = f"tocsin/{SITE}/gateway/device/+"
    process.start()
    await eventually(lambda: len(process.lines("up")) == 2)
    listening = asyncio.create_task(listen(broker.port, topic, shown.append))
    await eventually(lambda: shown and shown[-1]["alert"] == "none")
    wearer = Wearer(KEY)
    head.hear(wearer.press())
    await head.answered(wearer, STORED)
    await eventually(lambda: any(state["alert"] == "open" for state in shown))
    assert process.call("close", wearer.incident, "--by", "Jo").returncode == 0
    await eventually(lambda: shown[-1]["alert"] == "none")
    listening.cancel()


@pytest.mark.slow
async def test_enrolled_while_running(process: GatewayProcess, head: PtyHead) -> None:
    process.start()
    await eventually(lambda: process.lines("up"))
    key = b"a third device's"
    result = process.call("enrol", process.enrolment("button-03", key, counter=64))
    assert "running gateway knows it" in result.stdout
    wearer = Wearer(key, 64)
    head.hear(wearer.press())
    await head.answered(wearer, STORED)


@pytest.mark.slow
async def test_junk_on_the_line_is_counted_by_reason(
    process: GatewayProcess, head: PtyHead
) -> None:
    process.start()
    await eventually(lambda: process.lines("up"))
    wearer = Wearer(KEY)
    frame = wearer.press()
    head.write(b"\x07garbage\x00" + bytes(9) + b"\xff" * 200 + b"\x00")
    head.hear(frame[:-1] + bytes([frame[-1] ^ 1]))
    head.hear(bytes(15))
    head.hear(Wearer(b"unknown device..").press())
    head.hear(frame)
    await head.answered(wearer, STORED)
    await eventually(lambda: process.lines("stored"))  # written after the answer
    assert process.running


@pytest.mark.slow
async def test_a_device_far_ahead_is_searched_for_and_answered(
    process: GatewayProcess, head: PtyHead
) -> None:
    process.start()
    await eventually(lambda: process.lines("up"))
    lost = Wearer(KEY, 10_000)
    head.hear(lost.press())
    await head.answered(lost, STORED)


@pytest.mark.slow
async def test_without_its_runtime_folder_alerts_are_heard_all_the_same(
    process: GatewayProcess, head: PtyHead
) -> None:
    text = process.config.read_text(encoding="utf-8")
    long = process.folder / ("r" * 120)  # too long a path for a socket
    (long / "status.new").mkdir(parents=True)  # and no file can be written here
    process.config.write_text(text.replace(f"{process.folder}/run", str(long)), encoding="utf-8")
    process.start()
    await eventually(lambda: len(process.lines("fault")) == 2)
    faults = {line["source"] for line in process.lines("fault")}
    assert faults == {"control", "status"}
    await eventually(lambda: process.lines("up"))
    wearer = Wearer(KEY)
    head.hear(wearer.press())
    await head.answered(wearer, STORED)
    (long / "status.new").rmdir()
    await eventually(lambda: [one["source"] for one in process.lines("restore")] == ["status"], 15)


@pytest.mark.slow
async def test_two_gateways_cannot_share_a_state_folder(process: GatewayProcess) -> None:
    process.start()
    await eventually(lambda: process.lines("started"))
    second = process.call("run")
    assert second.returncode == 1
    assert "another gateway" in second.stderr


@pytest.mark.slow
async def test_killed_at_random_moments_no_acked_press_is_lost_and_none_is_two(
    process: GatewayProcess, head: PtyHead, told: list[dict[str, object]]
) -> None:
    dice = random.Random(20_260_131)
    wearers = [Wearer(key) for key in KEYS.values()]
    pressed: set[str] = set()
    acked: set[str] = set()
    process.start()
    await eventually(lambda: process.lines("up"))
    for _ in range(KILLS):
        for wearer in wearers:
            head.hear(wearer.press())
            pressed.add(wearer.incident)
        # From before the frame is read to after it was delivered.
        await asyncio.sleep(dice.uniform(0.0, 0.03))
        process.kill()
        acked |= {w.incident for w in wearers if _told_stored(head, w)}
        head.sent.clear()
        process.start()
        for wearer in wearers:
            await _until_stored(head, wearer)
            acked.add(wearer.incident)
    await eventually(lambda: len({e["subject"] for e in told if _raised(e)}) == len(pressed), 20)
    assert process.stop() == 0

    connection = connect(process.state_dir / "gateway.sqlite")
    stored = read_incidents(connection)
    assert {incident.id for incident in stored} >= acked
    assert {incident.id for incident in stored} == pressed
    assert len(stored) == 2 * KILLS
    for incident in stored:
        names = [entry["event"] for entry in journal.timeline(connection, incident.id)]
        assert names.count("raised") == 1
    for known in {_head(event) for event in told}:  # what was told was on disk before
        assert journal.verify(connection, known).intact
    connection.close()
    raised = {event["id"] for event in told if _raised(event)}
    assert raised == {f"{incident}.1" for incident in pressed}


def _head(event: dict[str, object]) -> Head:
    data = event["data"]
    assert isinstance(data, dict)
    shown = data["journal_head"]
    return Head(shown["n"], bytes.fromhex(shown["sha256"]))


def _raised(event: dict[str, object]) -> bool:
    return event["type"] == "tocsin.alert.raised"


def _told_stored(head: PtyHead, wearer: Wearer) -> bool:
    heard = [wearer.read(message.frame) for message in head.sent]
    return any(one is not None and one[0] >= wearer.first for one in heard)


async def _until_stored(head: PtyHead, wearer: Wearer) -> None:
    """Refresh as firmware does until the gateway is back and says so."""
    async with asyncio.timeout(20):
        while not _told_stored(head, wearer):
            head.hear(wearer.refresh(PANIC))
            await asyncio.sleep(0.1)

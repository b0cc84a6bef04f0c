"""A disk that is really full, under the real process: people are called, the wearer is not told STORED."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.disk.store import connect, read_incidents
from gateway.tests.bench import small_disk
from gateway.tests.brokers import Mosquitto, listen
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import STORED


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        yield folder


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def told(wearer: Wearer, head: PtyHead) -> list[int]:
    answers = [wearer.read(message.frame) for message in head.sent]
    return [answer[1].op for answer in answers if answer is not None]


@pytest.mark.slow
async def test_alerts_go_out_and_are_stored_and_answered_once_there_is_room(
    disk: Path, tmp_path: Path, broker: Mosquitto
) -> None:
    folder = tmp_path / "g"
    folder.mkdir()
    (folder / "state").symlink_to(disk)
    process = GatewayProcess(folder, broker.port)
    assert process.call("enrol", process.enrolment("button-01", KEY)).returncode == 0
    events: list[dict[str, object]] = []
    listening = asyncio.create_task(listen(broker.port, f"tocsin/{SITE}/event", events.append))
    process.start()
    head, wearer = PtyHead(process.port), Wearer(KEY)
    try:
        await eventually(lambda: len(process.lines("up")) >= 2)
        fill(disk / "filler")
        while not process.lines("fault") or "store" not in str(process.lines("fault")):
            head.hear(wearer.press())  # until what was left of the log is used
            await asyncio.sleep(0.05)
        answered = len(told(wearer, head))
        head.hear(wearer.press())
        alert = f"{wearer.incident}.1"
        await eventually(lambda: alert in [event["id"] for event in events])
        (event,) = [event for event in events if event["id"] == alert]
        assert "'stored': False" in str(event["data"])
        assert len(told(wearer, head)) == answered
        (disk / "filler").unlink()
        head.hear(wearer.refresh())
        await head.answered(wearer, STORED)
        await asyncio.sleep(0.5)  # time enough to tell it twice
        assert [event["id"] for event in events].count(alert) == 1
    finally:
        process.kill()
        head.unplug()
        listening.cancel()
    connection = connect(disk / "gateway.sqlite")
    assert wearer.incident in [incident.id for incident in read_incidents(connection)]
    connection.close()

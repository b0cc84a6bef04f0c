"""A board becomes what it was on its way to, else the next device that fits; each device once."""

from pathlib import Path

import pytest

from tools.provision.chips import CHIPS
from tools.provision.identity import Planned
from tools.provision.journal import Begun, Journal
from tools.provision.queue import Queue
from tools.provision.stopped import Stopped

C3, S3 = CHIPS["esp32c3"], CHIPS["esp32s3"]
MAC = "24:0a:c4:00:00:01"


def device(name: str, board: str = "esp32c3_devkit") -> Planned:
    return Planned(name, "panic_button", name, "Room", {"role": "panic_button", "board": board})


PLAN = [device("a"), device("s", "esp32s3_devkit"), device("b")]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_devices_are_taken_in_the_order_of_the_plan_by_chip(journal: Journal) -> None:
    queue = Queue(PLAN, journal)
    assert [queue.take("1", C3).id, queue.take("2", C3).id, queue.take("3", S3).id] == [*"abs"]


def test_a_device_with_a_record_is_left_out(journal: Journal) -> None:
    journal.record(MAC, "a", {"id": "a"})
    assert Queue(PLAN, journal).take(MAC, C3).id == "b"


def test_a_board_that_was_not_finished_becomes_what_it_was_to_be(journal: Journal) -> None:
    journal.note(MAC, Begun("b", "digest", ("flash",)))
    assert Queue(PLAN, journal).take(MAC, C3).id == "b"


def test_a_chip_that_no_waiting_device_has_is_refused(journal: Journal) -> None:
    queue = Queue([device("a")], journal)
    with pytest.raises(Stopped) as none:
        queue.take(MAC, S3)
    assert none.value.sentence == "none_for_chip"
    queue.take(MAC, C3)
    with pytest.raises(Stopped) as none:
        queue.take(MAC, C3)
    assert none.value.sentence == "none_left"

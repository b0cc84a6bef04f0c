"""Rows wait for their target alone, in order; what cannot be stored is told from memory, once."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.disk import outbox, outbox_rows
from gateway.disk.outbox import Outbox
from gateway.disk.outbox_rows import UNSTORED
from gateway.disk.schema import StoreFault
from gateway.disk.store import connect
from gateway.drafts import Notice, Written
from gateway.events import Delivered

T = TypeVar("T")


def notice(subject: str, number: int = 1, *, urgent: bool = True) -> Notice:
    return Notice(f"{subject}.{number}", subject, urgent, "t", 5.0, subject, number, {})


class Disk:
    """Reads a real database; can fail."""

    def __init__(self, path: Path) -> None:
        self.connection = connect(path)
        self.connection.execute("PRAGMA synchronous = OFF")
        self.fails = False
        self.reads = 0

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self.fails:
            raise StoreFault("OperationalError", "SQLITE_IOERR")
        self.reads += 1
        return query(self.connection)

    def add(self, *notices: Notice, targets: tuple[str, ...] = ("broker",)) -> list[Written]:
        return outbox_rows.insert(self.connection, notices, targets)

    def deliver(self, row: int) -> None:
        outbox_rows.mark_delivered(self.connection, [Delivered(row, "broker", None, 1, 9.0)])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "db")
    with closing(disk.connection):
        yield disk


async def events(box: Outbox, limit: int = 16) -> list[str]:
    return [row.event for row in await box.rows(limit)]


async def test_a_subject_with_more_rows_than_are_looked_at_hides_no_other(disk: Disk) -> None:
    disk.add(*(notice("one", number) for number in range(400)))
    disk.add(notice("two"), notice("news", urgent=False))
    assert await events(Outbox(disk, "broker")) == ["one.0", "two.1", "news.1"]


async def test_a_target_that_confirms_nothing_delays_no_other(disk: Disk) -> None:
    disk.add(notice("one", 1), notice("one", 2), targets=("dead", "broker"))
    dead, broker = Outbox(disk, "dead"), Outbox(disk, "broker")
    (first,) = await broker.rows(16)
    disk.deliver(first.id)
    assert await events(broker) == ["one.2"]
    assert await events(dead) == ["one.1"]


async def test_what_cannot_be_noted_yet_does_not_hold_up_the_next(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    disk.add(*(notice("one", number) for number in range(400)), notice("two"))
    settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    (one, two) = await box.rows(16)
    box.confirmed(one, 7.0, settled)
    assert await events(box) == ["one.1", "two.1"]
    box.confirmed(two, 7.0, asyncio.get_running_loop().create_future())
    assert await events(box) == ["one.1"]
    settled.set_result("done")
    await asyncio.sleep(0)
    assert await events(box) == ["one.0"]  # what was settled without a word on disk goes again


async def test_an_alert_that_is_not_stored_goes_out_from_memory_once(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    box.hold([notice("one"), notice("news", urgent=False), notice("one", 2)])
    box.hold([notice("one")])  # at the next refresh
    assert box.unstored == 2
    (row,) = await box.rows(16)
    assert (row.id, row.event, row.data) == (UNSTORED, "one.1", {"stored": False})
    box.confirmed(row, 7.0, None)
    assert await events(box) == ["one.2"]
    box.hold([notice("one")])
    assert await events(box) == ["one.2"]


async def test_what_was_told_from_memory_is_noted_and_not_told_once_it_is_stored(
    disk: Disk,
) -> None:
    box = Outbox(disk, "broker")
    box.hold([notice("one"), notice("two")])
    told = (await box.rows(16))[0]
    box.confirmed(told, 7.0, None)
    box.committed(disk.add(notice("one"), notice("two")))
    one, two = await box.rows(16)
    assert (one.event, one.confirmed_at) == ("one.1", 7.0)
    assert (two.event, two.confirmed_at) == ("two.1", None)
    assert UNSTORED not in (one.id, two.id)
    assert box.unstored == 0


async def test_what_is_held_waits_behind_what_is_stored_of_its_incident(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    disk.add(notice("one", 1))
    box.hold([notice("one", 2), notice("two")])
    assert await events(box) == ["two.1", "one.1"]


async def test_a_disk_that_cannot_be_read_keeps_no_alert_back(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    disk.fails = True
    box.hold([notice("one")._replace(targets=("another",))])
    assert await events(box) == ["one.1"]


def test_how_many_wait_and_since_when(disk: Disk) -> None:
    assert outbox_rows.depth(disk.connection, "broker") == (0, None)
    disk.add(notice("one")._replace(at=7.0), notice("news", urgent=False)._replace(at=6.0))
    disk.add(notice("other"), targets=("another",))
    assert outbox_rows.depth(disk.connection, "broker") == (2, 6.0)


async def test_where_nothing_waited_rows_are_handed_over_and_nothing_is_read(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    assert await box.rows(16) == []
    written = disk.add(notice("calm", urgent=False), notice("one", 1), notice("one", 2))
    read = disk.reads
    box.committed(written)
    handed = await box.rows(16)
    assert disk.reads == read
    assert [row.event for row in handed] == ["one.1", "calm.1"]
    assert handed == await Outbox(disk, "broker").rows(16), "as they are on disk"


async def test_where_nothing_waits_a_row_leaves_in_the_moment_it_is_on_disk(disk: Disk) -> None:
    box, begun = Outbox(disk, "broker"), list[str]()
    box.at_once(lambda row: begun.append(row.event))
    assert await box.rows(16) == []
    box.committed(disk.add(notice("calm", urgent=False), notice("one", 1), notice("one", 2)))
    assert begun == ["one.1", "calm.1"]
    box.committed(disk.add(notice("two")))  # others wait: it is the drain's turn
    assert begun == ["one.1", "calm.1"]
    assert await events(box) == ["one.1", "two.1", "calm.1"]


async def test_before_the_disk_has_said_that_nothing_waits_no_row_leaves_by_itself(
    disk: Disk,
) -> None:
    box, begun = Outbox(disk, "broker"), list[str]()
    box.at_once(lambda row: begun.append(row.event))
    disk.add(notice("one", 1))
    box.committed(disk.add(notice("one", 2)))
    assert begun == []
    assert await events(box) == ["one.1"]


async def test_what_was_told_from_memory_does_not_leave_again_once_it_is_stored(disk: Disk) -> None:
    box, begun = Outbox(disk, "broker"), list[str]()
    box.at_once(lambda row: begun.append(row.event))
    assert await box.rows(16) == []
    box.hold([notice("one")])
    (told,) = await box.rows(16)
    box.confirmed(told, 7.0, None)
    box.committed(disk.add(notice("one")))
    assert begun == []
    assert [row.confirmed_at for row in await box.rows(16)] == [7.0]


async def test_what_is_for_another_target_is_not_handed_over(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    assert await box.rows(16) == []
    box.committed(disk.add(notice("one"), targets=("other",)))
    assert await box.rows(16) == []


async def test_a_row_that_was_handed_over_waits_until_its_end_is_on_disk(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    assert await box.rows(16) == []
    box.committed(disk.add(notice("one", 1), notice("one", 2)))
    (first,) = await box.rows(16)
    settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    box.confirmed(first, 7.0, settled)
    assert await events(box) == ["one.2"]
    disk.deliver(first.id)
    settled.set_result("done")
    await asyncio.sleep(0)
    assert await events(box) == ["one.2"]


async def test_what_waited_already_and_what_was_handed_over_both_go_out(disk: Disk) -> None:
    disk.add(notice("old"))
    box = Outbox(disk, "broker")
    assert await events(box) == ["old.1"]
    box.committed(disk.add(notice("new")))
    assert await events(box) == ["old.1", "new.1"]


async def test_more_than_is_kept_in_memory_is_read(disk: Disk) -> None:
    box = Outbox(disk, "broker")
    assert await box.rows(16) == []
    read = disk.reads
    box.committed(disk.add(*(notice(f"s{number}") for number in range(100))))
    assert len(await box.rows(200)) == 100
    assert disk.reads == read + 1


async def test_what_waits_for_long_is_looked_up_again(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Outbox(disk, "broker")
    assert await box.rows(16) == []
    box.committed(disk.add(notice("one", urgent=False)))
    disk.connection.execute("DELETE FROM outbox")  # its term is over
    monkeypatch.setattr(outbox, "_KNOWN_FOR_S", -1.0)
    assert await box.rows(16) == []

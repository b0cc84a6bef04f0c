"""What supervision knows outlives a restart."""

from pathlib import Path

import pytest

from gateway.disk.store import Store
from gateway.ledger import Ledger
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE
from gateway.watching.duty import LONGEST_SHIFT_S
from gateway.watching.presence import DAYS_KEPT, Day, Presence, Standing, Watched
from gateway.watching.supervision_table import read_supervision


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    return await Bench(tmp_path).open()


async def read(store: Store, known: Ledger, now: float = 2_000.0) -> Ledger:
    again = Ledger(known.devices, known.states)
    await store.read(lambda connection: read_supervision(connection, again, now))
    return again


async def test_states_faults_and_voltages_are_read_as_they_were_written(bench: Bench) -> None:
    batch = bench.ledger.batch()
    batch.watched[DEVICE] = Watched(Presence.MISSING, 1_000.0, 5_000.0, back_s=7.0)
    batch.standing[DEVICE, "mains_lost"] = Standing(0, 900.0)
    batch.standing[DEVICE, "battery_low"] = Standing(3, 800.0)
    batch.voltages[DEVICE] = Day(20_000, 2_910)
    assert not batch.empty
    bench.ledger.adopt(await bench.store.commit(batch))
    again = await read(bench.store, bench.ledger)
    assert again.watched == {DEVICE: Watched(Presence.MISSING, 1_000.0, 5_000.0)}
    assert again.standing == bench.ledger.standing
    assert again.voltages == {DEVICE: (Day(20_000, 2_910),)}
    batch = bench.ledger.batch()
    batch.standing[DEVICE, "mains_lost"] = None
    bench.ledger.adopt(await bench.store.commit(batch))
    again = await read(bench.store, bench.ledger)
    assert list(again.standing) == [(DEVICE, "battery_low")]
    await bench.store.close()


async def test_no_duty_lasts_longer_than_the_longest_shift(bench: Bench) -> None:
    batch = bench.ledger.batch()
    batch.watched[DEVICE] = Watched(Presence.HEARD, 0.0, duty_until_s=9e9)
    await bench.store.commit(batch)
    again = await read(bench.store, bench.ledger, now=2_000.0)
    assert again.watched[DEVICE].duty_until_s == 2_000.0 + LONGEST_SHIFT_S
    await bench.store.close()


async def test_old_voltages_go(bench: Bench) -> None:
    for day in (1, 2, DAYS_KEPT + 2):
        batch = bench.ledger.batch()
        batch.voltages[DEVICE] = Day(day, 2_900)
        await bench.store.commit(batch)
    again = await read(bench.store, bench.ledger)
    assert [one.day for one in again.voltages[DEVICE]] == [2, DAYS_KEPT + 2]
    await bench.store.close()


async def test_a_device_that_is_not_enrolled_any_more_is_left_out(bench: Bench) -> None:
    batch = bench.ledger.batch()
    batch.watched[DEVICE] = Watched()
    batch.standing[DEVICE, "mains_lost"] = Standing(0, 1.0)
    batch.voltages[DEVICE] = Day(1, 2_900)
    await bench.store.commit(batch)
    again = await read(bench.store, Ledger())
    assert (again.watched, again.standing, again.voltages) == ({}, {}, {})
    await bench.store.close()

"""A visit on its way through a gateway: deadlines that hold without a frame, and over a restart."""

import asyncio
import math
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.disk.schema import StoreFault
from gateway.ledger import Batch
from gateway.path import RETRY_S
from gateway.tests.bench import Bench, SlowStore
from gateway.tests.builders import DEVICE, KEY, TIME, clock
from gateway.tests.player import Wearer
from protocol.kinds import COVERED, PLAN_OK, STORED

OVERDUE_S = 1_000.0 + 30 * 60 + 60


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = await Bench(tmp_path).open()
    bench.ledger.states[DEVICE].clock = clock(15)
    yield bench
    await bench.store.close()


@pytest.fixture
def wearer() -> Wearer:
    wearer = Wearer(KEY, counter=16)
    wearer.time = TIME
    return wearer


async def raised(bench: Bench) -> list[str]:
    rows = await bench.outbox.rows(16)
    return [str(row.data["visit"]) for row in rows if row.type == "tocsin.alert.raised"]


async def come_to(bench: Bench, clock_s: float) -> None:
    """Let nothing happen but that time goes on."""
    bench.rim.clock_s = clock_s
    await bench.way.step(bench.inbox.take_now())


async def restarted(bench: Bench, clock_s: float) -> Bench:
    """Open another gateway on what this one has on disk: it was killed."""
    again = Bench(bench.path.parent)
    again.rim.clock_s = clock_s
    again.away_s = clock_s - bench.rim.clock_s
    return await again.open()


async def test_a_visit_that_is_watched_is_felt_as_covered(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.visit())
    (answer,) = bench.answers(wearer)
    assert answer.op == STORED
    assert answer.arg & COVERED == COVERED


async def test_one_that_may_be_old_is_not(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.visit(), at=1_600.0)
    (answer,) = bench.answers(wearer)
    assert not answer.arg & PLAN_OK


async def test_its_end_is_missed_to_the_second_without_any_frame(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.visit())
    await come_to(bench, OVERDUE_S - 0.1)
    assert await raised(bench) == []
    await come_to(bench, OVERDUE_S)
    assert await raised(bench) == ["overdue"]
    await come_to(bench, OVERDUE_S + 3_600.0)
    assert len(bench.ledger.incidents) == 1


async def test_an_end_in_time_calls_nobody(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.visit())
    await bench.hear(wearer.end_visit(), at=1_010.0)
    await come_to(bench, 1e9)
    assert bench.ledger.incidents == {}


async def test_what_fell_due_while_the_gateway_was_away_is_raised_at_its_start(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.visit())
    again = await restarted(bench, OVERDUE_S + 600.0)
    assert again.ledger.visits[DEVICE].due_s == pytest.approx(OVERDUE_S - 60.0, abs=2.0)
    await come_to(again, OVERDUE_S + 600.0)
    assert await raised(again) == ["overdue"]
    await again.store.close()


async def test_a_wall_clock_that_went_back_postpones_it_by_no_more_than_its_length(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.visit())
    bench.rim.clock_s += 60.0
    again = await restarted(bench, 1_060.0 - 86_400.0)
    assert again.ledger.visits[DEVICE].due_s == 1_060.0 - 86_400.0 + 1_800.0
    await again.store.close()


async def test_a_visit_over_stays_over_after_a_restart(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.visit())
    await bench.hear(wearer.end_visit(), at=1_010.0)
    again = await restarted(bench, 1_020.0)
    assert not again.ledger.visits[DEVICE].runs
    await again.hear(wearer.end_visit(), at=1_020.0)
    assert again.ledger.incidents == {}
    await again.store.close()


async def test_a_disk_that_fails_just_then_only_delays_it(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.visit())
    slow = SlowStore(bench.store)
    slow.fails = StoreFault("OperationalError")
    bench.way._store = slow
    await come_to(bench, OVERDUE_S)
    assert bench.ledger.incidents == {}
    slow.fails = None
    await come_to(bench, OVERDUE_S + RETRY_S)
    assert await raised(bench) == ["overdue"]


class Alarm:
    """Is due once, a moment after the start."""

    def __init__(self, due_s: float) -> None:
        self.due_s = due_s
        self.asked: list[float] = []
        self.rang = asyncio.Event()

    def judge(self, batch: Batch) -> float:
        self.asked.append(batch.now)
        if batch.now < self.due_s:
            return self.due_s
        self.rang.set()
        return math.inf


async def test_the_path_wakes_for_a_deadline_and_sleeps_where_there_is_none(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    bench.rim.now_s = lambda: loop.time() - begin_s  # type: ignore[method-assign]
    alarm = Alarm(0.05)
    bench.way.watch((alarm,))
    path = asyncio.create_task(bench.way.run())
    async with asyncio.timeout(5.0):
        await alarm.rang.wait()
    await asyncio.sleep(0.05)
    path.cancel()
    assert len(alarm.asked) <= 3, "at the start, at most once early, and when due"
    assert alarm.asked[-1] >= alarm.due_s

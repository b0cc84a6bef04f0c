"""The plan on the way through: who is told when, on disk, over restarts, until a person takes it."""

import json
import math
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.disk.outbox_rows import Row
from gateway.disk.schema import StoreFault
from gateway.events import Acknowledge, Close, Delivered
from gateway.ledger import Batch, Ledger
from gateway.response import plan_watch
from gateway.response.escalation import Escalation
from gateway.response.plan import ANNUNCIATOR, Plan, Step
from gateway.tests.bench import Bench, SlowStore
from gateway.tests.builders import KEY
from gateway.tests.player import Wearer
from protocol.kinds import CLOSED, DELIVERED, STORED, TEST

TARGETS = ("desk", "guard", "chief")
PLAN = Plan(
    (
        Step(0, ("desk",)),
        Step(60, ("guard", ANNUNCIATOR)),
        Step(120, ("chief",)),
    ),
    repeat_s=300,
    everyone=(*TARGETS, ANNUNCIATOR),
    access={"address": "12 rue des Lilas", "phone": "+33 1 00 00 00 00"},
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = await Bench(tmp_path, PLAN, TARGETS).open()
    yield bench
    await bench.store.close()


@pytest.fixture
def wearer() -> Wearer:
    return Wearer(KEY)


async def at(bench: Bench, now_s: float) -> None:
    """Let gateway time be `now_s` seconds after the press, and what is due be done."""
    bench.rim.clock_s = 1_000.0 + now_s
    await bench.way.step(bench.inbox.take_now())
    bench.way.log()


async def told(bench: Bench, target: str) -> list[str]:
    """Return what waits for a target, of one incident in its order."""
    query = "SELECT type FROM outbox WHERE target = ? AND delivered_at IS NULL ORDER BY id"
    rows = await bench.store.read(lambda found: found.execute(query, (target,)).fetchall())
    return [name.removeprefix("tocsin.alert.") for (name,) in rows if "gateway" not in name]


async def confirm(bench: Bench, target: str) -> Row:
    (row,) = [one for one in await bench.outboxes[target].rows(16) if one.incident]
    await bench.post(Delivered(row.id, target, row.incident, row.number, 1_000.0))
    return row


def lines(bench: Bench, event: str) -> list[dict[str, object]]:
    found = [json.loads(line) for line in bench.log.getvalue().splitlines()]
    return [line for line in found if line["event"] == event]


async def test_each_is_told_in_turn_with_the_way_to_the_door(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.press())
    assert [await told(bench, target) for target in TARGETS] == [["raised"], [], []]
    row = await confirm(bench, "desk")
    assert row.data["access"] == dict(PLAN.access)
    await at(bench, 60)
    assert [await told(bench, target) for target in TARGETS] == [[], ["escalated"], []]
    row = await confirm(bench, "guard")
    assert row.data["targets"] == ["guard", ANNUNCIATOR]
    assert row.data["access"] == dict(PLAN.access)
    assert bench.ledger.escalations[wearer.incident].local_s == 1_060
    await at(bench, 120)
    assert await told(bench, "chief") == ["escalated"]
    await at(bench, 420)
    assert [(await told(bench, target))[-1] for target in TARGETS] == ["repeated"] * 3


async def test_who_was_told_hears_the_rest_and_nobody_else(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.press())
    await confirm(bench, "desk")
    await at(bench, 60)
    await bench.hear(wearer.cancel(), at=1_061.0)
    assert (await told(bench, "guard"))[0] == "escalated"
    assert len(await told(bench, "guard")) == 2
    await bench.post(Acknowledge(wearer.incident, "Jo", 5, 1_070.0))
    await at(bench, 100_000)
    assert [(await told(bench, target))[-1:] for target in TARGETS] == [
        ["acknowledged"],
        ["acknowledged"],
        [],
    ]
    await bench.post(Close(wearer.incident, "Jo", 1_080.0))
    assert await told(bench, "chief") == []


async def test_a_cancel_ends_no_plan(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.press())
    await bench.hear(wearer.cancel(), at=1_001.0)
    await at(bench, 120)
    assert "escalated" in await told(bench, "chief")


async def test_nobody_told_is_felt_told_and_over_when_somebody_was(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.press())
    await at(bench, 29.9)
    assert await told(bench, "guard") == []
    assert plan_watch.works(bench.ledger, 1_000.0)
    await at(bench, 30)
    assert await told(bench, "desk") == ["raised", "nobody_told"]
    assert await told(bench, "guard") == ["escalated"]
    assert bench.ledger.escalations[wearer.incident].local_s == 1_030
    assert plan_watch.NOBODY_TOLD in bench.ledger.faults
    assert not plan_watch.works(bench.ledger, 1_000.0)  # and so no wearer is told to be covered
    assert lines(bench, "nobody_told")[0]["incident"] == wearer.incident
    await at(bench, 60)
    assert await told(bench, "chief") == ["escalated"]
    await confirm(bench, "guard")
    assert bench.ledger.faults == {}
    assert [answer.op for answer in bench.answers(wearer)] == [STORED, DELIVERED]
    assert [line["target"] for line in lines(bench, "delivered")] == ["guard"]
    await at(bench, 200)
    assert len(lines(bench, "nobody_told")) == 1


async def test_a_person_who_comes_anyway_ends_that_nobody_was_told(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.press())
    await at(bench, 30)
    await bench.post(Close(wearer.incident, "Jo", 1_031.0))
    assert bench.ledger.faults == {}
    assert bench.answers(wearer)[-1].op == CLOSED


async def test_a_test_is_told_to_all_at_once_and_escalates_never(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.press(TEST))
    await at(bench, 100_000)
    for target in TARGETS:
        assert await told(bench, target) == ["tocsin.test.raised"]
    (row,) = await bench.outboxes["chief"].rows(16)
    assert "access" not in row.data
    assert bench.ledger.faults == {}


async def test_a_restart_forgets_neither_who_was_told_nor_who_is_next(
    bench: Bench, wearer: Wearer, tmp_path: Path
) -> None:
    await bench.hear(wearer.press())
    await confirm(bench, "desk")
    await at(bench, 60)
    before = bench.ledger.escalations
    again = Bench(tmp_path, PLAN, TARGETS)
    again.rim.clock_s = 1_061.0
    await again.open()
    at_once = {name: one._replace(next_s=-math.inf) for name, one in before.items()}
    assert again.ledger.escalations == at_once
    await at(again, 61)
    assert await told(again, "guard") == ["escalated"]
    await at(again, 120)
    assert await told(again, "chief") == ["escalated"]
    await again.post(Close(wearer.incident, "Jo", 1_130.0))
    rows = await again.store.read(
        lambda found: found.execute("SELECT * FROM escalation").fetchall()
    )
    assert rows == []
    await again.store.close()


async def test_a_step_that_was_not_written_is_taken_again(bench: Bench, wearer: Wearer) -> None:
    await bench.hear(wearer.press())
    await confirm(bench, "desk")
    slow = SlowStore(bench.store)
    slow.fails = StoreFault("full")
    bench.way._store = slow
    await at(bench, 60)
    assert await told(bench, "guard") == []
    slow.fails = None
    await at(bench, 61)
    assert await told(bench, "guard") == ["escalated"]


async def test_while_nothing_is_due_what_is_open_is_not_looked_through(
    bench: Bench, wearer: Wearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    looked = Batch.all_escalations

    def look(batch: Batch) -> list[Escalation]:
        looks.append(batch.now - 1_000.0)
        return looked(batch)

    await bench.hear(wearer.press())
    await confirm(bench, "desk")
    await at(bench, 60)  # the next step is due at 120
    monkeypatch.setattr(Batch, "all_escalations", look)
    for now_s in (70, 80, 90):
        await bench.hear(wearer.refresh(), at=1_000.0 + now_s)
    assert looks == []
    await at(bench, 120)
    assert looks == [120]
    assert await told(bench, "chief") == ["escalated"]


async def test_pressed_again_after_it_was_taken_tells_all_of_them_again(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.press())
    await confirm(bench, "desk")
    await at(bench, 60)
    await bench.post(Acknowledge(wearer.incident, "Jo", 5, 1_061.0))
    bench.rim.clock_s = 1_100.0
    await bench.hear(wearer.refresh(felt=STORED), wearer.refresh(), at=1_100.0)
    assert (await told(bench, "guard"))[-1] == "updated"
    assert bench.ledger.escalations[wearer.incident].local_s == 1_100


def test_the_plan_works_only_where_it_tells_of_every_kind() -> None:
    assert plan_watch.works(Ledger(), 1_000.0)
    some = Plan((Step(0, ("desk",), frozenset({"panic"})),))
    assert not plan_watch.works(Ledger(plan=some), 1_000.0)

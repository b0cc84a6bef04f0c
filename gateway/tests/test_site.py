"""Two gateways of one site, each with its own disk, and a broker between them that a test is."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.events import SHARED_TYPE, Acknowledge, Close, Delivered, Shared
from gateway.response import site
from gateway.response.plan import ANNUNCIATOR, Plan, Step
from gateway.response.plan_watch import PlanWatch
from gateway.response.sharing import Sharing
from gateway.response.site_table import read_peers
from gateway.tests.bench import Bench
from gateway.tests.builders import KEY
from gateway.tests.player import Wearer
from gateway.upstream.shared import Peers
from protocol.kinds import ACKNOWLEDGED, CLOSED, DELIVERED, TEST

TARGETS = ("broker", "guard")
PLAN = Plan(
    (Step(0, ("broker",)), Step(60, ("guard", ANNUNCIATOR))),
    repeat_s=300,
    everyone=(*TARGETS, ANNUNCIATOR),
)
TAKEOVER_S = 20.0


class Gateway:
    """One of the site; what it shares is kept until it is carried to the other."""

    def __init__(self, folder: Path, mark: int) -> None:
        folder.mkdir(exist_ok=True)
        self.bench = Bench(folder, PLAN, TARGETS)
        self.sharing = Sharing(f"gateway-{mark}", mark, "broker", TAKEOVER_S)
        self._seen = 0

    async def open(self) -> "Gateway":
        await self.bench.open()
        self.bench.ledger.sharing = self.sharing
        self.bench.ledger.peers = await self.bench.store.read(read_peers)
        self.bench.way.watch((PlanWatch(), site))
        return self

    async def shared(self) -> list[Shared]:
        """Return what it has said since it was asked last."""
        query = "SELECT id, data FROM outbox WHERE type = ? AND id > ? ORDER BY id"
        found = await self.bench.store.read(
            lambda rows: rows.execute(query, (SHARED_TYPE, self._seen)).fetchall()
        )
        self._seen = max([row for row, _ in found], default=self._seen)
        payloads = [json.dumps({"data": json.loads(data)}).encode() for _, data in found]
        anybody = Peers("site", "", {})
        read = [anybody.read(payload, 1_000.0) for payload in payloads]
        return [shared for shared in read if shared is not None]

    async def tell(self, other: "Gateway") -> list[Shared]:
        said = await self.shared()
        for shared in said:
            assert await other.bench.post(shared) == "done"
        return said

    async def at(self, now_s: float) -> None:
        self.bench.rim.clock_s = 1_000.0 + now_s
        await self.bench.way.step(self.bench.inbox.take_now())

    async def told(self, target: str = "guard") -> list[str]:
        query = (
            "SELECT type FROM outbox WHERE target = ? AND type LIKE 'tocsin.alert.%' ORDER BY id"
        )
        rows = await self.bench.store.read(lambda found: found.execute(query, (target,)).fetchall())
        return [name.removeprefix("tocsin.alert.") for (name,) in rows]

    async def confirm(self) -> None:
        for row in await self.bench.outbox.rows(16):
            if row.incident:
                confirmed = Delivered(row.id, "broker", row.incident, row.number, 1_000.0)
                await self.bench.post(confirmed)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Gateway, Gateway]]:
    first = await Gateway(tmp_path / "1", 1).open()
    second = await Gateway(tmp_path / "2", 2).open()
    yield first, second
    for one in (first, second):
        await one.bench.store.close()


@pytest.fixture
def wearer() -> Wearer:
    return Wearer(KEY)


async def exchange(*gateways: Gateway) -> None:
    """Carry what each says to the other until both are silent."""
    for _ in range(6):
        first, second = gateways
        if not await first.tell(second) + await second.tell(first):
            return
    raise AssertionError("they never stop talking")


def taken_by(pair: tuple[Gateway, Gateway], wearer: Wearer) -> list[str | None]:
    return [one.bench.ledger.incidents[wearer.incident].acknowledged_by for one in pair]


async def both_hear(pair: tuple[Gateway, Gateway], wearer: Wearer) -> None:
    frame = wearer.press()
    for one in pair:
        await one.bench.hear(frame)
        await one.confirm()
    await exchange(*pair)


async def test_both_tell_at_once_and_one_escalates(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    first, second = pair
    await both_hear(pair, wearer)
    assert await first.told("broker") == await second.told("broker") == ["raised"]
    await first.at(60)
    await second.at(60)
    assert (await first.told(), await second.told()) == (["escalated"], [])
    await exchange(*pair)
    await second.at(60 + TAKEOVER_S)
    assert await second.told() == []
    # The light of a building is lit by its own gateway alone, and so by each at once.
    assert second.bench.ledger.escalations[wearer.incident].local_s == 1_060
    await first.at(360)
    await exchange(*pair)
    await second.at(360 + TAKEOVER_S)
    assert (await first.told(), await second.told()) == (["escalated", "repeated"], [])


async def test_the_second_takes_over_where_the_first_is_gone(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    _, second = pair
    await both_hear(pair, wearer)
    await second.at(60 + TAKEOVER_S - 0.1)
    assert await second.told() == []
    await second.at(60 + TAKEOVER_S)
    assert await second.told() == ["escalated"]


async def test_one_that_heard_it_alone_waits_for_nobody(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    _, second = pair
    await second.bench.hear(wearer.press())
    await second.confirm()
    await exchange(*pair)
    await second.at(60)
    assert await second.told() == ["escalated"]


@pytest.mark.parametrize("by", [0, 1])
async def test_a_person_at_one_stops_all_and_the_wearer_feels_it_by_any(
    pair: tuple[Gateway, Gateway], wearer: Wearer, by: int
) -> None:
    here, there = pair[by], pair[1 - by]
    await both_hear(pair, wearer)
    await here.bench.post(Acknowledge(wearer.incident, "Jo", 7, 1_010.0))
    await exchange(*pair)
    taken = there.bench.ledger.incidents[wearer.incident]
    assert (taken.acknowledged_by, taken.eta_minutes) == ("Jo", 7)
    assert there.bench.answers(wearer)[-1].op == ACKNOWLEDGED
    await there.at(100_000)
    assert await there.told() == []
    await there.bench.post(Close(wearer.incident, "Jo", 1_020.0))
    await exchange(*pair)
    assert here.bench.answers(wearer)[-1].op == CLOSED


async def test_what_the_others_said_before_it_was_heard_here_counts_as_well(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    first, second = pair
    await first.bench.hear(wearer.press())
    await first.bench.post(Acknowledge(wearer.incident, "Jo", None, 1_010.0))
    await exchange(*pair)
    await second.bench.hear(wearer.refresh(), at=1_011.0)
    assert second.bench.ledger.incidents[wearer.incident].acknowledged_by == "Jo"
    await second.at(100_000)
    assert await second.told() == []
    assert second.bench.ledger.faults == {}


async def test_an_acknowledgement_before_the_last_press_is_old(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    first, second = pair
    await both_hear(pair, wearer)
    await first.bench.post(Acknowledge(wearer.incident, "Jo", None, 1_010.0))
    said = await first.tell(second)
    again = wearer.cancel(), wearer.refresh()
    await second.bench.hear(*again, at=1_012.0)
    await second.bench.post(said[-1])  # the broker gives it once more
    assert second.bench.ledger.incidents[wearer.incident].state == "open"
    await first.bench.hear(*again, at=1_013.0)
    await first.bench.post(Acknowledge(wearer.incident, "Jo", None, 1_020.0))
    await exchange(*pair)
    assert second.bench.ledger.incidents[wearer.incident].state == "acknowledged"


async def test_two_persons_at_once_do_not_set_the_gateways_against_each_other(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    await both_hear(pair, wearer)
    for one, by in zip(pair, ("Jo", "Max"), strict=True):
        await one.bench.post(Acknowledge(wearer.incident, by, None, 1_010.0))
    await exchange(*pair)
    assert taken_by(pair, wearer) == ["Jo", "Jo"]


@pytest.mark.parametrize("one", [0, 1])
async def test_who_takes_it_from_another_has_it_at_all(
    pair: tuple[Gateway, Gateway], wearer: Wearer, one: int
) -> None:
    await both_hear(pair, wearer)
    await pair[one].bench.post(Acknowledge(wearer.incident, "Jo", None, 1_010.0))
    said = await pair[one].tell(pair[1 - one])
    await pair[1 - one].bench.post(Acknowledge(wearer.incident, "Max", 5, 1_020.0))
    await pair[1 - one].bench.post(said[-1])  # the broker gives it once more
    await exchange(*pair)
    assert taken_by(pair, wearer) == ["Max", "Max"]


async def test_one_person_with_two_estimates_has_the_same_one_at_all(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    await both_hear(pair, wearer)
    for one, minutes in zip(pair, (5, 9), strict=True):
        await one.bench.post(Acknowledge(wearer.incident, "Jo", minutes, 1_010.0))
    await exchange(*pair)
    taken = [one.bench.ledger.incidents[wearer.incident].eta_minutes for one in pair]
    assert taken == [5, 5]


@pytest.mark.parametrize("acknowledged", [True, False])
async def test_two_persons_who_end_it_at_once_leave_one_name(
    pair: tuple[Gateway, Gateway], wearer: Wearer, acknowledged: bool
) -> None:
    await both_hear(pair, wearer)
    if acknowledged:
        await pair[0].bench.post(Acknowledge(wearer.incident, "Ann", None, 1_010.0))
        await exchange(*pair)
    for one, by in zip(pair, ("Jo", "Max"), strict=True):
        await one.bench.post(Close(wearer.incident, by, 1_020.0))
    said = [await one.shared() for one in pair]
    for here in (0, 1, 0):  # the broker gives some of it once more
        for shared in said[here]:
            await pair[1 - here].bench.post(shared)
    await exchange(*pair)
    ended = [one.bench.ledger.incidents[wearer.incident].closed_by for one in pair]
    assert ended == ["Jo", "Jo"]
    assert (await pair[1].told("broker")).count("closed") == 2  # who was told of Max is told of Jo
    assert (await pair[0].told("broker")).count("closed") == 1


async def test_one_confirmation_is_enough_for_the_site(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    first, second = pair
    frame = wearer.press()
    for one in pair:
        await one.bench.hear(frame)
    await first.confirm()
    await exchange(*pair)
    await second.at(31)
    assert second.bench.ledger.faults == {}
    assert second.bench.answers(wearer)[-1].op == DELIVERED


async def test_tests_are_not_shared_and_refreshes_are_no_news(
    pair: tuple[Gateway, Gateway], wearer: Wearer
) -> None:
    first, _ = pair
    await first.bench.hear(wearer.press(TEST))
    assert await first.shared() == []
    await first.bench.hear(wearer.press())
    assert len(await first.shared()) == 1
    await first.bench.hear(wearer.refresh(), wearer.refresh())
    assert await first.shared() == []


async def test_a_restart_forgets_nothing_of_it(
    pair: tuple[Gateway, Gateway], wearer: Wearer, tmp_path: Path
) -> None:
    await both_hear(pair, wearer)
    again = await Gateway(tmp_path / "2", 2).open()
    assert again.bench.ledger.peers == pair[1].bench.ledger.peers != {}
    await again.at(60)
    assert await again.told() == []
    await again.at(60 + TAKEOVER_S)
    assert await again.told() == ["escalated"]
    await again.bench.store.close()

"""Frames held back and played later, all the way: they may raise, marked; they end nothing."""

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.events import Acknowledge
from gateway.frames.bearing import Bearing
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE, KEY, received
from gateway.tests.player import Wearer
from protocol.kinds import (
    FAULT,
    RESTORE,
    STORED,
    condition_word,
)

TEN_MINUTES_S = 600.0
BEGIN = 50_000.0  # gateway time; the device's clock is 49,000 s behind
OUR_BIT = 1  # of mark 1
BY_THE_PLAN = ("tocsin.alert.escalated", "tocsin.alert.nobody_told")


class Scene:
    """A gateway, a device whose clock it knows, and a person who records and plays."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.wearer = Wearer(KEY)
        self.now = BEGIN

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.wearer.shows(self.now - 49_000.0)

    async def hear(self, *frames: bytes) -> None:
        await self.bench.hear(*frames, at=self.now)

    async def certify(self) -> None:
        """Let an even heartbeat be answered and the odd one after it say so."""
        self.wait(300)
        if self.wearer.counter % 2:
            await self.hear(self.wearer.heartbeat())
        await self.hear(self.wearer.heartbeat())
        self.wait(300)
        await self.hear(self.wearer.heartbeat(data=OUR_BIT, heard=1))

    @property
    def told(self) -> list[tuple[str, dict[str, object]]]:
        """What people upstream were told, in order, but that the plan goes on."""
        with sqlite3.connect(self.bench.path) as database:
            rows = database.execute("SELECT type, data FROM outbox ORDER BY id").fetchall()
        told = [(name, json.loads(data)) for name, data in rows]
        return [
            (name, data)
            for name, data in told
            if name not in BY_THE_PLAN and data.get("source") != "plan"
        ]

    def types(self) -> list[str]:
        return [name for name, _ in self.told]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    bench = await Bench(tmp_path).open()
    made = Scene(bench)
    await made.certify()
    yield made
    await bench.store.close()


async def test_cancel_in_time_is_applied(scene: Scene) -> None:
    await scene.hear(scene.wearer.press())
    scene.wait(20)
    await scene.hear(scene.wearer.cancel())
    assert scene.types() == ["tocsin.alert.raised", "tocsin.alert.cancelled"]
    _, data = scene.told[-1]
    assert (data["cancelled"], data["freshness"], data["verdict"]) == (True, "fresh", "fresh")


async def test_cancel_recorded_while_jammed_and_played_later_cancels_nothing(scene: Scene) -> None:
    """RollJam: the wearer cancels in vain; ten minutes later somebody plays it."""
    await scene.hear(scene.wearer.press())
    scene.wait(20)
    recorded = scene.wearer.cancel()
    scene.wait(TEN_MINUTES_S)
    await scene.hear(recorded)
    incident = scene.bench.ledger.incidents[scene.wearer.incident]
    assert not incident.cancelled
    assert scene.types() == ["tocsin.alert.raised", "tocsin.alert.cancel_unverified"]
    _, data = scene.told[-1]
    assert (data["cancelled"], data["cancel_unverified"]) == (False, True)
    assert (data["verdict"], data["freshness"]) == ("delayed", "fresh")
    assert scene.bench.answers(scene.wearer)[-1].op == STORED, "it is stored: she may know"


@pytest.mark.parametrize("turns", [1, 2])
async def test_cancel_held_for_a_turn_of_device_time_cancels_nothing(
    scene: Scene, turns: int
) -> None:
    """Device time turns over every 32,752 s: what is played then looks as if just sent."""
    await scene.hear(scene.wearer.press())
    scene.wait(20)
    recorded = scene.wearer.cancel()
    scene.wait(turns * 32_752.0)
    await scene.hear(recorded)
    assert not scene.bench.ledger.incidents[scene.wearer.incident].cancelled
    assert scene.told[-1][1]["verdict"] == "delayed"


async def test_cancel_of_the_next_alert_cannot_be_prepared(scene: Scene) -> None:
    """A whole false alarm and its cancel are recorded; they are played as one, hours later."""
    frames = [scene.wearer.press(), scene.wearer.cancel()]
    scene.wait(3 * 3_600)
    for frame in frames:
        await scene.hear(frame)
    (incident,) = scene.bench.ledger.incidents.values()
    assert not incident.cancelled
    assert incident.freshness == "delayed"
    assert scene.types() == ["tocsin.alert.raised", "tocsin.alert.cancel_unverified"]


async def test_alert_held_back_is_raised_and_said_to_be_delayed(scene: Scene) -> None:
    recorded = scene.wearer.press()
    scene.wait(TEN_MINUTES_S)
    await scene.hear(recorded)
    (name, data), *more = scene.told
    assert not more
    assert (name, data["freshness"], data["verdict"]) == (
        "tocsin.alert.raised",
        "delayed",
        "delayed",
    )
    await scene.hear(scene.wearer.refresh())  # she is still pressing
    assert scene.types()[-1] == "tocsin.alert.verified"
    assert scene.told[-1][1]["freshness"] == "fresh"


async def test_heartbeat_held_back_is_no_sign_of_life(scene: Scene) -> None:
    heard_at = scene.bench.ledger.states[DEVICE].heard_at
    assert heard_at == scene.now
    recorded = scene.wearer.heartbeat()
    scene.wait(TEN_MINUTES_S)
    await scene.hear(recorded)
    assert scene.bench.ledger.states[DEVICE].heard_at == heard_at
    assert scene.bench.ledger.states[DEVICE].contact_at == scene.now


async def test_restore_and_visits_held_back_are_shown_and_not_applied(scene: Scene) -> None:
    wearer = scene.wearer
    words = (condition_word(FAULT, 1, 0, wearer.time), condition_word(RESTORE, 1, 0, wearer.time))
    recorded = [wearer.protect(word) for word in words]
    recorded += [wearer.visit(), wearer.end_visit()]
    scene.wait(TEN_MINUTES_S)
    await scene.hear(*recorded)
    assert scene.types() == [
        "tocsin.device.fault",
        "tocsin.device.restore_unverified",
        "tocsin.device.visit_started_unverified",
        "tocsin.device.visit_ended_unverified",
    ]
    assert {data["verdict"] for _, data in scene.told} == {"delayed"}


async def test_delayed_alert_is_escalated_like_any_other(scene: Scene) -> None:
    recorded = scene.wearer.press()
    scene.wait(TEN_MINUTES_S)
    await scene.hear(recorded)
    assert await scene.bench.post(Acknowledge(scene.wearer.incident, "Jo", 5, scene.now)) == "done"
    assert scene.types()[-1] == "tocsin.alert.acknowledged"


async def test_first_contact_is_unverified_and_its_cancel_is_stored_shown_and_answered(
    tmp_path: Path,
) -> None:
    """A button just enrolled: nothing says yet that its frames are not old ones."""
    bench = await Bench(tmp_path).open()
    scene = Scene(bench)
    scene.wait(1)
    await scene.hear(scene.wearer.press())
    scene.wait(5)
    await scene.hear(scene.wearer.cancel())
    assert scene.types() == ["tocsin.alert.raised", "tocsin.alert.cancel_unverified"]
    assert {data["freshness"] for _, data in scene.told} == {"unverified"}
    assert [answer.op for answer in bench.answers(scene.wearer)] == [STORED] * 2
    scene.wait(70)
    await scene.certify()
    await scene.hear(scene.wearer.press())
    await scene.hear(scene.wearer.cancel())
    assert scene.types()[-1] == "tocsin.alert.cancelled"
    await bench.store.close()


async def test_answer_tells_the_mark_of_this_gateway(scene: Scene) -> None:
    assert {answer.mark for answer in scene.bench.answers(scene.wearer)} == {1}
    bench = scene.bench
    bench.ledger.bearing = Bearing(mark=5, base_s=0.0)
    bench.rim.sent.clear()
    await scene.hear(scene.wearer.query())
    assert [answer.mark for answer in bench.answers(scene.wearer)] == [5]


async def test_answer_of_another_gateway_certifies_nothing(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).open()
    scene = Scene(bench)
    bench.ledger.bearing = Bearing(mark=2, base_s=0.0)
    await scene.certify()
    assert bench.ledger.states[DEVICE].clock.line is None
    assert bench.ledger.states[DEVICE].heard_at is None
    await bench.store.close()


async def test_clock_of_a_device_outlives_a_restart(scene: Scene, tmp_path: Path) -> None:
    recorded = scene.wearer.cancel()
    again = await Bench(tmp_path).open()
    assert again.ledger.states[DEVICE].clock == scene.bench.ledger.states[DEVICE].clock
    scene.bench, first = again, scene.bench
    scene.wait(TEN_MINUTES_S)
    await scene.hear(scene.wearer.heartbeat())
    assert again.ledger.states[DEVICE].heard_at == scene.now
    await scene.hear(recorded)
    assert not any(one.cancelled for one in again.ledger.incidents.values())
    await again.store.close()
    scene.bench = first


async def test_gateway_time_is_what_is_judged_by_not_the_wall_clock(scene: Scene) -> None:
    """The wall clock is set back by ten minutes while a cancel is held back."""
    await scene.hear(scene.wearer.press())
    recorded = scene.wearer.cancel()
    scene.wait(TEN_MINUTES_S)
    heard = received(recorded, scene.now)._replace(at=scene.now - TEN_MINUTES_S)
    scene.bench.way.door.hear(heard)
    await scene.bench.way.step(scene.bench.inbox.take_now())
    assert not scene.bench.ledger.incidents[scene.wearer.incident].cancelled

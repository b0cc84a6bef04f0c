"""Answers of people through a real database: once each, and never to a press that nobody has seen."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.disk import used
from gateway.disk.journal import timeline
from gateway.disk.store import connect
from gateway.events import Acknowledge, Close, Mandate, Refusal
from gateway.tests.bench import Bench
from gateway.tests.builders import KEY
from gateway.tests.player import Wearer
from protocol.kinds import ACKNOWLEDGED, MEDICAL

Make = Callable[[str, Mandate], Acknowledge | Close]


def acknowledge(incident: str, mandate: Mandate) -> Acknowledge:
    return Acknowledge(incident, "desk", 5, 1_001.0, mandate)


def close(incident: str, mandate: Mandate) -> Close:
    return Close(incident, "desk", 1_001.0, mandate)


def signed(number: int, name: str = "desk/0123456789") -> Mandate:
    return Mandate("operator", number, name, time.time() + 300)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = await Bench(tmp_path).open()
    yield bench
    await bench.store.close()


async def start_anew(bench: Bench) -> None:
    """Be what a gateway is that was killed and started on the same disk."""
    await bench.store.close()
    bench.__init__(bench.path.parent)  # type: ignore[misc]  # the fixture closes this very one
    await bench.open()


async def test_a_signed_answer_reaches_the_wearer_and_the_journal_says_whose_it_was(
    bench: Bench,
) -> None:
    wearer = Wearer(KEY)
    await bench.hear(wearer.press())
    assert await bench.post(acknowledge(wearer.incident, signed(1))) == "done"
    assert bench.answers(wearer)[-1].op == ACKNOWLEDGED
    with connect(bench.path) as connection:
        entry = timeline(connection, wearer.incident)[-1]
    connection.close()
    assert (entry["event"], entry["by"], entry["via"]) == ("acknowledged", "desk", "operator")


@pytest.mark.parametrize("make", [acknowledge, close])
async def test_it_works_once_whatever_is_started_anew(bench: Bench, make: Make) -> None:
    wearer = Wearer(KEY)
    await bench.hear(wearer.press())
    command = make(wearer.incident, signed(1))
    assert await bench.post(command) == "done"
    assert await bench.post(command) == "used_before"
    await start_anew(bench)
    assert await bench.post(command) == "used_before"


@pytest.mark.parametrize("make", [acknowledge, close])
@pytest.mark.parametrize("committed", [True, False])
async def test_one_that_a_broker_hands_over_again_answers_no_press_that_came_between(
    bench: Bench, make: Make, committed: bool
) -> None:
    """Killed behind the commit, or before it, and pressed again before the broker is back."""
    wearer = Wearer(KEY)
    await bench.hear(wearer.press())
    told = await bench.outbox.rows(1)
    command = make(wearer.incident, signed(told[0].number))
    if committed:
        await bench.post(Acknowledge(wearer.incident, "desk", 5, 1_001.0, signed(1)))
    await start_anew(bench)
    await bench.hear(wearer.refresh(MEDICAL), at=1_002.0)  # not what it was: told anew
    before = bench.ledger.incidents[wearer.incident]
    assert before.told > 1
    assert await bench.post(command) == ("used_before" if committed else "pressed_again")
    assert bench.ledger.incidents[wearer.incident] == before
    number = before.told
    assert await bench.post(acknowledge(wearer.incident, signed(number, "desk/another"))) == "done"


async def test_what_is_unknown_or_closed_is_not_answered_and_the_command_is_used_up(
    bench: Bench,
) -> None:
    wearer = Wearer(KEY)
    frame = wearer.press()
    early = acknowledge(wearer.incident, signed(1))
    assert await bench.post(early) == "unknown_incident"
    await bench.hear(frame)
    assert await bench.post(early) == "used_before"
    assert await bench.post(close(wearer.incident, signed(1, "desk/close"))) == "done"
    assert await bench.post(acknowledge(wearer.incident, signed(9, "desk/late"))) == (
        "already_closed"
    )


async def test_a_refusal_is_an_entry_of_the_journal(bench: Bench) -> None:
    refusal = Refusal("expired", "operator", 1_000.0, "desk", "0123456789", None, 7)
    assert await bench.post(refusal) == "done"
    (entry,) = bench.rim.commits[-1].batch.journal
    assert entry.name == "command_refused"
    assert entry.detail == {
        "code": "expired", "via": "operator", "by": "desk", "id": "0123456789", "times": 7,
    }  # fmt: skip


def test_what_was_used_is_forgotten_a_month_after_its_end(tmp_path: Path) -> None:
    connection = connect(tmp_path / "db")
    used.write_used(connection, {"desk/1": 1_000.0, "link/2": 9_000.0}, 1_000.0)
    used.write_used(connection, {"desk/3": 1_001.0 + used.KEEP_S}, 1_001.0 + used.KEEP_S)
    assert used.read_used(connection) == {"link/2": 9_000.0, "desk/3": 1_001.0 + used.KEEP_S}
    connection.close()

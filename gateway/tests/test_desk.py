"""Commands at the desk: who is obeyed, what is counted, and how often the journal hears of it."""

import asyncio

from gateway.events import Acknowledge, Refusal
from gateway.tests.rows import ID, Rows
from gateway.upstream.desk import Desk, Refusals
from gateway.upstream.signature import Signer
from gateway.upstream.signed_command import Operator, Operators

UNSIGNED = b'{"command": "acknowledge", "incident": "%s", "by": "Jo"}' % ID.encode()
OPERATORS = Operators("clinic", [Operator("desk", Signer(b"o" * 32).public)])


def refusals(rows: Rows) -> list[Refusal]:
    return [event for event in rows.posted if isinstance(event, Refusal)]


async def test_what_is_not_signed_is_obeyed_where_the_configuration_says_so() -> None:
    rows, counted = Rows(), list[str]()
    for unsigned, wanted in ((False, "unsigned"), (True, "done")):
        desk = Desk(OPERATORS, rows.post, counted.append, unsigned=unsigned, via="mqtt")
        assert await desk.take(UNSIGNED).settled == wanted
    assert counted == ["unsigned"]
    (command,) = (event for event in rows.posted if isinstance(event, Acknowledge))
    assert (command.mandate.via, command.mandate.once) == ("mqtt", "")


async def test_what_the_path_does_not_obey_is_told_too() -> None:
    rows, counted = Rows(), list[str]()
    rows.result = "already_closed"
    desk = Desk(OPERATORS, rows.post, counted.append, unsigned=True, via="mqtt")
    assert await desk.take(UNSIGNED).settled == "already_closed"
    await asyncio.sleep(0)
    (refusal,) = refusals(rows)
    assert (refusal.reason, refusal.by, refusal.incident) == ("already_closed", "Jo", ID)
    assert counted == ["already_closed"]


async def test_a_flood_of_forged_commands_is_one_entry_a_minute() -> None:
    rows, counted = Rows(), list[str]()
    desk = Desk(OPERATORS, rows.post, counted.append, unsigned=False, via="mqtt")
    for _ in range(500):
        await desk.take(b"eyJ.eyJ.x").settled
    assert (len(counted), len(refusals(rows))) == (500, 1)


def test_each_reason_has_its_own_minute_and_the_next_entry_counts_the_others() -> None:
    known = Refusals()
    forged = [known.due(Refusal("forged", "mqtt", at)) for at in (0.0, 1.0, 59.9, 60.0)]
    assert [one and one.times for one in forged] == [0, None, None, 2]
    expired = known.due(Refusal("expired", "operator", 61.0, "desk"))
    assert expired is not None
    assert known.due(Refusal("forged", "mqtt", 5.0)), "a clock that was set back silences nothing"

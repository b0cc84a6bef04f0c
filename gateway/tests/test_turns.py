"""Which answers are on air: the urgent and the newest first, each in turn, and none for ever."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.radio.turns import LINGER_S, MOST, TURN_S, Turns


def frame(slot: int) -> bytes:
    return bytes([slot]) * 15


def put(turns: Turns, slot: int, now: float, *, seconds: float = 1.0, urgent: bool = True) -> str:
    return turns.put(slot, frame(slot), seconds, now, urgent=urgent)


def shown(turns: Turns, room: int, now: float) -> list[int]:
    return [one[0] for one in turns.on_air(room, now)]


def test_the_air_is_empty_until_something_is_put_on_it() -> None:
    turns = Turns()
    assert turns.on_air(1, 0.0) == []
    assert turns.wait_s(1, 0.0) is None


def test_a_frame_lingers_while_nobody_else_waits() -> None:
    turns = Turns()
    put(turns, 1, 0.0, seconds=0.4)
    assert shown(turns, 1, 1.9) == [1]
    put(turns, 2, 1.9, seconds=0.4)
    assert shown(turns, 1, 1.95) == [2]
    assert shown(turns, 2, 1.95) == [2, 1]
    assert shown(turns, 2, 2.0) == [2]
    assert shown(turns, 1, 1.9 + LINGER_S) == []
    assert len(turns) == 0


def test_a_newer_frame_of_a_slot_takes_the_place_of_the_older() -> None:
    turns = Turns()
    assert put(turns, 1, 0.0) == ""
    assert turns.put(1, frame(9), 1.0, 0.1, urgent=True) == "replaced"
    assert turns.on_air(5, 0.1) == [frame(9)]


def test_where_there_is_room_for_one_they_take_turns_the_newest_first() -> None:
    turns = Turns()
    for slot in range(3):
        put(turns, slot, 0.0)
    seen = [shown(turns, 1, n * TURN_S + 0.001)[0] for n in range(6)]
    assert seen == [2, 1, 0, 2, 1, 0]


def test_what_is_urgent_is_first() -> None:
    turns = Turns()
    put(turns, 1, 0.0, urgent=True)
    put(turns, 2, 0.01, urgent=False)
    assert shown(turns, 1, 0.02) == [1]
    assert shown(turns, 1, 0.02 + TURN_S) == [2]  # and then the other


def test_when_to_look_again() -> None:
    turns = Turns()
    put(turns, 1, 0.0, seconds=0.4)
    assert turns.wait_s(1, 0.0) == 0.4
    assert turns.wait_s(1, 0.5) == 1.5
    put(turns, 2, 0.6, seconds=3.0)
    put(turns, 3, 0.6, seconds=3.0)
    assert turns.wait_s(1, 0.6) is not None
    assert 0.0 < (turns.wait_s(1, 0.6) or 0.0) <= TURN_S
    assert turns.wait_s(1, 99.0) == 0.0


def test_of_too_many_the_least_pressing_goes() -> None:
    turns = Turns()
    put(turns, 200, 0.0, urgent=False)
    for slot in range(MOST - 1):
        put(turns, slot, 0.1, urgent=True)
    assert put(turns, 201, 0.2, urgent=True) == "refused"
    assert len(turns) == MOST
    assert 200 not in shown(turns, MOST, 0.2)


PUTS = st.tuples(st.integers(0, 60), st.floats(0.0, 3.0), st.booleans(), st.floats(0.0, 0.5))


@given(st.lists(PUTS, max_size=80), st.integers(1, 6))
def test_never_more_than_there_is_room_for_and_the_air_empties(
    puts: list[tuple[int, float, bool, float]], room: int
) -> None:
    turns, now = Turns(), 0.0
    for slot, seconds, urgent, pause in puts:
        turns.put(slot, frame(slot), seconds, now, urgent=urgent)
        now += pause
        air = turns.on_air(room, now)
        assert len(air) == len(set(air)) <= room
        assert len(turns) <= MOST
    while (wait_s := turns.wait_s(room, now)) is not None:
        assert wait_s <= 3.0
        now += max(wait_s, 0.001)
        turns.on_air(room, now)
    assert turns.on_air(room, now) == []


@given(st.integers(2, 12), st.integers(1, 3))
def test_everybody_gets_a_turn(count: int, room: int) -> None:
    turns = Turns()
    for slot in range(count):
        put(turns, slot, 0.0, seconds=60.0)
    rounds = -(-count // room) + 1
    seen = {slot for n in range(rounds) for slot in shown(turns, room, n * TURN_S + 0.001)}
    assert seen == set(range(count))

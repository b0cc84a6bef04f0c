from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from tools.virtual.clock import Clock


def run(clock: Clock, until_us: int) -> None:
    while clock.step(until_us):
        pass


@given(st.lists(st.integers(0, 50)))
def test_calls_come_in_order_of_time_and_then_of_planning(moments: list[int]) -> None:
    clock = Clock()
    made: list[tuple[int, int]] = []
    for number, at_us in enumerate(moments):
        clock.at(at_us, partial(made.append, (at_us, number)))
    run(clock, 100)
    assert made == sorted(made)
    assert len(made) == len(moments)
    assert clock.now_us == 100


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans())))
def test_cancelled_calls_never_come(planned: list[tuple[int, bool]]) -> None:
    clock = Clock()
    made: list[int] = []
    timers = [clock.at(at_us, partial(made.append, at_us)) for at_us, _ in planned]
    for timer, (_, cancelled) in zip(timers, planned, strict=True):
        if cancelled:
            timer.cancel()
    due = [at_us for at_us, cancelled in planned if not cancelled]
    assert clock.next_us() == min(due, default=None)
    run(clock, 100)
    assert made == sorted(due)
    assert clock.next_us() is None


def test_time_stops_at_the_limit_and_later_calls_wait() -> None:
    clock = Clock()
    made: list[int] = []
    clock.at(20, partial(made.append, 20))
    run(clock, 10)
    assert (clock.now_us, made) == (10, [])
    run(clock, 20)
    assert (clock.now_us, made) == (20, [20])


def test_the_past_is_now() -> None:
    clock = Clock()
    run(clock, 100)
    seen: list[int] = []
    clock.at(5, lambda: seen.append(clock.now_us))
    run(clock, 100)
    assert seen == [100]


def test_a_call_may_plan_and_cancel_others() -> None:
    clock = Clock()
    made: list[str] = []
    later = clock.at(20, lambda: made.append("later"))

    def first() -> None:
        made.append("first")
        later.cancel()
        clock.after(5, lambda: made.append("planned"))

    clock.at(10, first)
    run(clock, 100)
    assert made == ["first", "planned"]


def test_time_never_goes_back() -> None:
    clock = Clock()
    run(clock, 100)
    run(clock, 50)
    assert clock.now_us == 100

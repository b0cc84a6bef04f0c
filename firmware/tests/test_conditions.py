from hypothesis import given
from hypothesis import strategies as st

from firmware.core.conditions import NOTHING, Conditions
from protocol.kinds import CABINET_OPEN, CONTACT_STUCK, FAULT, MAINS_LOST, RESTORE


def told(conditions: Conditions, now_s: int) -> tuple[int, int, int] | None:
    """Send what is due."""
    code = conditions.due(now_s)
    return None if code == NOTHING else (code, *conditions.tell(code, now_s))


def test_what_begins_and_ends_is_told_until_it_is_stored() -> None:
    conditions = Conditions(told=0)
    conditions.put(MAINS_LOST, True, 0, 100)
    assert told(conditions, 100) == (MAINS_LOST, FAULT, 0)
    assert told(conditions, 104) is None
    assert told(conditions, 105) == (MAINS_LOST, FAULT, 0)
    conditions.stored(MAINS_LOST, FAULT, 106)
    assert told(conditions, 1_000) is None
    conditions.put(MAINS_LOST, False, 0, 2_000)
    assert told(conditions, 2_000) == (MAINS_LOST, RESTORE, 0)
    conditions.stored(MAINS_LOST, RESTORE, 2_001)
    assert told(conditions, 9_000) is None
    assert conditions.told == 0


def test_tries_come_after_5_15_45_and_120_s_and_then_with_heartbeats() -> None:
    conditions = Conditions(told=0)
    conditions.put(CABINET_OPEN, True, 0, 0)
    tries = [now_s for now_s in range(1_000) if told(conditions, now_s)]
    assert tries == [0, 5, 20, 65, 185]
    assert conditions.wait_s(1_000) == NOTHING
    conditions.remind(1_000)
    assert conditions.wait_s(1_000) == 0
    assert told(conditions, 1_000) == (CABINET_OPEN, FAULT, 0)
    assert told(conditions, 1_200) is None
    conditions.remind(1_300)
    assert told(conditions, 1_300) is not None


def test_what_ended_before_anybody_knew_is_told_to_have_begun_and_ended() -> None:
    conditions = Conditions(told=0)
    conditions.put(MAINS_LOST, True, 0, 0)
    conditions.put(MAINS_LOST, False, 0, 1)
    assert told(conditions, 1) == (MAINS_LOST, FAULT, 0)
    conditions.stored(MAINS_LOST, FAULT, 2)
    assert told(conditions, 2) == (MAINS_LOST, RESTORE, 0)


def test_a_restore_in_doubt_is_followed_by_the_fault_again() -> None:
    conditions = Conditions(told=0)
    conditions.put(MAINS_LOST, True, 0, 0)
    told(conditions, 0)
    conditions.stored(MAINS_LOST, FAULT, 0)
    conditions.put(MAINS_LOST, False, 0, 10)
    assert told(conditions, 10) == (MAINS_LOST, RESTORE, 0)  # its answer is lost
    conditions.put(MAINS_LOST, True, 0, 11)
    assert told(conditions, 11) == (MAINS_LOST, FAULT, 0)


def test_a_new_value_is_told() -> None:
    conditions = Conditions(told=0)
    conditions.put(CONTACT_STUCK, True, 0, 0)
    told(conditions, 0)
    conditions.stored(CONTACT_STUCK, FAULT, 0)
    conditions.put(CONTACT_STUCK, True, 1, 50)
    assert told(conditions, 50) == (CONTACT_STUCK, FAULT, 1)


def test_what_stood_before_a_reset_is_told_again_only_where_it_has_changed() -> None:
    before = 1 << MAINS_LOST | 1 << CABINET_OPEN
    conditions = Conditions(told=before)
    conditions.put(MAINS_LOST, True, 0, 0)
    assert conditions.due(0) == CABINET_OPEN, "nobody has looked yet, and it does not stand"
    conditions.put(CABINET_OPEN, False, 0, 0)
    assert told(conditions, 0) == (CABINET_OPEN, RESTORE, 0)
    conditions.stored(CABINET_OPEN, RESTORE, 0)
    assert told(conditions, 1_000) is None


def test_a_delay_holds_it_back_and_an_end_meanwhile_is_told_as_well() -> None:
    conditions = Conditions(told=0)
    conditions.put(MAINS_LOST, True, 0, 0, delay_s=60)
    assert conditions.wait_s(0) == 60
    assert told(conditions, 59) is None
    assert told(conditions, 60) == (MAINS_LOST, FAULT, 0)


STEPS = st.tuples(st.booleans(), st.booleans(), st.integers(0, 400))


@given(st.lists(STEPS, max_size=40))
def test_gateways_that_are_heard_in_the_end_believe_what_is(
    steps: list[tuple[bool, bool, int]],
) -> None:
    conditions = Conditions(told=0)
    now_s = 0
    believed = False
    faults = begun = 0
    was = False
    for stands, answered, wait_s in [*steps, *[(False, True, 400)] * 4]:
        now_s += wait_s
        conditions.put(MAINS_LOST, stands, 0, now_s)
        begun += stands and not was
        was = stands
        conditions.remind(now_s)
        sent = told(conditions, now_s)
        if sent is not None:
            believed = sent[1] == FAULT  # it arrives; its answer may not
            faults += sent[1] == FAULT
            if answered:
                conditions.stored(MAINS_LOST, sent[1], now_s)
    assert not believed
    assert told(conditions, now_s + 400) is None
    assert bool(faults) == bool(begun)

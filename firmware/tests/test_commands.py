from hypothesis import given
from hypothesis import strategies as st

from firmware.core.commands import DO, IGNORE, REFUSE, Commands
from protocol.kinds import IDENTIFY, LIGHT, SIREN

NOBODY = False
ALERT = True


def commands() -> Commands:
    return Commands((SIREN, LIGHT, IDENTIFY))


def test_a_command_is_done_once() -> None:
    device = commands()

    assert device.judge(40, IDENTIFY, 0, 1, NOBODY) == DO
    assert device.judge(40, IDENTIFY, 0, 1, NOBODY) == IGNORE


def test_another_number_of_the_same_uplink_is_another_command() -> None:
    device = commands()

    heard = [device.judge(40, IDENTIFY, 0, seq, NOBODY) for seq in (2, 10, 2, 1, 10, 0)]
    assert heard == [DO, DO, IGNORE, DO, IGNORE, IGNORE]


def test_number_0_is_no_command() -> None:
    assert commands().judge(40, IDENTIFY, 0, 0, NOBODY) == IGNORE


def test_a_command_this_device_has_not_is_refused_aloud() -> None:
    assert Commands((IDENTIFY,)).judge(40, SIREN, 30, 1, NOBODY) == REFUSE
    assert commands().judge(40, 15, 0, 1, NOBODY) == REFUSE


def test_what_is_no_command_is_ignored() -> None:
    assert all(commands().judge(40, op, 0, 1, NOBODY) == IGNORE for op in range(8))


def test_no_command_silences_a_running_alert() -> None:
    device = commands()

    assert device.judge(40, SIREN, 0, 1, ALERT) == REFUSE
    assert device.judge(40, LIGHT, 0, 2, ALERT) == REFUSE
    assert device.judge(40, SIREN, 30, 3, ALERT) == DO
    assert device.judge(40, SIREN, 0, 4, NOBODY) == DO


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(8, 15), st.integers(0, 255), st.integers(0, 15)),
        max_size=40,
    )
)
def test_no_number_of_an_uplink_is_carried_out_twice(
    heard: list[tuple[int, int, int, int]],
) -> None:
    device = commands()
    seen: set[tuple[int, int]] = set()
    for counter, op, arg, seq in heard:
        if device.judge(counter, op, arg, seq, NOBODY) != IGNORE:
            assert (counter, seq) not in seen
            seen.add((counter, seq))

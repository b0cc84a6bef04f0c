"""Short rows and long ones together are what was known, whatever was written when."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.disk import heard, rows
from gateway.disk.heard import Heard, read_states
from gateway.disk.store import connect
from gateway.frames.device_state import DeviceState
from protocol.replay import NEW

DEVICES = ("a", "b", "c")


def database(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    for slot, name in enumerate(DEVICES, 1):
        connection.execute(
            "INSERT OR IGNORE INTO device"
            " VALUES (?, ?, x'00', 'button', 'l', 'p', 300, 0, 'd', 0.0, NULL)",
            (slot, name),
        )
    return connection


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(database(tmp_path / "db")) as connection:
        yield connection


def frame(counter: int, copy: int = 0) -> bytes:
    return counter.to_bytes(8, "big") + bytes([copy] * 7)


def accept(known: dict[str, DeviceState], *what: tuple[str, int]) -> dict[str, DeviceState]:
    """What a batch drafts in which these counters of these devices are accepted."""
    drafts: dict[str, DeviceState] = {}
    for name, counter in what:
        state = drafts.setdefault(name, known[name].copy())
        if state.window.judge(counter) == NEW:
            state.accept(counter, frame(counter))
            state.heard_at = float(counter)
        else:
            state.accept(counter, frame(counter, copy=1))
    return drafts


def stored(states: dict[str, DeviceState]) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            state.window.to_bytes(),
            state.recent_to_bytes(),
            state.fingerprints.to_bytes(),
            *rows.latest_row(state, lambda clock: clock.to_bytes()),
        )
        for name, state in states.items()
    }


STEPS = st.lists(
    st.one_of(
        st.lists(st.tuples(st.sampled_from(DEVICES), st.integers(1, 60)), min_size=1, max_size=5),
        st.just("restart"),
        st.just("failure"),
        st.just("replaced"),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(steps=STEPS, size=st.integers(2, 12))
def test_what_is_read_is_what_was_known(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object], size: int
) -> None:
    known = {name: DeviceState() for name in DEVICES}
    with closing(database(tmp_path_factory.mktemp("heard") / "db")) as connection:
        ring = Heard(connection, size)
        for step in steps:
            if step == "restart":
                ring = Heard(connection, size)
            elif step == "failure":
                connection.execute("BEGIN")
                ring.write(connection, accept(known, ("a", 61), ("b", 61)), known)
                connection.execute("ROLLBACK")
                ring = Heard(connection, size)
            elif step == "replaced":
                known["b"] = DeviceState()
                ring.write(connection, {"b": known["b"]}, known)
            else:
                drafts = accept(known, *step)  # type: ignore[misc]
                ring.write(connection, drafts, known)
                known |= drafts
        read = stored(read_states(connection))
        assert read == {name: one for name, one in stored(known).items() if name in read}
        untouched = stored({name: DeviceState() for name in DEVICES})
        assert all(stored(known)[name] == untouched[name] for name in known.keys() - read.keys())


def test_the_second_frame_of_a_device_is_a_short_row(connection: sqlite3.Connection) -> None:
    known = {name: DeviceState() for name in DEVICES}
    ring = Heard(connection)
    for counter in range(1, 11):
        drafts = accept(known, ("a", counter))
        ring.write(connection, drafts, known)
        known |= drafts
    assert connection.execute("SELECT count(*) FROM heard").fetchone() == (9,)
    assert connection.execute("SELECT count(*) FROM state").fetchone() == (1,)


def test_the_ring_never_grows_and_what_it_drops_is_in_a_long_row(
    connection: sqlite3.Connection,
) -> None:
    known = {name: DeviceState() for name in DEVICES}
    ring = Heard(connection, 4)
    for counter in range(1, 50):
        drafts = accept(known, ("b" if counter == 5 else "a", counter))
        ring.write(connection, drafts, known)
        known |= drafts
    assert connection.execute("SELECT count(*) FROM heard").fetchone() == (4,)
    assert read_states(connection)["b"].window.highest == 5


def test_at_the_stop_the_long_rows_alone_are_what_was_known(connection: sqlite3.Connection) -> None:
    known = {name: DeviceState() for name in DEVICES}
    ring = Heard(connection, 8)
    for counter in range(1, 20):
        drafts = accept(known, ("a", counter), ("b", counter))
        ring.write(connection, drafts, known)
        known |= drafts
    ring.settle(connection, known, lambda clock: clock.to_bytes())
    whole = stored(read_states(connection))
    connection.execute("DELETE FROM heard")
    assert stored(read_states(connection)) == whole


def test_who_was_unenrolled_is_in_nobodys_way(connection: sqlite3.Connection) -> None:
    known = {name: DeviceState() for name in DEVICES}
    ring = Heard(connection, 4)
    for counter in range(1, 4):
        drafts = accept(known, ("a", counter), ("b", counter))
        ring.write(connection, drafts, known)
        known |= drafts
    connection.execute("DELETE FROM device WHERE id = 'b'")
    del known["b"]
    for counter in range(4, 12):
        drafts = accept(known, ("a", counter))
        ring.write(connection, drafts, known)
        known |= drafts
    assert read_states(connection).keys() == {"a"}


def test_of_a_device_that_is_forgotten_or_doubted_nothing_heard_counts(
    connection: sqlite3.Connection,
) -> None:
    known = {name: DeviceState() for name in DEVICES}
    ring = Heard(connection)
    for counter in (1, 2, 3):
        drafts = accept(known, ("a", counter), ("b", counter))
        ring.write(connection, drafts, known)
        known |= drafts
    heard.forget(connection, "b")
    assert read_states(connection).keys() == {"a"}
    heard.rewrite(connection, {"a": DeviceState(100)})
    assert stored(read_states(connection)) == stored({"a": DeviceState(100)})

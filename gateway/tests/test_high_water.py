"""The second copy of the counters is ahead of every commit, and says what a lost database knew."""

from contextlib import closing
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.disk import high_water
from gateway.disk.heard import read_states
from gateway.disk.high_water import AHEAD, Mark, doubted, life_of, read, to_bytes, unknown
from gateway.disk.rows import read_incidents
from gateway.disk.store import connect
from gateway.events import Enrolled, Freshness
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE, KEY, device
from gateway.tests.player import Wearer
from protocol.constants import COUNTER_LIMIT
from protocol.kinds import STORED

MARKS = st.dictionaries(
    st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True),
    st.builds(Mark, st.just("0a1b2c3d"), st.integers(-1, COUNTER_LIMIT), st.integers(0, 2**31)),
    max_size=4,
)


def mark_on_disk(folder: Path) -> Mark:
    return read(folder / high_water.FILE_NAME)[DEVICE]


@given(MARKS)
def test_what_is_written_is_read(marks: dict[str, Mark]) -> None:
    with NamedTemporaryFile() as file:
        Path(file.name).write_bytes(to_bytes(marks))
        assert read(Path(file.name)) == marks


@pytest.mark.parametrize("damage", [b"", b"garbage", to_bytes({"b": Mark("0", 1, 2)})[:-3]])
def test_what_is_missing_or_damaged_says_nothing(tmp_path: Path, damage: bytes) -> None:
    assert read(tmp_path / "none") == {}
    (tmp_path / "high_water").write_bytes(damage)
    assert read(tmp_path / "high_water") == {}


async def test_no_counter_is_accepted_above_what_the_file_says(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).open()
    wearer = Wearer(KEY)
    writes = set()
    for _ in range(2 * AHEAD):
        await bench.hear(wearer.heartbeat())
        mark = mark_on_disk(tmp_path)
        writes.add(mark)
        assert mark.accepted <= bench.ledger.states[DEVICE].window.highest <= mark.ceiling
    assert len(writes) <= 4  # a file a day or so, not one a frame
    wearer.counter += 64  # and a leap is on disk before it is accepted
    await bench.hear(wearer.press())
    assert mark_on_disk(tmp_path).ceiling >= wearer.counter
    await bench.store.close()


async def test_a_database_that_lost_its_last_days_takes_nothing_old_for_news(
    tmp_path: Path,
) -> None:
    bench = await Bench(tmp_path).open()
    wearer = Wearer(KEY)
    recorded = [wearer.heartbeat() for _ in range(AHEAD)]
    for frame in recorded:
        await bench.hear(frame)
    await bench.store.close()
    with closing(connect(tmp_path / "db")) as connection:
        connection.execute("DELETE FROM state")

    later = await Bench(tmp_path).open()
    states = later.ledger.states
    assert later.behind == 1
    mark = mark_on_disk(tmp_path)
    assert states[DEVICE].window.highest == mark.accepted
    await later.hear(*recorded[: mark.accepted + 1])  # certainly old: not even looked at
    assert later.rim.sent == []
    assert await later.store.read(read_states) == {}
    await later.hear(wearer.press(), at=2_000.0)  # below the ceiling: heard, raised, not believed
    (incident,) = await later.store.read(read_incidents)
    assert incident.freshness is Freshness.UNVERIFIED
    assert [answer.op for answer in later.answers(wearer)] == [STORED]
    await later.store.close()

    again = await Bench(tmp_path).open()  # what is in doubt stays so after a restart
    assert again.ledger.states[DEVICE].doubt.below == mark.ceiling + 1
    await again.store.close()


async def test_a_new_key_begins_a_new_life(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).open()
    wearer = Wearer(KEY, counter=500)
    await bench.hear(wearer.press())
    other = device(key=b"another key 16 b", floor=0)
    object.__setattr__(other, "enrolled_at", 5.0)
    bench.rim.enrolled = [other]
    await bench.post(Enrolled(1_000.0))
    mark = mark_on_disk(tmp_path)
    assert (mark.life, mark.accepted) == (life_of(other.keys), -1)
    assert mark.life != life_of(wearer.keys)
    assert bench.store.high_water.settle([device()], {DEVICE: doubted(mark)}) == 0
    await bench.store.close()


def test_without_any_copy_all_is_in_doubt_for_a_day() -> None:
    state = unknown(32, 1_000.0)
    assert state.window.highest == 31
    assert state.doubt.covers(COUNTER_LIMIT - 1, 1_000.0 + 86_399.0)
    assert not state.doubt.covers(32, 1_000.0 + 86_400.0)

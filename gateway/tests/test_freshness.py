import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Freshness
from gateway.frames.device_clock import DeviceClock
from gateway.frames.freshness import Told, freshest, judge, may_end, told_by
from gateway.tests.builders import uplink
from gateway.tests.hostile_air import PLANS, Broken, World
from protocol.kinds import PANIC, heartbeat_word, incident_word
from protocol.tests import make_freshness_vectors
from protocol.tests.vector_checks import load

FRESH, UNVERIFIED, DELAYED = "fresh", "unverified", "delayed"
TURN_S = 32_752
VECTORS = load("freshness")


class Told300:
    """A gateway that hears a device with a heartbeat of 300 s, its clock certified at 0 s."""

    def __init__(self, heartbeat_s: int = 300) -> None:
        self.clock = DeviceClock()
        self.highest = -1
        self.heartbeat_s = heartbeat_s
        self.hear(0, 0, 0)
        assert self.hear(1, 320, 320, heard=True) == FRESH

    def hear(self, counter: int, shown_s: float, now: float, *, heard: bool = False) -> str:
        time = int(shown_s) // 16 % 2_047
        return self.hear_time(counter, time, now, heard=heard)

    def hear_time(self, counter: int, time: int, now: float, *, heard: bool = False) -> str:
        in_order = counter > self.highest
        self.highest = max(counter, self.highest)
        told = Told(counter, time, in_order, heard)
        verdict, self.clock = judge(self.clock, told, self.heartbeat_s, now)
        return verdict.value


def test_nothing_is_fresh_before_an_answer_was_heard() -> None:
    clock = DeviceClock()
    for counter in range(20):
        told = Told(counter, counter, in_order=True)
        verdict, clock = judge(clock, told, 300, 16.0 * counter)
        assert verdict is Freshness.UNVERIFIED


def test_clock_is_certified_by_the_next_counter_only() -> None:
    clock = DeviceClock()
    _, clock = judge(clock, Told(0, 0, in_order=True), 300, 0)
    verdict, clock = judge(clock, Told(2, 2, in_order=True, heard=True), 300, 32)
    assert verdict is Freshness.UNVERIFIED
    verdict, clock = judge(clock, Told(3, 3, in_order=True, heard=True), 300, 48)
    assert verdict is Freshness.FRESH


@pytest.mark.parametrize(
    ("shown_s", "late_s", "expected"),
    [
        (336, 26, FRESH),  # 24 s and a twentieth of what passed since the line began at 320 s
        (336, 26.2, DELAYED),
        (3_920, 214, FRESH),
        (3_920, 215, DELAYED),
        (3_920, 20_000, DELAYED),
    ],
)
def test_tolerance_grows_by_a_twentieth(shown_s: float, late_s: float, expected: str) -> None:
    device = Told300()
    line = device.clock.line
    assert line is not None
    assert (line.offset, line.at) == (0, 320)
    assert device.hear(2, shown_s, shown_s + late_s) == expected


def test_slow_clock_stays_fresh_and_fast_one_too() -> None:
    for rate in (0.95, 1.05):
        device = Told300()
        for counter in range(2, 190):
            now = counter * 437.0
            assert device.hear(counter, 320 + (now - 320) * rate, now) == FRESH


def test_frame_recorded_and_played_later_is_delayed() -> None:
    device = Told300()
    assert device.hear(2, 600, 600 + 3_600) == DELAYED
    assert device.hear(3, 4_250, 4_250) == FRESH
    assert not may_end(Freshness.DELAYED, in_order=True)


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_frame_held_for_whole_turns_is_delayed(turns: int) -> None:
    device = Told300()
    now = 600 + turns * TURN_S
    expected = DELAYED if now <= 86_400 else UNVERIFIED  # certification is a day old
    assert device.hear(2, 600, now) == expected


def test_turn_that_the_counters_allow_is_unverified() -> None:
    """Four hours between heartbeats: after three unheard ones nobody can tell a turn."""
    device = Told300(heartbeat_s=14_400)
    assert device.hear(2, 600, 600 + TURN_S) == DELAYED
    device = Told300(heartbeat_s=14_400)
    assert device.hear(4, 40_000, 40_000) == UNVERIFIED
    assert device.hear(5, 40_300, 40_300, heard=True) == FRESH


def test_turn_of_device_time_is_not_seen() -> None:
    device = Told300()
    verdicts = [device.hear(n, 300 * n, 300 * n) for n in range(2, 280)]
    assert set(verdicts) == {FRESH}
    assert 2 * TURN_S < 300 * 279


def test_unknown_time_ends_what_was_known() -> None:
    device = Told300()
    assert device.hear_time(2, 2_047, 600) == UNVERIFIED
    assert device.hear(3, 900, 900) == UNVERIFIED
    assert device.hear(4, 1_200, 1_200, heard=True) == FRESH


@pytest.mark.parametrize(("gap", "expected"), [(32, FRESH), (33, UNVERIFIED)])
def test_gap_that_may_hide_a_restart_of_the_clock(gap: int, expected: str) -> None:
    device = Told300()
    assert device.hear(1 + gap, 336, 336) == expected


def test_clock_that_went_back_is_not_believed() -> None:
    device = Told300()
    assert device.hear(2, 4_000, 600) == UNVERIFIED  # ahead of what any clock could show
    assert device.hear(3, 900, 900) == UNVERIFIED
    device = Told300()
    assert device.hear(2, TURN_S, 600) == UNVERIFIED  # 300 s back, or nearly a turn ahead
    assert device.hear(3, 900, 900) == UNVERIFIED


def test_frame_out_of_order_may_be_fresh() -> None:
    device = Told300()
    assert device.hear(4, 640, 640) == FRESH
    assert device.hear(3, 630, 642) == FRESH
    assert device.hear(2, 600, 642 + 60) == DELAYED
    assert not may_end(Freshness.FRESH, in_order=False)


def test_older_frame_held_for_a_turn_is_not_fresh() -> None:
    device = Told300(heartbeat_s=14_400)
    for counter, shown_s in ((3, 20_000), (5, 45_008)):
        assert device.hear(counter, shown_s, shown_s) == FRESH
    assert device.hear(2, 45_008 - TURN_S, 45_010) == UNVERIFIED


def test_frame_of_the_run_before_is_unverified() -> None:
    device = Told300()
    device.hear_time(64, 2_047, 400)
    device.hear(65, 5_000, 500)
    assert device.hear(66, 5_100, 600, heard=True) == FRESH
    assert device.hear(10, 5_090, 610) == UNVERIFIED
    assert device.hear_time(64, 2_047, 611) == UNVERIFIED


def test_out_of_order_frame_teaches_nothing() -> None:
    device = Told300()
    device.hear(4, 640, 640)
    before = device.clock
    device.hear(3, 2_000, 642, heard=True)
    assert device.clock == before


def test_certification_ends_after_a_day() -> None:
    device = Told300()
    for n in range(2, 289):
        assert device.hear(n, 300 * n, 300 * n) == FRESH
    assert device.hear(289, 86_700, 86_700) == UNVERIFIED
    assert device.hear(290, 87_000, 87_000, heard=True) == FRESH


def test_certified_frame_mends_a_wrong_clock() -> None:
    device = Told300()
    device.clock = device.clock.moved(-3_600)  # restarted by a wall clock that was an hour wrong
    assert device.hear(2, 600, 600) == DELAYED
    assert device.hear(3, 900, 900, heard=True) == FRESH
    assert device.hear(4, 1_200, 1_200) == FRESH


def test_set_wall_clock_is_not_noticed() -> None:
    device = Told300()
    stored = device.clock.moved(1e9).to_bytes()  # the wall clock was set meanwhile
    device.clock = DeviceClock.from_bytes(stored)
    assert device.hear(2, 600, 600 + 1e9) == FRESH
    assert device.hear(3, 900, 1_200 + 1e9) == DELAYED


def test_reserved_kind_tells_no_time() -> None:
    told = told_by(uplink(0xF00123, 5), 1)
    assert told == Told(5, None, in_order=True)
    device = Told300()
    before = device.clock
    assert judge(before, told, 300, 600) == (Freshness.UNVERIFIED, before)


@pytest.mark.parametrize(
    ("mark", "counter", "heard", "data", "expected"),
    [
        (1, 5, 1, 0b000_0001, True),
        (7, 7, 1, 0b100_0000, True),
        (2, 1, 1, 0b111_1111, True),
        (2, 1, 1, 0b111_1101, False),  # others were heard
        (1, 4, 1, 0b111_1111, False),  # another page
        (1, 5, 0, 0b111_1111, False),
        (0, 5, 1, 0b111_1111, False),  # a gateway without a mark
    ],
)
def test_answer_is_proven_by_the_mark(
    mark: int, counter: int, heard: int, data: int, *, expected: bool
) -> None:
    told = told_by(uplink(heartbeat_word(1, heard, data, 9), counter), mark)
    assert told == Told(counter, 9, in_order=True, heard=expected)


def test_felt_stage_proves_nothing() -> None:
    told = told_by(uplink(incident_word(PANIC, 0, 3, 0, 9), 33), 1)
    assert told == Told(33, 9, in_order=True, heard=False)


def test_only_fresh_and_in_order_may_end() -> None:
    allowed = {(v, o) for v in Freshness for o in (True, False) if may_end(v, in_order=o)}
    assert allowed == {(Freshness.FRESH, True)}


def test_freshest_verdict_is_kept() -> None:
    ranked = [Freshness.FRESH, Freshness.UNVERIFIED, Freshness.DELAYED]
    for one in ranked:
        for other in ranked:
            assert freshest(one, other) == ranked[min(ranked.index(one), ranked.index(other))]


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 2_047), st.booleans(), st.floats(0, 200_000)),
        max_size=40,
    ),
    st.integers(10, 604_800),
)
def test_any_sequence_leaves_a_clock_that_can_be_stored(
    steps: list[tuple[int, int, bool, float]], heartbeat_s: int
) -> None:
    clock, highest = DeviceClock(), -1
    for counter, time, heard, now in steps:
        told = Told(counter, time, counter > highest, heard)
        highest = max(highest, counter)
        verdict, clock = judge(clock, told, heartbeat_s, now)
        assert DeviceClock.from_bytes(clock.to_bytes()) == clock
        assert clock.line or verdict is not Freshness.FRESH


@pytest.mark.parametrize("plan", PLANS)
def test_late_frame_is_never_fresh_nor_a_frame_in_time_delayed(plan: str) -> None:
    for seed in range(25):
        try:
            World(f"{plan} {seed}", plan).run(200)
        except Broken as broken:
            pytest.fail(f"{plan} {seed}: {broken}")


def test_frame_in_time_of_a_device_heard_regularly_is_fresh() -> None:
    judged = 0
    for seed in range(60):
        world = World(f"regular {seed}", "honest")
        if world.device.heartbeat_s > 7_200:
            continue
        world.run(200)
        judged += sum(gateway.verdicts[Freshness.FRESH] for gateway in world.gateways)
        assert sum(gateway.missed for gateway in world.gateways) == 0, seed
    assert judged > 5_000


def test_gateway_that_hears_everything_late_is_never_certified_by_another() -> None:
    for seed in range(25):
        world = World(f"one {seed}", "one_gateway")
        world.run(200)
        deaf, other = world.gateways
        assert deaf.verdicts[Freshness.FRESH] == 0
        assert other.verdicts.total()


def test_independent_reading_makes_these_vectors() -> None:
    assert make_freshness_vectors.FILE.read_text() == make_freshness_vectors.text()


def test_worked_table_of_the_specification_is_the_vector() -> None:
    spec = (Path(__file__).parents[2] / "protocol/SPEC.md").read_text()
    table = spec.split("### 5.6 Worked table")[1].split("\n## ")[0]
    rows = re.findall(
        r"^\| (\d+) \| (\d+) \| (\w*) ?\| (\d+) \|.*\| (\w+) \|$", table, re.MULTILINE
    )
    written = [
        [int(c), int(d), bool(proves), int(now), verdict] for c, d, proves, now, verdict in rows
    ]
    assert written == VECTORS[0]["steps"]


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_vector(case: dict[str, object]) -> None:
    clock, highest = DeviceClock(), -1
    heartbeat_s, steps = case["heartbeat_s"], case["steps"]
    assert isinstance(heartbeat_s, int)
    assert isinstance(steps, list)
    for counter, time, heard, now, expected in steps:
        told = Told(counter, time, counter > highest, heard)
        highest = max(highest, counter)
        verdict, clock = judge(clock, told, heartbeat_s, now)
        assert (counter, now, verdict.value) == (counter, now, expected)

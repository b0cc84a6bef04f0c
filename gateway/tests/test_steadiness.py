"""On after a while, off after a while, and each told once."""

from gateway.events import Fault, Restore
from gateway.watching.steadiness import Patience, Steadiness, Steady, Window, Wrong


def run(patience: Patience, samples: str) -> str:
    """Return the state after each sample, a second apart: # wrong, . right, ? undecided."""
    steady, found = Steady(patience), ""
    for now, sample in enumerate(samples):
        steady.update(float(now), wrong=sample == "#")
        found += "?" if steady.state is None else ".#"[steady.state]
    return found


def test_it_turns_on_and_off_after_its_patience() -> None:
    #             0123456789012345678
    samples = "....#.####.##......"
    assert run(Patience(2, 3), samples) == "???.....########...", samples


def test_what_flaps_faster_than_its_patience_changes_nothing() -> None:
    assert set(run(Patience(3, 3), "...." + "##.." * 20)[4:]) == {"."}


def test_patience_zero_follows_at_once() -> None:
    assert run(Patience(0, 0), ".#.") == ".#."


def test_only_changes_are_told_and_the_first_decision_is_one() -> None:
    steadiness = Steadiness({"hot": Patience(2, 2)})
    told = [
        (type(event).__name__, event.at)
        for now, wrong in enumerate([False] * 4 + [True] * 4 + [False] * 4)
        for event in steadiness.judge(
            {("machine", "hot"): Wrong(wrong, "90_C")}, float(now), 100.0 + now
        )
    ]
    assert told == [("Restore", 102.0), ("Fault", 106.0), ("Restore", 110.0)]


def test_a_fault_says_why() -> None:
    steadiness = Steadiness({"hot": Patience(0, 0)})
    found = {("machine", "hot"): Wrong(wrong=True, why="90_C")}
    assert steadiness.judge(found, 0.0, 7.0) == [Fault("machine", "hot", 7.0, "90_C")]
    found = {("machine", "hot"): Wrong(wrong=False, why="40_C")}
    assert steadiness.judge(found, 1.0, 8.0) == [Restore("machine", "hot", 8.0)]


def test_a_window_counts_the_bad_seconds_within_it() -> None:
    window = Window(60.0)
    for begin in range(0, 120, 10):
        window.add(float(begin), begin + 5.0)
    assert window.bad_s(120.0) == 30.0
    assert window.bad_s(150.0) == 15.0
    assert window.bad_s(117.0 + 60.0) == 0.0
    assert window.bad_s(400.0) == 0.0

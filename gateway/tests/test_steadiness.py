"""On after a while, off after a while, and each told once."""

from gateway.events import Fault, Restore
from gateway.watching.steadiness import (
    LinkFaults,
    Patience,
    Steadiness,
    Steady,
    Window,
    Wrong,
)


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


def test_a_link_that_comes_and_goes_is_one_fault_and_ends_once_it_has_stayed_up() -> None:
    links = LinkFaults(20.0)
    told: list[Fault | Restore] = []
    for now in range(0, 100, 5):  # down and up again within each five seconds
        down = links.take(Fault("radio.head", "link_down", float(now)), now)
        told += [down] if down else []
        assert links.take(Restore("radio.head", "link_down", now + 1.0), now + 1) is None
        told += links.due(now + 2)
    assert {type(event) for event in told} == {Fault}  # the path tells it once
    assert links.due(115.9) == []
    assert links.due(116.0) == [Restore("radio.head", "link_down", 96.0)]
    assert links.due(200.0) == []


def test_each_link_stays_up_for_itself() -> None:
    links = LinkFaults(20.0)
    for source in ("radio.head", "radio.other"):
        links.take(Restore(source, "link_down", 0.0), 0.0)
    links.take(Fault("radio.other", "link_down", 19.0), 19.0)
    assert [restore.source for restore in links.due(20.0)] == ["radio.head"]

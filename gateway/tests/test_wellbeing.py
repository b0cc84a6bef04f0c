"""What is wrong with the gateway itself: each caused, told, and restored."""

from dataclasses import dataclass, field, replace

import pytest

from gateway.events import Fault, Overheard
from gateway.watching.wellbeing import (
    PATIENCE,
    HeadSample,
    Limits,
    MachineSample,
    Sample,
    UpstreamSample,
    Wellbeing,
)

LIVELY = Overheard("ble", None, 0, 10, 0)
QUIET = Overheard("ble", None, 0, 0, 0)
FREE = Overheard("lora", -117, 0, 0, 0)
NOISE = Overheard("lora", -40, 100, 0, 0)
HEALTHY = MachineSample(10**10, under_voltage=False, throttled=False, celsius=50.0)


@dataclass
class Story:
    """A gateway that is looked at every 5 s; what is told is (seconds since `mark`, what, code)."""

    told: list[tuple[float, str, str, str]] = field(default_factory=list)
    now: float = 0.0
    mark: float = 0.0
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.wellbeing = Wellbeing(self.limits)
        self.sample = Sample(
            0.0,
            0.0,
            [HeadSample("head", up=True, reports=[LIVELY, FREE])],
            [UpstreamSample("broker", up=True, waiting=0)],
            HEALTHY,
            clock_believed=True,
        )

    def run(self, seconds: float, **changed: object) -> "Story":
        self.mark = self.now
        self.sample = replace(self.sample, **changed)  # type: ignore[arg-type]
        self.told.clear()
        while self.now < self.mark + seconds:
            self.now += 5.0
            for event in self.wellbeing.judge(replace(self.sample, now=self.now, at=self.now)):
                what = "fault" if isinstance(event, Fault) else "restore"
                self.told.append((self.now - self.mark, what, event.source, event.code))
        return self


def heads(*reports: Overheard, up: bool = True) -> list[HeadSample]:
    return [HeadSample("head", up, reports)]


@pytest.fixture
def story() -> Story:
    """Return a gateway that has been well for a quarter of an hour."""
    story = Story().run(900)
    assert {what for _, what, _, _ in story.told} == {"restore"}, "what may stand from before"
    return story.run(5)


def test_a_healthy_gateway_has_nothing_to_tell(story: Story) -> None:
    assert story.run(3_600).told == []


def test_a_head_whose_line_is_down_makes_the_gateway_deaf(story: Story) -> None:
    assert story.run(60, heads=heads(up=False)).told == [(15, "fault", "gateway", "deaf")]
    assert story.run(60, heads=heads(LIVELY, FREE)).told == [(15, "restore", "gateway", "deaf")]


def test_a_head_that_reports_nothing_any_more_is_silent_and_the_gateway_deaf(story: Story) -> None:
    assert story.run(90, heads=heads()).told == [
        (30, "fault", "radio.head", "silent"),
        (40, "fault", "gateway", "deaf"),
    ]
    told = story.run(60, heads=heads(LIVELY, FREE)).told
    assert {(what, code) for _, what, _, code in told} == {
        ("restore", "silent"),
        ("restore", "deaf"),
    }


def test_a_scan_that_stalls_is_deafness_of_that_medium_within_90_seconds(story: Story) -> None:
    ((after_s, *what),) = story.run(300, heads=heads(QUIET, FREE)).told
    assert what == ["fault", "radio.head", "deaf_ble"], "LoRa still hears"
    assert after_s == 60
    told = story.run(60, heads=heads(LIVELY, FREE)).told
    assert told == [(20, "restore", "radio.head", "deaf_ble")]


def test_a_head_of_ble_alone_that_hears_nothing_makes_the_gateway_deaf_within_90_seconds() -> None:
    story = Story().run(900, heads=heads(LIVELY))
    told = story.run(120, heads=heads(QUIET)).told
    assert [(what, code) for _, what, _, code in told] == [("fault", "deaf_ble"), ("fault", "deaf")]
    assert told[-1][0] <= 90


def test_another_head_that_hears_keeps_the_gateway_from_being_deaf(story: Story) -> None:
    two = [*heads(up=False), HeadSample("other", up=True, reports=[LIVELY])]
    assert story.run(600, heads=two).told == [
        (after, "restore", "radio.other", code) for after, _, _, code in story.told
    ]


def test_jamming_is_told_within_40_seconds_and_restored_when_the_air_is_free(story: Story) -> None:
    told = story.run(120, heads=heads(LIVELY, NOISE)).told
    assert told == [(30, "fault", "radio.head", "jammed_lora")]
    told = story.run(120, heads=heads(LIVELY, FREE)).told
    assert [(what, code) for _, what, _, code in told] == [("restore", "jammed_lora")]
    assert 55 <= told[0][0] <= 70


BUSY = [UpstreamSample("broker", up=True, waiting=1_001)]
AWAY = [UpstreamSample("broker", up=False, waiting=3)]


@pytest.mark.parametrize(
    ("source", "code", "changed"),
    [
        ("gateway", "clock_unsure", {"clock_believed": False}),
        ("upstream.broker", "away", {"upstreams": AWAY}),
        ("upstream.broker", "waiting", {"upstreams": BUSY}),
        ("disk", "filling", {"machine": replace(HEALTHY, disk_free_bytes=10**8)}),
        ("machine", "under_voltage", {"machine": replace(HEALTHY, under_voltage=True)}),
        ("machine", "throttled", {"machine": replace(HEALTHY, throttled=True)}),
        ("machine", "hot", {"machine": replace(HEALTHY, celsius=85.0)}),
    ],
)
def test_each_trouble_is_told_once_after_its_patience_and_restored_after_its_own(
    story: Story, source: str, code: str, changed: dict[str, object]
) -> None:
    well = {name: getattr(story.sample, name) for name in changed}
    patience = PATIENCE[code]
    ((after_s, *told),) = story.run(1_000, **changed).told
    assert told == ["fault", source, code]
    assert patience.on_s <= after_s <= patience.on_s + 5
    ((after_s, *told),) = story.run(1_000, **well).told
    assert told == ["restore", source, code]
    assert patience.off_s <= after_s <= patience.off_s + 5


def test_what_comes_and_goes_is_told_once(story: Story) -> None:
    faults = 0
    for _ in range(60):
        faults += len(story.run(30, machine=replace(HEALTHY, under_voltage=True)).told)
        faults += len(story.run(30, machine=HEALTHY).told)
    assert faults == 1


def test_what_a_computer_does_not_tell_is_not_judged() -> None:
    story = Story().run(900, machine=MachineSample(), upstreams=[UpstreamSample("b", up=True)])
    assert {source for _, _, source, _ in story.told} == {"gateway", "radio.head", "upstream.b"}


def test_a_gateway_that_starts_where_nothing_hears_is_deaf() -> None:
    told = Story().run(60, heads=heads(up=False)).told
    assert (15, "fault", "gateway", "deaf") in told

"""From the pages of heartbeats to the days of a battery and its faults."""

from dataclasses import replace

from gateway.frames.told import Told
from gateway.ledger import Committed, Ledger
from gateway.tests.builders import DEVICE, device, ledger
from gateway.watching.batteries import Batteries, outlook, shown
from gateway.watching.duty import Rule
from gateway.watching.forecast import Forecast
from gateway.watching.presence import DAYS_KEPT, Day

RULES = (Rule(role="button", chemistry="li_mno2"),)
DAY_S = 86_400


class Story:
    """One button that tells of its battery every two hours."""

    def __init__(self, rules: tuple[Rule, ...] = RULES) -> None:
        self.known: Ledger = ledger()
        self.watcher = Batteries(rules, 45)
        self.counter = 0
        self.told: list[tuple[int, str, object]] = []

    def tell(self, at: float, battery_mv: int | None, *, page: int = 0, fresh: bool = True) -> None:
        self.counter += 8
        batch = self.known.batch(at, at)
        state = batch.draft(DEVICE)
        state.accept(self.counter + page, self.counter.to_bytes(15, "big"))
        state.told = Told(battery_mv=battery_mv)
        if fresh:
            state.signs = state.signs.alive(at, asked=False)
        self.watcher.judge(batch)
        self.known.adopt(Committed(batch, at))
        for notice in batch.notices:
            name = notice.type.removeprefix("tocsin.device.")
            self.told.append((int(at // DAY_S), name, notice.data["code"]))

    def day(self, day: int, battery_mv: int) -> None:
        for hour in range(0, 24, 2):
            self.tell(day * DAY_S + hour * 3_600.0, battery_mv)

    @property
    def days(self) -> tuple[Day, ...]:
        return self.known.voltages.get(DEVICE, ())


def test_the_median_of_a_day_is_kept_when_the_day_is_over() -> None:
    story = Story()
    for hour, battery_mv in enumerate((2_900, 2_880, 2_700, 2_900, 2_900)):
        story.tell(10 * DAY_S + hour * 3_600.0, battery_mv)
    assert not story.days
    story.tell(11 * DAY_S + 1.0, 2_900)
    assert story.days == (Day(10, 2_910),), "half a step above the page, which was rounded down"


def test_the_chemistry_of_the_enrolment_goes_before_that_of_a_rule() -> None:
    for own, told in ((None, []), ("lipo", ["battery_critical"])):
        story = Story()
        story.known.devices[DEVICE] = replace(device(), chemistry=own)
        story.day(10, 3_000)  # full for the li_mno2 of the rule, empty for a lipo
        story.tell(11 * DAY_S, 3_000)
        assert [code for _, _, code in story.told if code != "battery_soon"] == told


def test_other_pages_stale_frames_and_days_of_two_samples_say_nothing() -> None:
    story = Story()
    for hour in range(5):
        story.tell(10 * DAY_S + hour * 3_600.0, 2_900, page=2)
        story.tell(10 * DAY_S + hour * 3_600.0, 2_900, fresh=False)
        story.tell(10 * DAY_S + hour * 3_600.0, None)
    story.tell(10 * DAY_S + 80_000.0, 2_900)
    story.tell(11 * DAY_S, 2_900)
    assert not story.days


def test_a_clock_that_is_set_back_ends_no_day() -> None:
    story = Story()
    story.day(10, 2_900)
    story.day(9, 2_900)
    assert not story.days
    story.day(10, 2_800)
    assert story.days == (Day(9, 2_910),)


def test_an_emptying_battery_is_told_of_soon_then_critical_and_ends_with_a_new_one() -> None:
    story = Story()
    for day in range(100):
        story.day(day, 2_900 - 4 * day)
    codes = [(name, code) for _, name, code in story.told]
    assert codes == [("fault", "battery_soon"), ("fault", "battery_critical")]
    soon_at, critical_at = (day for day, _, _ in story.told)
    assert critical_at == 79, "2,598 mV on day 78"
    assert critical_at - soon_at >= 40
    for day in range(100, 120):
        story.day(day, 2_980)
    ended = [(name, code) for _, name, code in story.told[2:]]
    assert sorted(ended) == [("restore", "battery_critical"), ("restore", "battery_soon")]


def test_without_a_chemistry_days_are_kept_and_nothing_is_forecast() -> None:
    story = Story(())
    for day in range(60):
        story.day(day, 2_600 - 4 * day)
    assert story.told == []
    assert len(story.days) == 59
    assert outlook(story.days, None) is None
    told = outlook(story.days, "li_mno2")
    assert told is not None
    assert shown(told)["days"] == 0


def test_days_are_kept_for_a_year_and_a_month() -> None:
    story = Story(())
    for day in range(DAYS_KEPT + 50):
        for hour in (0, 6, 12):
            story.tell(day * DAY_S + hour * 3_600.0, 2_900)
    assert len(story.days) == DAYS_KEPT


def test_a_forecast_is_shown_in_whole_days() -> None:
    told = Forecast(55.4, 100.7, 80.2, 130.9)
    assert shown(told) == {
        "percent": 55,
        "days": 100,
        "least_days": 80,
        "most_days": 130,
        "reason": None,
    }

"""Heard, late, missing, restored: each told once, and nobody missing whom the gateway could not hear."""

from collections.abc import Sequence
from dataclasses import replace

from gateway import decisions
from gateway.events import Fault, Restore, Uplink
from gateway.frames.device_clock import DeviceClock
from gateway.ledger import Committed, Ledger
from gateway.response.schedule import Schedule
from gateway.tests.builders import DEVICE, TIME, clock, device, ledger, uplink
from gateway.watching.duty import Rule
from gateway.watching.supervision import Supervision
from protocol.constants import TIME_UNKNOWN
from protocol.kinds import heartbeat_word, query_word

FIXED = (Rule(role="button", duty="fixed"),)  # late after 660 s, missing after 1,080 s
WORN = (Rule(role="button", duty="worn"),)  # late after 750 s, missing after 1,000 s
HEARTBEAT, QUERY = heartbeat_word(0, 0, 0, TIME), query_word(TIME)
DEAF = Fault("radio.head", "deaf_ble", 0.0)
HEARS = Restore("radio.head", "deaf_ble", 0.0)


class Story:
    """One gateway, which comes back when it said that it would; it begins at 1,000 s."""

    def __init__(
        self, rules: tuple[Rule, ...] = FIXED, known: Ledger | None = None, now: float = 1_000.0
    ) -> None:
        self.known = known or ledger()
        self.now = now
        self.counter = 100
        self.told: list[tuple[int, str]] = []
        for state in self.known.states.values():
            state.clock = clock(1, now)
        self.watcher = Supervision(rules, ("head",), self.known, now)
        self.step()

    def step(
        self,
        events: Sequence[Fault | Restore] = (),
        frames: Sequence[Uplink] = (),
        *,
        disk: bool = True,
    ) -> None:
        batch = self.known.batch(self.now, self.now)
        for frame in frames:
            decisions.take_uplink(batch, frame)
        for event in events:
            decisions.take_condition(batch, event)
        self.due = self.watcher.judge(batch)
        if not disk:
            return
        self.known.adopt(Committed(batch, self.now))
        told = [entry.name for entry in batch.journal if entry.device is not None]
        types = [notice.type for notice in batch.notices if notice.subject.startswith("device.")]
        assert types == [f"tocsin.device.{name}" for name in told]
        self.told += [(round(self.now - 1_000), name) for name in told]

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while min(self.due, self.now + 30.0) <= until:
            self.now = max(min(self.due, self.now + 30.0), self.now + 0.01)
            self.step()
        self.now = until
        self.step()

    def hear(self, word: int = HEARTBEAT) -> None:
        self.counter += 2
        if word & 0x7FF != TIME_UNKNOWN:
            self.known.states[DEVICE].clock = clock(self.counter - 1, self.now)
        self.step(frames=[uplink(word, self.counter, at=self.now)])

    @property
    def state(self) -> str:
        return self.state_of(DEVICE)

    def state_of(self, name: str) -> str:
        return self.known.watched[name].state.value


def test_a_fixed_device_is_late_then_missing_and_restored_when_heard_twice() -> None:
    story = Story()
    story.hear()
    assert story.state == "heard"
    story.wait(2_000)
    assert story.told == [(660, "late"), (1_080, "missing")]
    story.hear()
    assert story.state == "missing", "once may be a stray frame"
    story.wait(300)
    story.hear()
    assert story.told[2:] == [(2_300, "restored")]


def test_one_that_was_only_late_is_restored_at_once() -> None:
    story = Story()
    story.hear()
    story.wait(700)
    story.hear()
    story.wait(300)
    assert story.told == [(660, "late"), (700, "restored")]
    assert story.state == "heard"


def test_a_device_at_the_edge_of_the_range_does_not_flap() -> None:
    story = Story()
    story.hear()
    for _ in range(20):
        story.wait(1_500)  # one heartbeat of five comes through
        story.hear()
    assert story.told == [(660, "late"), (1_080, "missing")]


def test_two_frames_of_one_moment_are_no_return() -> None:
    story = Story()
    story.wait(1_100)
    story.hear()
    story.wait(2)
    story.hear()
    assert story.state == "missing"


def test_an_enrolled_device_that_never_comes_is_missing() -> None:
    story = Story()
    story.wait(1_100)
    assert story.told == [(660, "late"), (1_080, "missing")]


def test_a_device_enrolled_meanwhile_is_expected_from_then_on() -> None:
    story = Story()
    other = device("box-2", b"sixteen byte key", slot=2)
    batch = story.known.batch(story.now, story.now)
    decisions.take_device(batch, other)
    story.watcher.judge(batch)
    story.known.adopt(Committed(batch, story.now))
    story.wait(2_150)  # its clock is not known: twice the time
    assert story.state_of("box-2") == "late"
    story.wait(20)
    assert story.state_of("box-2") == "missing"


def test_a_frame_that_is_not_fresh_is_no_sign_of_life() -> None:
    story = Story()
    story.hear()
    for _ in range(8):
        story.wait(300)
        story.hear(HEARTBEAT | TIME_UNKNOWN)
    # Its clock is not known any more: it is given twice the time to be certified again.
    assert story.told == [(1_320, "late"), (2_160, "missing")]


def test_nobody_is_missing_while_the_gateway_is_deaf_and_silence_goes_on_behind_it() -> None:
    story = Story()
    story.hear()
    story.known.states[DEVICE].heard_by = "head"
    story.wait(600)
    story.step([DEAF])
    story.wait(10_000)
    assert story.told == []
    story.step([HEARS])
    story.wait(1_000)
    # 600 s less the 90 in which it may have been deaf unnoticed; then on from 10,600.
    assert [name for _, name in story.told] == ["late", "missing"]
    assert [at - 10_600 + 510 for at, _ in story.told] == [660, 1_080]


def test_a_machine_that_slept_finds_nobody_missing() -> None:
    story = Story()
    story.hear()
    story.now += 8 * 3_600
    story.step()
    story.wait(60)
    assert story.told == []


def test_after_a_restart_silence_before_it_counts_as_far_as_others_were_heard() -> None:
    known = ledger(device(), device("box-2", b"sixteen byte key", slot=2))
    known.states[DEVICE].heard_at = 1_000.0
    known.states["box-2"].heard_at = 1_500.0
    story = Story(known=known, now=50_000.0)
    story.wait(1_081)
    assert [at - 49_000 for at, _ in story.told][:1] == [160], "500 s were silent before"
    assert story.state_of("box-2") == "missing"
    assert story.state == "missing"


def test_after_a_restart_everybody_has_a_heartbeat_to_come() -> None:
    known = ledger(device(), device("box-2", b"sixteen byte key", slot=2))
    known.states[DEVICE].heard_at = 1_000.0
    known.states["box-2"].heard_at = 90_000.0
    story = Story(known=known, now=100_000.0)
    story.wait(539)  # late at once, as it was silent; missing not before a heartbeat and a half
    assert story.state == "late"
    story.wait(2)
    assert story.state == "missing"


def test_what_is_missing_stays_so_over_a_restart_and_is_not_told_again() -> None:
    story = Story()
    story.wait(1_100)
    again = Story(known=story.known, now=story.now)
    again.wait(5_000)
    assert again.told == []
    again.hear()
    again.wait(300)
    again.hear()
    assert [name for _, name in again.told] == ["restored"]


def test_what_could_not_be_committed_is_told_with_the_next_commit() -> None:
    story = Story()
    story.hear()
    story.wait(659)
    story.now += 2.0
    story.step(disk=False)
    assert story.due <= story.now + 1.0
    story.now += 1.0
    story.step()
    assert story.told == [(662, "late")]


def test_a_worn_device_may_leave_until_its_wearer_has_checked_in() -> None:
    story = Story(WORN)
    story.hear()
    story.wait(9_000)
    assert (story.told, story.state) == ([], "off_duty")
    story.hear(QUERY)
    assert story.state == "heard"
    story.wait(1_001)
    assert [name for _, name in story.told] == ["late", "missing"]


def test_duty_ends_with_the_shift_and_who_is_late_then_is_not_missed() -> None:
    story = Story((Rule(role="button", shift_s=3_600),))
    story.hear(QUERY)
    for _ in range(9):
        story.wait(310)
        story.hear()
    story.wait(800)
    assert story.told == [(2_790 + 750, "late")]
    story.wait(900)
    assert [name for _, name in story.told] == ["late", "restored"]
    assert story.state == "off_duty"
    assert story.told[1][0] <= 3_790


def test_in_its_hours_a_worn_device_is_judged_once_it_was_heard_in_them() -> None:
    hours = Schedule("day", begin=60, end=100)  # 01:00 to 01:40 UTC: 3,600 to 6,000 s
    story = Story((Rule(role="button", hours=hours),))
    story.hear()
    story.wait(3_000)
    assert story.state == "off_duty"
    story.hear()
    assert story.state == "heard"
    story.wait(1_001)
    assert [name for _, name in story.told] == ["late", "missing"]
    story.hear()
    story.wait(300)
    story.hear()
    story.wait(3_000)
    assert (story.told[-1][1], story.state) == ("restored", "off_duty")


def test_a_spare_is_never_judged() -> None:
    story = Story((Rule(device=DEVICE, duty="never"),))
    story.hear()
    story.wait(9_000)
    assert story.told == []


def test_an_unenrolled_device_is_forgotten() -> None:
    story = Story()
    story.wait(100)
    del story.known.devices[DEVICE]
    story.wait(2_000)
    assert story.told == []


def test_a_clock_not_known_at_the_start_gives_twice_the_time() -> None:
    story = Story()
    story.known.states[DEVICE].clock = DeviceClock()
    story.wait(1_319)
    assert story.told == []
    story.wait(2)
    assert story.told == [(1_320, "late")]


def test_the_limits_follow_the_enrolment() -> None:
    story = Story()
    slower = replace(story.known.devices[DEVICE], heartbeat_s=900)
    batch = story.known.batch(story.now, story.now)
    decisions.take_device(batch, slower)
    story.watcher.judge(batch)
    story.known.adopt(Committed(batch, story.now))
    story.wait(1_900)
    assert story.told == []

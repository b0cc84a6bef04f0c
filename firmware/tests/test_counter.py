import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from firmware.core import records
from firmware.core.counter import NOT_DUE, Counter, CountersUsedUp
from protocol.constants import COUNTER_BLOCK, COUNTER_LIMIT, RESERVE, RESERVE_AT_POWER_UP
from tools.properties import at_most

KEY = bytes(range(16))


def reserve(counter: Counter, settled: bool) -> int:
    """Do what the program does between frames; return how often flash was written."""
    reserved = counter.to_reserve(settled)
    if reserved == NOT_DUE:
        return 0
    counter.reserve(reserved)
    return 1


def test_a_start_without_memory_goes_on_from_flash() -> None:
    assert Counter(640).next == 640


def test_a_start_with_memory_goes_on_from_there() -> None:
    assert Counter(640, 611).next == 611


@pytest.mark.parametrize("resumed", [NOT_DUE, -7, 641, COUNTER_LIMIT])
def test_memory_that_cannot_be_is_not_believed(resumed: int) -> None:
    assert Counter(640, resumed).next == 640


def test_nothing_is_taken_that_flash_does_not_cover() -> None:
    counter = Counter(5)
    with pytest.raises(CountersUsedUp):
        counter.take()


def test_settled_device_keeps_48_spare() -> None:
    counter = Counter(0)
    reserve(counter, settled=True)
    for expected in range(500):
        assert counter.reserved - counter.next >= RESERVE + COUNTER_BLOCK
        assert counter.take() == expected
        reserve(counter, settled=True)


def test_flash_is_written_once_in_32_frames() -> None:
    counter = Counter(0)
    writes = 0
    for _ in range(3_200):
        writes += reserve(counter, settled=True)
        counter.take()
    assert writes <= 3_200 // RESERVE + 1


def test_brown_out_loop_does_not_run_away() -> None:
    reserved = 0
    starts = 1_000
    for _ in range(starts):
        counter = Counter(reserved)
        reserve(counter, settled=False)
        counter.take()  # the heartbeat at power-up; then the battery gives way
        reserved = counter.reserved
    assert reserved == starts * RESERVE_AT_POWER_UP


def test_time_is_told_while_a_restart_would_skip_33() -> None:
    """SPEC 5.1: 32 counters are left behind the frame, so its time and the next run's are apart."""
    assert Counter(640, 640 - 33).may_tell_time()
    assert not Counter(640, 640 - 32).may_tell_time()
    for used in range(64):
        counter = Counter(0)
        for _ in range(used):
            reserve(counter, settled=True)
            counter.take()
        reserve(counter, settled=True)
        counter.skip_to_incident()
        assert counter.may_tell_time(), "the first frame of a press tells it, too"


def test_restart_skips_no_more_than_a_gateway_looks_ahead() -> None:
    for used in range(200):
        counter = Counter(0)
        for _ in range(used):
            reserve(counter, settled=True)
            counter.take()
        reserve(counter, settled=True)
        last = counter.next - 1
        after = Counter(counter.reserved)
        assert after.skip_to_incident() - last <= 96


def test_incident_begins_at_a_multiple_of_16_without_taking_it() -> None:
    counter = Counter(64, 17)
    assert counter.skip_to_incident() == 32
    assert counter.take() == 32
    assert counter.skip_to_incident() == 48
    assert counter.skip_to_incident() == 48


def test_an_incident_fits_the_reserve_of_a_settled_device() -> None:
    for used in range(64):
        counter = Counter(0)
        for _ in range(used):
            reserve(counter, settled=True)
            counter.take()
        reserve(counter, settled=True)
        first = counter.skip_to_incident()
        assert first < counter.reserved
        assert counter.take() == first


@given(st.integers(COUNTER_LIMIT - 40, COUNTER_LIMIT))
def test_last_counters_are_used_and_then_none(first: int) -> None:
    counter = Counter(first)
    writes = 0
    taken = []
    for _ in range(first, COUNTER_LIMIT):
        writes += reserve(counter, settled=True)
        taken.append(counter.take())
    writes += reserve(counter, settled=True)
    with pytest.raises(CountersUsedUp):
        counter.take()
    assert taken == list(range(first, COUNTER_LIMIT))
    assert writes <= 2


def snapshot(next_counter: int) -> bytes:
    kept = records.Snapshot()
    kept.next_counter = next_counter
    return kept.pack()


class PowerCuts(RuleBasedStateMachine):
    """A device as `panic_button` wires it; flash and RTC memory live as the chip keeps them."""

    @initialize(reserved=st.integers(0, 10_000))
    def provisioned(self, reserved: int) -> None:
        self.flash = records.pack_secret(KEY, reserved)
        self.rtc = b""
        self.taken: list[int] = []
        self.start(woken=False)

    def start(self, *, woken: bool) -> None:
        secret = records.unpack_secret(self.flash)
        assert secret is not None
        snapshot = records.unpack_snapshot(self.rtc) if woken else None
        self.rtc = b""
        self.counter = Counter(secret[1], snapshot.next_counter if snapshot else NOT_DUE)
        self.settled = woken

    def write(self) -> None:
        reserved = self.counter.to_reserve(self.settled)
        if reserved != NOT_DUE:
            self.flash = records.pack_secret(KEY, reserved)

    def note(self) -> None:
        secret = records.unpack_secret(self.flash)
        assert secret is not None
        self.counter.reserve(secret[1])

    @rule()
    def touch(self) -> None:
        self.settled = True

    @rule(frames=st.integers(1, 40))
    def send(self, frames: int) -> None:
        for _ in range(frames):
            self.write()
            self.note()
            counter = self.counter.take()
            assert not self.taken or counter > self.taken[-1]
            self.taken.append(counter)

    @rule()
    def press(self) -> None:
        self.settled = True
        self.write()
        self.note()
        assert self.counter.skip_to_incident() % 16 == 0

    @rule()
    def sleep_and_wake(self) -> None:
        self.rtc = snapshot(self.counter.next)
        self.start(woken=True)

    @rule()
    def watchdog(self) -> None:
        self.start(woken=False)

    @rule()
    def power_cut(self) -> None:
        self.rtc = b""
        self.start(woken=False)

    @rule()
    def power_cut_between_flash_and_note(self) -> None:
        self.write()
        self.rtc = b""
        self.start(woken=False)

    @rule(at=st.integers(0, records.SNAPSHOT_LEN - 1), bit=st.integers(0, 7))
    def wake_with_broken_memory(self, at: int, bit: int) -> None:
        rtc = bytearray(snapshot(self.counter.next))
        rtc[at] ^= 1 << bit
        self.rtc = bytes(rtc)
        self.start(woken=True)


TestPowerCuts = PowerCuts.TestCase
TestPowerCuts.settings = settings(at_most(50), stateful_step_count=30)

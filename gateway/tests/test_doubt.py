"""What a lost database may have accepted raises and ends nothing, and no clock is learnt from it."""

from gateway import decisions
from gateway.events import Acknowledge, Freshness
from gateway.frames.bearing import judged, shares_mark
from gateway.frames.device_clock import DeviceClock
from gateway.frames.device_state import DeviceState
from gateway.frames.doubt import NO_DOUBT, Doubt
from gateway.tests.builders import BEARING, clock, ledger, uplink
from protocol.kinds import PANIC, heartbeat_word, incident_word

HEARD_US = heartbeat_word(1, 1, 0b1, 7)  # an odd page: it names mark 1


def doubted(doubt: Doubt) -> DeviceState:
    state = DeviceState(17)
    state.doubt, state.clock = doubt, clock(16)
    return state


def test_counters_below_are_doubted_until_its_time_has_passed() -> None:
    assert Doubt(20).covers(19, 1e12)
    assert not Doubt(20).covers(20, 0.0)
    assert Doubt(20, 100.0).covers(19, 99.0)
    assert not Doubt(20, 100.0).covers(19, 100.0)
    assert not NO_DOUBT.covers(0, 0.0)


def test_a_doubted_frame_is_unverified_and_teaches_nothing() -> None:
    frame = uplink(incident_word(PANIC, 0, 0, 0, 7), 17)
    state = doubted(Doubt(18))
    before = state.clock
    assert judged(frame, state, 300, BEARING).freshness is Freshness.UNVERIFIED
    assert state.clock == before
    assert judged(frame, doubted(NO_DOUBT), 300, BEARING).freshness is Freshness.FRESH


def test_a_doubted_heartbeat_certifies_no_clock() -> None:
    state = doubted(Doubt(18))
    state.clock = DeviceClock(clock(16).last)
    judged(uplink(HEARD_US, 17), state, 300, BEARING)
    assert state.clock.line is None
    state.doubt = NO_DOUBT
    judged(uplink(HEARD_US, 17), state, 300, BEARING)
    assert state.clock.line is not None


def test_what_we_may_have_accepted_and_forgotten_shares_no_mark() -> None:
    heartbeat = uplink(HEARD_US, 19)
    assert shares_mark(heartbeat, doubted(NO_DOUBT), BEARING)
    assert not shares_mark(heartbeat, doubted(Doubt(19)), BEARING)


def test_events_of_an_incident_that_may_be_forgotten_have_numbers_no_other_had() -> None:
    known = ledger()
    (device,) = known.states
    known.states[device] = doubted(Doubt(18))
    batch = known.batch(at=1_000.5)
    decisions.take_uplink(batch, uplink(incident_word(PANIC, 0, 0, 0, 0), 17))
    (incident,) = batch.incidents
    decisions.take_acknowledge(batch, Acknowledge(incident, "Jo", None, 1_001.0))
    # That it was raised is no other news than it was before.
    assert [notice.number for notice in batch.notices] == [1, 1_001]
    assert batch.incidents[incident].told == 1


def test_those_of_an_incident_that_cannot_be_count_from_one() -> None:
    batch = ledger().batch(at=1_000.5)
    decisions.take_uplink(batch, uplink(incident_word(PANIC, 0, 0, 0, 0), 17))
    (incident,) = batch.incidents
    decisions.take_acknowledge(batch, Acknowledge(incident, "Jo", None, 1_001.0))
    assert [notice.number for notice in batch.notices] == [1, 2]

"""Who may wait for others on the way to the disk, and for how long."""

from dataclasses import replace

import pytest

from gateway.events import Uplink, Verdict
from gateway.frames.device_state import DeviceState
from gateway.frames.patience import CERTIFIED_S, LATER_S, SOON_S, patience_s
from gateway.tests.builders import clock, device, uplink
from gateway.watching.presence import Presence, Watched
from protocol.kinds import PANIC, heartbeat_word, incident_word, query_word

NOW = 5_000.0
HEARD = Watched(Presence.HEARD)
BUTTON = device()
BOX = replace(BUTTON, role="call_box")
LISTENS, DEAF = heartbeat_word(1, 0, 0, 0), heartbeat_word(0, 0, 0, 0)


def certified(age_s: float) -> DeviceState:
    state = DeviceState()
    state.clock = clock(3, NOW - age_s)
    return state


def by_lora(one: Uplink) -> Uplink:
    return one._replace(received=one.received._replace(medium="lora"))


@pytest.mark.parametrize("word", [incident_word(PANIC, 0, 0, 0, 0), query_word(0)])
def test_what_somebody_waits_for_waits_for_nobody(word: int) -> None:
    assert patience_s(uplink(word, 4), BOX, certified(0), HEARD, NOW) == 0


def test_a_heartbeat_that_nobody_answers_may_wait_longest() -> None:
    for one in (BUTTON, BOX):
        assert patience_s(uplink(DEAF, 5), one, DeviceState(), HEARD, NOW) == LATER_S
        assert patience_s(by_lora(uplink(DEAF, 5)), one, DeviceState(), HEARD, NOW) == LATER_S


def test_a_button_is_answered_while_it_listens() -> None:
    assert patience_s(uplink(LISTENS, 4), BUTTON, certified(0), HEARD, NOW) == 0


def test_a_box_on_the_mains_listens_longer_and_need_not_be_certified_each_time() -> None:
    assert patience_s(uplink(LISTENS, 4), BOX, DeviceState(), HEARD, NOW) == SOON_S
    assert patience_s(uplink(LISTENS, 4), BOX, certified(CERTIFIED_S), HEARD, NOW) == LATER_S
    assert patience_s(uplink(LISTENS, 4), BOX, certified(CERTIFIED_S + 1), HEARD, NOW) == SOON_S


def test_an_answer_that_the_next_heartbeat_cannot_name_may_be_late() -> None:
    assert patience_s(uplink(LISTENS, 5), BOX, DeviceState(), HEARD, NOW) == LATER_S
    assert patience_s(uplink(LISTENS, 5), BOX, certified(CERTIFIED_S + 1), HEARD, NOW) == LATER_S


def test_by_lora_a_box_would_say_it_again() -> None:
    assert patience_s(by_lora(uplink(LISTENS, 4)), BOX, certified(0), HEARD, NOW) == 0


@pytest.mark.parametrize(
    "watched", [None, *(Watched(one) for one in Presence if one is not Presence.HEARD)]
)
def test_who_is_awaited_is_known_at_once(watched: Watched | None) -> None:
    assert patience_s(uplink(DEAF, 5), BOX, certified(0), watched, NOW) == 0


def test_neither_does_one_wait_that_is_watched_closely_nor_what_is_not_new() -> None:
    often = replace(BUTTON, heartbeat_s=60)
    assert patience_s(uplink(DEAF, 5), often, DeviceState(), HEARD, NOW) == 0
    reused = uplink(DEAF, 5, verdict=Verdict.REUSED)
    assert patience_s(reused, BUTTON, DeviceState(), HEARD, NOW) == 0

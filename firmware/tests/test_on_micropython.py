"""The button's program on the real MicroPython, in virtual time, with a gateway's end of the air."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.tests.worn import LED, SECOND_CONTACT, SECOND_US, Worn
from protocol import kinds
from protocol.kinds import ACKNOWLEDGED, CLOSED, COVERED, DELIVERED, NONE, STORE_OK, STORED
from protocol.messages import Query
from tools import micropython
from tools.virtual.device import Power

HEAP = "256k"  # what the program, compiled from source on the board, and the shims need on 32 bits


def press_and_help(worn: Worn, wait_s: float = 5) -> None:
    """A press from deep sleep, all the way; a person takes it after `wait_s`."""
    worn.gateway.answer_op = STORED
    worn.start(settle_s=30)
    complete_us = worn.raise_alert()
    assert worn.feels("sent", 2) == pytest.approx(complete_us, abs=20_000)
    assert worn.feels("received", 10)
    first, message = worn.incidents()[0]
    assert first.counter % 16 == 0
    assert message.kind == kinds.PANIC
    worn.gateway.answer_op = DELIVERED
    worn.world.run_for(wait_s)
    worn.gateway.answer_op = ACKNOWLEDGED
    worn.gateway.answer(ACKNOWLEDGED, worn.gateway.heard[-1].counter, 3)
    assert worn.feels("help", 10)
    assert worn.sleeps(10)
    assert worn.incidents()[-1][1].felt == ACKNOWLEDGED
    assert worn.felt() == ["sent", "received", "help"]
    assert worn.log.read_text() == ""


def test_a_press_from_deep_sleep_to_help(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        press_and_help(worn)


def test_the_same_on_32_bits(tmp_path: Path) -> None:
    with Worn(tmp_path, micropython_argv=micropython.command("i386")) as worn:
        press_and_help(worn)


def test_the_same_on_a_small_heap_of_32_bits(tmp_path: Path) -> None:
    argv = [*micropython.command("i386"), "-X", f"heapsize={HEAP}"]
    with Worn(tmp_path, micropython_argv=argv) as worn:
        press_and_help(worn, wait_s=120)


def test_second_contact_is_a_silent_hold_up(tmp_path: Path) -> None:
    lights: list[int] = []
    with Worn(tmp_path, discreet=0) as worn:
        worn.device.watch(LED, lights.append)
        worn.gateway.answer_op = STORED
        worn.start()
        worn.raise_alert(SECOND_CONTACT)
        assert worn.feels("received", 10)
        assert worn.incidents()[0][1].kind == kinds.HOLD_UP
        assert lights == [], "a silent alert lights nothing"


def test_a_loud_button_shows_what_it_lets_feel(tmp_path: Path) -> None:
    lights: list[int] = []
    with Worn(tmp_path, discreet=0) as worn:
        worn.device.watch(LED, lights.append)
        worn.start()
        worn.raise_alert()
        assert worn.feels("sent", 2)
        assert lights == [1, 0]


def test_double_press_raises_a_panic(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        worn.gateway.answer_op = STORED
        worn.start()
        worn.press(0.7)  # it takes a button so long to wake
        worn.world.run_for(0.1)
        worn.press(0.1)
        assert worn.feels("received", 10)
        assert worn.incidents()[0][1].kind == kinds.PANIC


def test_five_seconds_withdraw_the_alert(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        worn.gateway.answer_op = STORED
        worn.start()
        begun_us = worn.now_us
        worn.press(5.3)
        assert worn.feels("cancelled", 10)
        said = [message.kind for _, message in worn.incidents()]
        assert said[0] == kinds.PANIC
        assert said[-1] == kinds.CANCEL
        cancel = next(heard for heard, message in worn.incidents() if message.kind == said[-1])
        assert cancel.at_us - begun_us == pytest.approx(5.1 * SECOND_US, abs=0.4 * SECOND_US)
        blocks = {(heard.counter >> 4) - message.block for heard, message in worn.incidents()}
        assert len(blocks) == 1, "it stays the same incident"
        assert worn.sleeps(10)


def test_cancel_nobody_hears_is_given_up(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        worn.start()
        worn.press(5.3)
        assert not worn.sleeps(58)
        assert worn.sleeps(10)
        assert "cancelled" not in worn.felt()


@pytest.mark.parametrize("seconds", [0.6, 0.1])
@pytest.mark.parametrize(
    ("arg", "feeling"), [(COVERED, "covered"), (STORE_OK, "not_covered"), (None, "not_covered")]
)
def test_short_press_asks_whether_covered(
    tmp_path: Path, seconds: float, arg: int | None, feeling: str
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = None if arg is None else STORED
        worn.gateway.answer_arg = arg or 0
        worn.start(settle_s=5)
        begun_us = worn.now_us
        worn.press(seconds)  # the shorter is over before the button is awake
        assert worn.feels(feeling, 5, begun_us)
        assert worn.sleeps(10)
        assert worn.felt() == [feeling]
        assert isinstance(worn.gateway.heard[-1].message, Query)


@pytest.mark.slow
def test_without_a_gateway_the_wearer_knows_and_refresh_follows_the_schedule(
    tmp_path: Path,
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start()
        complete_us = worn.raise_alert()
        worn.world.run_for(661)
        said = [one.at_us for one in worn.wearer.feelings if one.name == "not_received"]
        assert (said[0] - complete_us) / SECOND_US == pytest.approx(10, abs=0.2)
        assert len(said) == 66
        ages = [(heard.at_us - complete_us) / SECOND_US for heard, _ in worn.incidents()]
        for begin, end, interval in ((0, 9.5, 1), (10, 59.5, 2), (60, 599, 5), (600, 660, 10)):
            at = [age for age in ages if begin - 0.5 <= age <= end + 0.5]
            assert [b - a for a, b in itertools.pairwise(at)] == pytest.approx(
                [interval] * (len(at) - 1), abs=0.06
            )
        # SPEC 7.1: so many frames so far, the first included
        assert [sum(age < until + 0.5 for age in ages) for until in (10, 60, 600)] == [11, 36, 144]
        counters = [heard.counter for heard, _ in worn.incidents()]
        assert counters == list(range(counters[0], counters[0] + len(counters)))


@pytest.mark.slow
@pytest.mark.parametrize(("op", "frames"), [(STORED, 31), (DELIVERED, 13)])
def test_a_gateway_slows_the_refresh_and_does_not_stop_it(
    tmp_path: Path, op: int, frames: int
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = op
        worn.start()
        worn.raise_alert()
        worn.world.run_for(60)
        assert len(worn.incidents()) == pytest.approx(frames, abs=1)
        worn.world.run_for(180)
        assert worn.device.power is Power.RUNNING
        late = worn.incidents(worn.now_us - 30 * SECOND_US)
        assert late, "only a person stops it"
        said = ["sent", "received"] + ["stored_only"] * 4 * (op == STORED)
        assert worn.felt() == said


@pytest.mark.parametrize("op", [ACKNOWLEDGED, CLOSED])
def test_a_person_stops_it(tmp_path: Path, op: int) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = op
        worn.start()
        worn.raise_alert()
        assert worn.feels("help", 5)
        assert worn.sleeps(10)
        felt = [message.felt for _, message in worn.incidents()]
        assert felt == [NONE, ACKNOWLEDGED]
        worn.world.run_for(120)
        assert len(worn.incidents()) == 2


def test_pressed_again_it_is_the_same_incident(tmp_path: Path) -> None:
    with Worn(tmp_path) as worn:
        worn.gateway.answer_op = STORED
        worn.start()
        worn.raise_alert()
        assert worn.feels("received", 10)
        worn.world.run_for(30)
        again_us = worn.raise_alert()
        assert worn.feels("sent", 2, again_us)
        assert worn.feels("received", 10, again_us)
        firsts = {(heard.counter >> 4) - message.block for heard, message in worn.incidents()}
        assert len(firsts) == 1


def ignored(worn: Worn, answer: Callable[[], None]) -> None:
    """Raise an alert, let several frames pass, and expect that `answer` is not felt."""
    worn.start()
    worn.raise_alert()
    worn.world.run_for(8)
    answer()
    worn.world.run_for(4)
    assert worn.felt() == ["sent", "not_received"] or worn.felt() == ["sent"]
    worn.gateway.answer_op = ACKNOWLEDGED
    assert worn.feels("help", 5), "the true answer still counts"


def test_ack_for_older_than_the_last_four_is_ignored(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        ignored(
            worn, lambda: worn.gateway.answer(ACKNOWLEDGED, worn.incidents()[-5][0].counter, 0.9)
        )


def test_ack_for_one_of_the_last_four_counts(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start()
        worn.raise_alert()
        worn.world.run_for(8)
        worn.gateway.answer(ACKNOWLEDGED, worn.incidents()[-3][0].counter)
        assert worn.feels("help", 2)

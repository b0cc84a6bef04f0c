"""The search piece by piece: what waits, what leaves first, what collides, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Received
from gateway.frames.hint_comb import EVERY, FIRST_FOUR, STARTS, WHOLE, Comb, hint_number
from gateway.frames.search import RECOGNISED_MAX, Search
from gateway.frames.search_track import outward
from gateway.frames.unresolved import OF_ONE_HINT, Unresolved
from gateway.tests.builders import device
from gateway.tests.sweeping import (
    NOW,
    WITH_AES_S,
    Site,
    alert,
    flood,
    heard,
    heartbeat,
    measure,
)
from protocol.aes import Aes
from protocol.bulk import hint_blocks
from protocol.constants import COUNTER_LIMIT, UP

WEEKEND_S = 60 * 3600.0
COMBS = pytest.mark.parametrize("comb", [EVERY, FIRST_FOUR, STARTS])


def unknown(number: int, hint: int | None = None, radio: str = "head", at: float = 0.0) -> Received:
    frame = (number if hint is None else hint).to_bytes(4, "big") + number.to_bytes(11, "big")
    return heard(frame, at, radio)


@COMBS
@pytest.mark.parametrize("counter", [0, 70_000, 2**24 + 5, COUNTER_LIMIT - 1])
def test_a_comb_makes_the_hints_of_its_counters(comb: Comb, counter: int) -> None:
    aes = Aes(bytes(16))
    first = comb.first_of(counter)
    hints = comb.hints(aes, first, WHOLE)
    for tooth in (0, 1, 17, 255):
        block = hint_blocks(aes, UP, first + comb.offsets[tooth], 1)
        assert hints[tooth] == hint_number(block)
    assert comb.hints(aes, first, range(3, 9)) == hints[3:9]


@COMBS
@given(begin=st.integers(0, 9000), length=st.integers(0, 9000))
def test_teeth_are_those_among_the_counters(comb: Comb, begin: int, length: int) -> None:
    counters = range(begin, begin + length)
    first = comb.first_of(4100)
    teeth = comb.teeth(counters, first)
    assert list(teeth) == [tooth for tooth, at in enumerate(comb.offsets) if first + at in counters]


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 59))
def test_outward_goes_everywhere_once_and_never_nearer(start: int, length: int, at: int) -> None:
    places = range(start, start + length)
    centre = places[at % length]
    way = [outward(step, centre, places) for step in range(length)]
    assert sorted(way) == list(places)
    distances = [abs(place - centre) for place in way]
    assert distances == sorted(distances)


def test_the_oldest_leaves_first_unless_heard_again() -> None:
    waiting = Unresolved(frames_max=3)
    for number in (1, 2, 3, 1, 4):
        waiting.put(unknown(number))
    assert [bool(waiting.of_hint(hint_number(n.to_bytes(4, "big")))) for n in (1, 2, 3, 4)] == [
        True,
        False,
        True,
        True,
    ]
    assert len(waiting) == 3


def test_a_flood_at_one_radio_evicts_nothing_of_another() -> None:
    waiting = Unresolved(frames_max=100)
    rare = [heard(bytes([n]) * 15, 0.0, "quiet") for n in range(40)]
    for received in rare:
        waiting.put(received)
    for frame, _ in zip(flood(6), range(10_000), strict=False):
        waiting.put(heard(frame, 1.0, "flooded"))
    assert len(waiting) == 100
    assert all(waiting.of_hint(hint_number(received.frame)) for received in rare)


def test_frames_are_let_go_after_a_while_and_nothing_is_left_of_them() -> None:
    waiting = Unresolved()
    for number in range(10):
        waiting.put(unknown(number, at=float(number)))
    waiting.drop_before(7.0)
    assert len(waiting) == 3
    waiting.drop_before(99.0)
    assert len(waiting) == len(waiting.hints) == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from("ab"))))
def test_the_set_is_bounded_and_its_index_true(puts: list[tuple[int, int, str]]) -> None:
    waiting = Unresolved(frames_max=8)
    for number, hint, radio in puts:
        waiting.put(unknown(number, hint, radio))
        shown = [one for h in list(waiting.hints) for one in waiting.of_hint(h)]
        assert len(shown) == len(waiting) <= 8
        assert all(len(waiting.of_hint(h)) <= OF_ONE_HINT for h in waiting.hints)
        assert waiting.of_hint(hint_number(hint.to_bytes(4, "big")))


def test_copies_of_a_hint_do_not_hide_the_frame_they_were_copied_from() -> None:
    site = Site()
    wearer = site.enrol("a", 100)
    genuine = heartbeat(wearer, 3000)
    for number in range(50):  # all of them before it was heard once
        site.hear(genuine[:4] + number.to_bytes(11, "big"))
    assert len(site.search) == OF_ONE_HINT
    site.hear(genuine)  # refused: but its hint is known from the next sweep on
    site.run(0.2)
    assert site.accepted == []
    assert site.hear(genuine) is not None


def test_copies_of_an_expected_hint_cost_a_tag_check_and_delay_nobody() -> None:
    site = Site()
    wearer = site.enrol("a", 100, WEEKEND_S)
    site.run(0.1)
    first = 1024
    genuine = alert(wearer, first, first)
    site.blocks = 0
    for number in range(2000):
        site.hear(genuine[:4] + number.to_bytes(11, "big"))
    assert site.blocks < 1024  # the chunk is made once
    assert site.hear(genuine) is not None


def test_hints_that_collide_are_all_tried() -> None:
    site = Site()
    wearers = {name: site.enrol(name, 100) for name in ("a", "b", "c")}
    for name in ("b", "c"):  # every hint of theirs is one of a's
        site.search._tracks[name].device.keys.up_hint = wearers["a"].keys.up_hint
    hint = heartbeat(wearers["a"], 5000)[:4]
    for name in ("c", "a", "b"):
        site.hear(hint + heartbeat(wearers[name], 5000)[4:])
    site.run(2.0)
    assert sorted(name for _, name, _ in site.accepted) == ["a", "b", "c"]


def test_a_hint_expected_of_two_devices_resolves_both() -> None:
    site = Site()
    wearers = {name: site.enrol(name, 100, WEEKEND_S) for name in ("a", "b")}
    site.search._tracks["b"].device.keys.up_hint = wearers["a"].keys.up_hint
    site.run(0.1)
    hint = heartbeat(wearers["a"], 1024)[:4]
    for name in ("a", "b"):
        site.hear(hint + heartbeat(wearers[name], 1024)[4:])
    site.run(1.0)
    assert sorted(name for _, name, _ in site.accepted) == ["a", "b"]


def test_a_clone_below_the_highest_is_found_and_followed() -> None:
    site = Site()
    clone = site.enrol("a", 5000)
    accepted = heartbeat(clone, 5900)
    site.hear(accepted)
    site.run(1.0)
    site.hear(alert(clone, 5312, 5312))
    site.run(0.5)
    assert site.hear(alert(clone, 5313, 5312)) is not None  # at once
    assert [counter for _, _, counter in site.accepted] == [5900, 5312, 5313]


def test_whatever_a_sweep_finds_is_known_when_it_returns() -> None:
    """Replays from far below, each of which makes 32 hints known, evict no other that was found."""
    site = Site()
    for number in range(60):
        replayed = site.enrol(f"button-{number}", 5000)
        for counter in range(4000, 4900, 32):
            site.search.put(heard(heartbeat(replayed, counter)))
    found = 0
    while len(site.search):
        sweep = site.search.sweep(NOW, 10.0, site.clock)
        assert sweep
        assert all(site.search.first(one.frame[:4]) is not None for one in sweep)
        found += len(sweep)
    assert found == 60 * len(range(4000, 4900, 32))


def test_a_removed_device_is_neither_expected_nor_searched_for() -> None:
    site = Site()
    wearer = site.enrol("a", 100, WEEKEND_S)
    site.run(0.1)
    assert site.search.expecting > 0
    site.search.remove("a")
    assert site.search.expecting == 0
    assert site.search.first(alert(wearer, 1024, 1024)[:4]) is None


def test_a_device_heard_again_is_expected_here_no_more() -> None:
    site = Site()
    wearer = site.enrol("a", 100, WEEKEND_S)
    site.run(0.1)
    site.hear(alert(wearer, 1024, 1024))
    site.run(0.1)
    assert site.search.expecting == 0


def test_what_is_expected_moves_with_time() -> None:
    site = Site()
    wearer = site.enrol("a", 100)
    site.run(0.1)
    assert site.search.expecting == 0
    site.search.sweep(NOW + 90 * 86_400, 1.0, lambda: 1000.0)
    counter = 16 * ((100 + 90 * 288) // 16)
    assert site.search.first(alert(wearer, counter, counter)[:4]) is not None


def test_a_clock_that_went_back_expects_what_is_near() -> None:
    site = Site()
    wearer = site.enrol("a", 100, silent_s=-3600.0)
    site.run(0.1)
    assert site.search.first(alert(wearer, 320, 320)[:4]) is not None


def test_memory_is_bounded_whatever_is_silent_and_whatever_is_heard() -> None:
    search = Search(expected_max=1000)
    for number in range(20):
        search.add(device(f"button-{number}", number.to_bytes(16, "big")), 100, NOW - 180 * 86_400)
    clock = iter(range(10_000))
    for _ in range(30):
        search.sweep(NOW, 50.0, lambda: float(next(clock)))
    assert 0 < search.expecting <= 1000
    site = Site()
    wearer = site.enrol("a", 100, WEEKEND_S)
    for counter in range(400, 400 + 4 * RECOGNISED_MAX):
        site.search._test(site.search._tracks["a"], EVERY, EVERY.first_of(counter), range(1))
        site.search.first(heartbeat(wearer, counter)[:4])
    assert len(site.search._recognised) <= RECOGNISED_MAX


def test_a_longer_unit_of_work_is_paid_back() -> None:
    site = Site(block_s=100 * WITH_AES_S)  # one span takes six times the budget of a call
    wearer = site.enrol("a", 100)
    site.hear(heartbeat(wearer, 90_000))
    site.run(4.0)
    assert site.blocks * site.clock.block_s <= 0.1 * site.clock.now + 512 * site.clock.block_s


def test_the_figures_of_a_sweep_can_be_measured() -> None:
    figures = measure(aes_instructions=False, spans=2, unknown=2)
    assert figures.us_a_counter > 0
    assert figures.us_an_unknown_frame > 0

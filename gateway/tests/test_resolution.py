"""Resolution under load, on virtual time: who was silent for long is found, whoever floods the air."""

import random

import pytest

from gateway.tests.sweeping import (
    NOW,
    TICK_S,
    WITH_AES_S,
    WITHOUT_AES_S,
    Site,
    alert,
    flood,
    heartbeat,
    silent_weekend,
)
from protocol.identity import next_first

COSTS = pytest.mark.parametrize("block_s", [WITH_AES_S, WITHOUT_AES_S], ids=["aes", "no_aes"])
WEEKEND_S = 60 * 3600.0
FLOOD_A_TICK = 100  # 10,000 a second


def first_alerts(site: Site, *, lost: float) -> dict[str, float]:
    """Let everybody press within 1.5 s of the start; return the seconds from press to resolved."""
    source = random.Random(5)
    presses = {}
    due: list[tuple[float, bytes]] = []
    for number, (gone, at) in enumerate(silent_weekend(1)):
        name = f"button-{number}"
        highest = source.randrange(1_000_000)
        wearer = site.enrol(name, highest, WEEKEND_S)
        first = next_first(highest + gone)
        presses[name] = at
        due += [(at + n, alert(wearer, first + n, first)) for n in range(6)]
    due = [one for one in sorted(due) if source.random() >= lost]
    noise = flood(2)
    for tick in range(900):
        for _ in range(FLOOD_A_TICK):
            site.hear(next(noise))
        while due and due[0][0] <= tick * TICK_S:
            site.hear(due.pop(0)[1])
        site.tick()
        if len({name for _, name, _ in site.accepted}) == len(presses):
            break
    resolved: dict[str, float] = {}
    for at, name, _ in site.accepted:
        resolved.setdefault(name, at - presses[name])
    return resolved


@pytest.mark.parametrize(
    "block_s",
    [
        pytest.param(WITH_AES_S, marks=pytest.mark.slow, id="aes"),
        pytest.param(WITHOUT_AES_S, id="no_aes"),
    ],
)
def test_the_first_alert_of_1000_devices_after_60_h_is_found_within_5_s_of_flood(
    block_s: float,
) -> None:
    site = Site(block_s)
    resolved = first_alerts(site, lost=0.1)
    assert len(resolved) == 1000
    assert max(resolved.values()) <= 5.0
    assert site.search.expecting < 1 << 18
    assert len(site.search) <= 16_384


@COSTS
@pytest.mark.parametrize("waiting", [0, 16_384])
def test_a_sweep_keeps_to_its_budget_whatever_waits(block_s: float, waiting: int) -> None:
    site = Site(block_s)
    for number in range(50):
        site.enrol(f"button-{number}", 1000, WEEKEND_S)
    for frame, _ in zip(flood(3), range(waiting), strict=False):
        site.hear(frame)
    site.blocks = 0
    site.run(1.0)
    assert site.blocks * block_s <= 0.1 * 1.0 + 512 * block_s
    assert site.longest_sweep_s <= 0.1 * TICK_S + 512 * block_s  # no unit of work is longer here


def test_nothing_is_computed_while_nothing_waits() -> None:
    site = Site()
    site.enrol("a", 1000, WEEKEND_S)
    site.run(1.0)
    site.blocks = 0
    site.run(1.0)
    assert site.blocks == 0


@COSTS
@pytest.mark.parametrize(("heartbeat_s", "gone"), [(900, 17_300), (300, 52_000), (300, 49_500)])
def test_a_device_silent_for_six_months_is_found_at_its_first_heartbeat(
    block_s: float, heartbeat_s: int, gone: int
) -> None:
    site = Site(block_s, heartbeat_s)
    for number in range(20):
        site.enrol(f"heard-{number}", 500)
    wearer = site.enrol("lost", 100, 180 * 86_400.0)
    site.hear(heartbeat(wearer, 100 + gone))
    site.run(2.0)
    assert [name for _, name, _ in site.accepted] == ["lost"]


@COSTS
def test_10_000_unheard_refreshes_are_caught_up_with(block_s: float) -> None:
    site = Site(block_s)
    for number in range(99):
        site.enrol(f"heard-{number}", 500)
    wearer = site.enrol("away", 100, 20 * 3600.0)
    site.hear(heartbeat(wearer, 10_117))
    site.run(5.0)
    assert [counter for _, _, counter in site.accepted] == [10_117]


def test_an_unheard_alert_of_a_device_just_heard_is_caught_up_with_under_flood() -> None:
    site = Site()
    wearers = [site.enrol(f"button-{n}", 500, 2400.0) for n in range(100)]
    site.run(0.5)
    noise = flood(4)
    frame = alert(wearers[70], 512 + 330, 512)
    for tick in range(160):
        for _ in range(FLOOD_A_TICK):
            site.hear(next(noise))
        if tick == 10:
            site.hear(frame)
        site.tick()
    assert [counter for _, _, counter in site.accepted] == [842]


@pytest.mark.parametrize("ahead", [1, 129, 1000, 65_536, 2**20 - 300, 2**20])
def test_every_counter_up_to_2_20_above_the_highest_is_found(ahead: int) -> None:
    site = Site()
    wearer = site.enrol("a", 5000)
    site.hear(heartbeat(wearer, 5000 + ahead))
    site.run(8.0)
    assert [counter for _, _, counter in site.accepted] == [5000 + ahead]


def test_nothing_further_is_looked_for() -> None:
    site = Site()
    wearer = site.enrol("a", 5000)
    site.hear(heartbeat(wearer, 5001 + 2**20))
    site.run(6.0)
    assert site.accepted == []


def test_first_contact_is_found_from_the_date_of_the_counter() -> None:
    site = Site()
    wearer = site.enrol("from-elsewhere", 40, 90 * 86_400.0)
    site.run(0.1)
    first = next_first(41 + 90 * 288)
    assert site.hear(alert(wearer, first, first)) is not None  # at once: it was expected


def test_a_mark_from_another_gateway_moves_the_search_and_no_window() -> None:
    site = Site()
    wearer = site.enrol("a", 40)
    window = site.states["a"].window.to_bytes()
    site.search.mark("a", 700_000, NOW)
    site.run(0.1)
    assert site.states["a"].window.to_bytes() == window
    assert site.hear(alert(wearer, 700_016, 700_016)) is not None


@pytest.mark.parametrize("mark", [0, 2**20, 2**30 - 1])
def test_a_wrong_mark_hides_nothing_and_is_given_up_once_the_device_was_heard(mark: int) -> None:
    site = Site()
    wearer = site.enrol("a", 40)
    site.search.mark("a", mark, NOW)
    site.hear(heartbeat(wearer, 5000))
    site.run(8.0)
    assert site.hear(heartbeat(wearer, 5001)) is not None
    site.hear(heartbeat(wearer, 9000))
    site.run(0.5)
    assert [counter for _, _, counter in site.accepted] == [5000, 5001, 9000]

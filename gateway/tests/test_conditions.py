"""Old firmware and weak links."""

import pytest

from gateway.frames.told import Told
from gateway.ledger import Committed, Ledger
from gateway.tests.builders import DEVICE, ledger
from gateway.watching.conditions import Conditions
from gateway.watching.link_quality import FRAMES, Weak, weak


def heard(known: Ledger, watcher: Conditions, *, build: int | None = None, dbm: int = -60) -> None:
    batch = known.batch(0.0, 1.0)
    state = batch.draft(DEVICE)
    state.told = Told(build=build)
    state.signs = state.signs.heard("ble", dbm)
    assert watcher.judge(batch) == float("inf")
    known.adopt(Committed(batch, 0.0))


@pytest.mark.parametrize(
    ("newest", "build", "old"),
    [(9, 8, True), (9, 9, False), (9, 10, False), (130, 1, True), (130, 2, False), (0, 1, False)],
)
def test_a_build_below_the_newest_is_old_and_the_seven_bits_go_round(
    newest: int, build: int, *, old: bool
) -> None:
    known, watcher = ledger(), Conditions(newest, Weak())
    heard(known, watcher)
    assert known.standing == {}, "nothing was told"
    heard(known, watcher, build=build)
    assert bool(known.standing) == old


def test_an_update_ends_it() -> None:
    known, watcher = ledger(), Conditions(9, Weak())
    heard(known, watcher, build=8)
    heard(known, watcher, build=9)
    assert known.standing == {}


def test_a_link_is_weak_by_its_median_and_better_only_6_db_above() -> None:
    known, watcher = ledger(), Conditions(0, Weak(ble_dbm=-88))
    for dbm in (-60, -95, -60, -95, -60, -95, -60, -95, -60):
        heard(known, watcher, dbm=dbm)
    assert known.standing == {}
    for _ in range(5):
        heard(known, watcher, dbm=-92)
    assert list(known.standing) == [(DEVICE, "weak_link")]
    for _ in range(FRAMES):
        heard(known, watcher, dbm=-84)
    assert known.standing, "better, and not well"
    for _ in range(5):
        heard(known, watcher, dbm=-80)
    assert known.standing == {}


def test_another_medium_begins_anew() -> None:
    known = ledger()
    signs = known.states[DEVICE].signs
    for _ in range(FRAMES):
        signs = signs.heard("ble", -95)
    assert weak(signs.heard_dbm, -88, was_weak=False)
    signs = signs.heard("lora", -110)
    assert signs.heard_dbm == (-110,)
    assert weak(signs.heard_dbm, -122, was_weak=False) is None
    assert Weak().limit_dbm("lora") == -122

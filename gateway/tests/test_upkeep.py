"""The store is looked after while the gateway runs, and what befell it is told until it is over."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from gateway.disk import journal
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.rebuild import LOG_LOST, Rebuilt
from gateway.disk.retention import Retention
from gateway.disk.store import Store
from gateway.disk.upkeep import Upkeep
from gateway.drafts import Entry
from gateway.events import Event, Fault, Restore
from gateway.frames.doubt import Doubt
from gateway.gateway_clock import GatewayClock
from gateway.ledger import Ledger
from gateway.tests.builders import DEVICE, ledger

Said = list[tuple[type, str, str]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    GatewayKey.make(tmp_path)
    store = Store(tmp_path / "db", ())
    await store.open()
    yield store
    await store.close()


def upkeep(folder: Path, store: Store, said: Said, *, trusted: bool = True) -> Upkeep:
    def post(event: Event) -> None:
        assert isinstance(event, Fault | Restore)
        said.append((type(event), event.source, event.code))

    return Upkeep(folder, store, Retention(), GatewayClock(trusted=trusted), post)


async def test_what_befell_the_store_is_told_until_no_counter_is_in_doubt(
    tmp_path: Path, store: Store
) -> None:
    said: Said = []
    keeper, known = upkeep(tmp_path, store, said), ledger()
    keeper.started(Rebuilt("SQLITE_CORRUPT", None, 1, 0, 0, 0), 0)
    assert (Fault, "store", "damaged") in said
    known.states[DEVICE].doubt = Doubt(5)
    await keeper.look(known)
    assert (Restore, "store", "damaged") not in said
    known.states[DEVICE].window.accept(4)
    await keeper.look(known)
    assert (Restore, "store", "damaged") in said


@pytest.mark.parametrize("rebuilt", [None, Rebuilt(LOG_LOST, None, 1, 0, 0, 0)])
async def test_a_database_that_is_behind_is_told(
    tmp_path: Path, store: Store, rebuilt: Rebuilt | None
) -> None:
    said: Said = []
    upkeep(tmp_path, store, said).started(rebuilt, 3)
    assert said == [(Fault, "store", "behind"), (Restore, "gateway", "key_exposed")]


async def test_a_key_that_others_may_read_is_told(tmp_path: Path, store: Store) -> None:
    said: Said = []
    for mode in (0o644, 0o600):
        (tmp_path / "gateway.key").chmod(mode)
        upkeep(tmp_path, store, said).started(None, 0)
    assert said == [(Fault, "gateway", "key_exposed"), (Restore, "gateway", "key_exposed")]


async def test_room_is_held_back_and_told_where_it_cannot_be(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: Said = []
    keeper = upkeep(tmp_path, store, said)
    await keeper.look(Ledger())
    assert store.ballast.laid
    assert (Restore, "store", "no_reserve") in said
    store.ballast.drop()
    for laid, told in ((False, Fault), (True, Restore)):
        monkeypatch.setattr(store.ballast, "lay", partial(bool, laid))
        await keeper.look(Ledger())
        assert (told, "store", "no_reserve") == [one for one in said if one[2] == "no_reserve"][-1]


@pytest.mark.parametrize(("trusted", "erased"), [(True, 1), (False, 0)])
async def test_terms_end_only_by_a_clock_that_is_believed(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, *, trusted: bool, erased: int
) -> None:
    monkeypatch.setattr("gateway.gateway_clock.synchronized", lambda: False)
    entry = Entry("raised", 5.0, None, DEVICE, {})
    await store.change(lambda found: journal.append(found, [entry], 5.0))
    await upkeep(tmp_path, store, [], trusted=trusted).look(Ledger())
    assert (await store.read(journal.verify)).erased == erased

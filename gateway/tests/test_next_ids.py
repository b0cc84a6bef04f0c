"""An id made ahead is the one that would be made on the way, and never that of another key."""

import pytest

from gateway.cases import next_ids
from gateway.cases.next_ids import NextIds
from gateway.tests.builders import KEY, device
from protocol.constants import COUNTER_LIMIT
from protocol.identity import incident_id


@pytest.mark.parametrize("highest", [-1, 0, 14, 15, 16, 4_711, COUNTER_LIMIT - 1])
def test_the_id_is_that_of_the_key_and_the_first_counter(highest: int) -> None:
    known, one = NextIds(), device()
    known.make(one, highest)
    for first in (0, 16, 32, 4_720):
        assert known.id_of(one, first) == incident_id(one.keys, first).hex()


def test_the_next_incident_costs_no_aes(monkeypatch: pytest.MonkeyPatch) -> None:
    known, one = NextIds(), device()
    known.make(one, 20)
    expected = incident_id(one.keys, 32).hex()
    monkeypatch.setattr(next_ids, "incident_id", None)
    known.make(one, 25)
    assert known.id_of(one, 32) == expected


def test_a_device_with_a_new_key_has_other_incidents() -> None:
    known, before, after = NextIds(), device(), device(key=bytes(reversed(KEY)))
    known.make(before, 20)
    assert known.id_of(after, 32) == incident_id(after.keys, 32).hex()
    known.make(after, 20)
    assert known.id_of(after, 32) == incident_id(after.keys, 32).hex()
    known.forget(after.id)
    assert known.id_of(after, 32) == incident_id(after.keys, 32).hex()

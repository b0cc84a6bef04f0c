import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Malformed
from protocol.identity import first_counter, incident_id, next_first
from protocol.keys import Keys


@given(st.integers(0, (1 << 30) - 2000), st.integers(0, 1023))
def test_any_frame_of_an_incident_names_its_first(next_counter: int, age: int) -> None:
    first = next_first(next_counter)
    assert first % 16 == 0
    assert next_counter <= first < next_counter + 16
    counter = first + age
    assert first_counter(counter, (counter >> 4) - (first >> 4)) == first


@given(st.integers(0, 1008), st.integers(1, 63))
def test_block_before_the_first_counter_is_malformed(counter: int, beyond: int) -> None:
    with pytest.raises(Malformed):
        first_counter(counter, (counter >> 4) + beyond)


def test_id_depends_on_device_and_counter() -> None:
    ids = {incident_id(Keys(bytes([n] * 16)), first) for n in (1, 2) for first in (0, 16, 32)}
    assert len(ids) == 6
    assert {len(each) for each in ids} == {16}

from gateway.frames.hearing import LISTENS_S, Back, Hearing
from gateway.tests.builders import DEVICE, received


def test_each_medium_has_a_way_back_by_the_radio_that_heard_last() -> None:
    hearing = Hearing()
    for at, radio, medium in ((1.0, "a", "ble"), (2.0, "b", "lora"), (3.0, "c", "ble")):
        hearing.note(DEVICE, received(b"", at, radio, medium))
    assert hearing.ways(DEVICE) == [Back("c", "ble", 3.0), Back("b", "lora", 2.0)]
    assert hearing.ways("another") == []


def test_what_a_search_found_late_is_no_way_back() -> None:
    hearing = Hearing()
    hearing.note(DEVICE, received(b"", 9.0, "a"))
    hearing.note(DEVICE, received(b"", 5.0, "b"))
    assert hearing.ways(DEVICE) == [Back("a", "ble", 9.0)]


def test_a_medium_not_heard_for_long_is_left_out() -> None:
    hearing = Hearing()
    hearing.note(DEVICE, received(b"", 0.0, "a", "lora"))
    hearing.note(DEVICE, received(b"", LISTENS_S, "b"))
    assert len(hearing.ways(DEVICE)) == 2
    hearing.note(DEVICE, received(b"", LISTENS_S + 0.1, "b"))
    assert [back.medium for back in hearing.ways(DEVICE)] == ["ble"]

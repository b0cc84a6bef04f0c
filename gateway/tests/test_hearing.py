from gateway.frames.hearing import LISTENS_S, SAME_FRAME_S, Back, Hearing
from gateway.tests.builders import DEVICE, received


def test_every_radio_of_ble_is_a_way_back_and_the_channel_of_lora_is_one() -> None:
    hearing = Hearing()
    for at, radio, medium, rssi in (
        (1.0, "a", "ble", -80),
        (2.0, "b", "lora", -100),
        (3.0, "c", "ble", -70),
        (4.0, "d", "lora", -110),
    ):
        hearing.note(DEVICE, received(b"", at, radio, medium, rssi))
    assert [(back.radio, back.medium) for back in hearing.ways(DEVICE)] == [
        ("c", "ble"),
        ("a", "ble"),
        ("d", "lora"),
    ]
    assert hearing.ways("another") == []


def test_of_the_copies_of_a_frame_by_lora_the_best_is_the_way_back() -> None:
    hearing = Hearing()
    for radio, rssi, at in (("a", -100, 1.0), ("b", -80, 1.1), ("c", -90, 1.2)):
        hearing.note(DEVICE, received(b"", at, radio, "lora", rssi))
    assert [back.radio for back in hearing.ways(DEVICE)] == ["b"]
    hearing.note(DEVICE, received(b"", 1.1 + SAME_FRAME_S, "c", "lora", -90))
    assert [back.radio for back in hearing.ways(DEVICE)] == ["c"]


def test_the_newest_of_equals_is_first() -> None:
    hearing = Hearing()
    for at, radio in ((1.0, "a"), (2.0, "b")):
        hearing.note(DEVICE, received(b"", at, radio))
    assert [back.radio for back in hearing.ways(DEVICE)] == ["b", "a"]


def test_what_a_search_found_late_is_no_way_back() -> None:
    hearing = Hearing()
    hearing.note(DEVICE, received(b"", 9.0, "a"))
    hearing.note(DEVICE, received(b"", 5.0, "a", rssi=-50))
    assert hearing.ways(DEVICE) == [Back("a", "ble", 9.0, rssi=-60)]


def test_a_medium_not_heard_for_long_is_left_out() -> None:
    hearing = Hearing()
    hearing.note(DEVICE, received(b"", 0.0, "a", "lora"))
    hearing.note(DEVICE, received(b"", LISTENS_S, "b"))
    assert len(hearing.ways(DEVICE)) == 2
    hearing.note(DEVICE, received(b"", LISTENS_S + 0.1, "b"))
    assert [back.medium for back in hearing.ways(DEVICE)] == ["ble"]

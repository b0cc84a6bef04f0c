"""NVS: a write is old or new, never a mix; pages wear evenly; what it cannot read it erases in silence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.virtual.flash import ENTRIES, ESP_FAIL, NOT_ENOUGH_SPACE, Nvs, NvsError, entries
from tools.virtual.tests.scripted import Scripted

OLD, NEW = b"o" * 25, b"n" * 25


def test_values_take_the_entries_that_esp_idf_says() -> None:
    assert [entries(value) for value in (5, b"", b"x" * 32, b"x" * 33)] == [1, 2, 3, 4]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.binary(max_size=300)), max_size=400))
def test_what_was_written_last_is_read_whatever_was_collected(
    writes: list[tuple[str, bytes]],
) -> None:
    nvs = Nvs()
    for key, value in writes:
        nvs.set("space", key, "blob", value)
    expected = dict(writes)
    assert {key: nvs.get("space", key, "blob") for key in expected} == expected
    assert sum(page.used for page in nvs.pages) <= ENTRIES * (len(nvs.pages) - 1)


def test_writing_one_value_for_ever_wears_all_pages_alike() -> None:
    nvs = Nvs()
    for number in range(10_000):
        nvs.set("space", "key", "blob", number.to_bytes(25, "big"))
    wear = nvs.wear()
    assert sum(wear) == pytest.approx(10_000 * 3 / ENTRIES, rel=0.02)
    assert max(wear) - min(wear) <= 1


def test_a_value_that_is_there_is_not_written_again() -> None:
    nvs = Nvs()
    assert nvs.set("space", "key", "i32", 7)
    assert not nvs.set("space", "key", "i32", 7)
    assert nvs.writes == 1


def test_full_of_living_values_it_refuses_more_and_keeps_what_it_has() -> None:
    nvs = Nvs()
    room = (ENTRIES // entries(bytes(400))) * 5
    for number in range(room):
        nvs.set("space", f"k{number}", "blob", bytes(400))
    with pytest.raises(NvsError) as refusal:
        nvs.set("space", "more", "blob", bytes(400))
    assert refusal.value.code == NOT_ENOUGH_SPACE
    assert all(nvs.get("space", f"k{number}", "blob") == bytes(400) for number in range(room))


def test_written_by_a_newer_version_it_is_erased_at_boot_and_nobody_is_told(
    tmp_path: Path,
) -> None:
    source = (
        "from esp32 import NVS\n"
        "try:\n"
        "    print(NVS('space').get_blob('key', bytearray(40)))\n"
        "except OSError as error:\n"
        "    print(error.args[0])\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.nvs.set("space", "key", "blob", OLD)
        board.nvs.set("other", "key", "i32", 1)
        board.power_on()
        scripted.world.run_for(1)
        board.power_cut()
        board.nvs.of_newer_version = True
        board.power_on()
        scripted.world.run_for(1)
        assert scripted.printed() == ["25", str(-0x1102)]
        assert board.nvs.silent_erases == 1
        assert board.nvs.get("other", "key", "i32") is None


def test_a_write_that_fails_says_so_and_changes_nothing(tmp_path: Path) -> None:
    source = (
        "from esp32 import NVS\n"
        "nvs = NVS('space')\n"
        "for value in (b'one', b'two', b'three'):\n"
        "    try:\n"
        "        nvs.set_blob('key', value)\n"
        "    except OSError as error:\n"
        "        print(error.args[0])\n"
        "buffer = bytearray(5)\n"
        "print(nvs.get_blob('key', buffer), bytes(buffer))\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.nvs.fail = [ESP_FAIL, NOT_ENOUGH_SPACE]
        board.power_on()
        scripted.world.run_for(1)
        assert scripted.printed() == ["1", str(-0x1105), "5 b'three'"]


WRITES = (
    "from esp32 import NVS\n"
    "import time\n"
    "NVS('space').set_blob('key', b'n' * 25)\n"
    "print('written', time.ticks_ms())\n"
    "time.sleep(10)\n"
)


def test_a_write_takes_milliseconds_and_a_cut_in_it_leaves_old_or_new(tmp_path: Path) -> None:
    left: set[object] = set()
    with Scripted(tmp_path) as scripted:
        board = scripted.board(WRITES)
        for _ in range(24):
            board.nvs.set("space", "key", "blob", OLD)
            board.power_on()
            scripted.world.run_for(0.351)  # a millisecond into the write
            board.power_cut()
            left.add(board.nvs.get("space", "key", "blob"))
            assert scripted.printed() == []
    assert left == {OLD, NEW}


def test_after_the_write_has_returned_a_cut_takes_nothing_back(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        board = scripted.board(WRITES)
        board.nvs.set("space", "key", "blob", OLD)
        board.power_on()
        assert scripted.world.run_until(lambda: bool(scripted.printed()), 1)
        board.power_cut()
        assert board.nvs.get("space", "key", "blob") == NEW
        word, ms = scripted.printed()[0].split()
        assert word == "written"
        assert 352 <= int(ms) <= 358

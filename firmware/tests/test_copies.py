from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.copies import OVERHEAD, Copies

NAMES = ("one", "two")
COPIES = Copies(NAMES, 1, 64)


class Flash:
    """A storage whose writes can go wrong in the ways flash knows."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.written: list[str] = []
        self.spoil: Callable[[bytes], bytes] = bytes

    def read(self, key: str, longest: int) -> bytes:
        blob = self.blobs.get(key, b"")
        return blob if len(blob) <= longest else b""

    def write(self, key: str, blob: bytes) -> None:
        self.written.append(key)
        self.blobs[key] = self.spoil(blob)

    def put(self, data: bytes) -> bool:
        return COPIES.write(data, self.read, self.write)

    def newest(self) -> bytes | None:
        return COPIES.newest(self.read)


def test_nothing_was_ever_written() -> None:
    assert Flash().newest() is None


def test_writes_take_turns_and_the_newer_counts() -> None:
    flash = Flash()
    for data in (b"a", b"b", b"c"):
        assert flash.put(data)
        assert flash.newest() == data
    assert flash.written == ["one", "two", "one"]


@given(st.binary(max_size=20), st.integers(0, 8 * (OVERHEAD + 3) - 1))
def test_a_broken_copy_leaves_the_one_before(newer: bytes, bit: int) -> None:
    flash = Flash()
    flash.put(b"old")
    flash.put(newer)
    broken = bytearray(flash.blobs["two"])
    broken[bit // 8 % len(broken)] ^= 1 << bit % 8
    flash.blobs["two"] = bytes(broken)
    assert flash.newest() == b"old"
    assert flash.put(b"next")
    assert flash.written[-1] == "two", "the broken one is replaced, never the whole one"
    assert flash.newest() == b"next"


@pytest.mark.parametrize("spoil", [lambda blob: blob[:-1], lambda _blob: b""])
def test_a_write_that_did_not_take_is_noticed(spoil: Callable[[bytes], bytes]) -> None:
    flash = Flash()
    flash.put(b"old")
    flash.spoil = spoil
    assert not flash.put(b"new")
    assert flash.newest() == b"old"


def test_a_flash_that_refuses_is_noticed() -> None:
    flash = Flash()
    flash.put(b"old")

    def refuses(_key: str, _blob: bytes) -> None:
        raise OSError(-0x1105)

    assert not COPIES.write(b"new", flash.read, refuses)
    assert flash.newest() == b"old"


def test_another_version_is_no_copy() -> None:
    flash = Flash()
    flash.blobs["one"] = Copies(NAMES, 2, 64).pack(b"data", 9)
    assert flash.newest() is None


def test_both_broken_is_nothing_and_the_next_write_begins_anew() -> None:
    flash = Flash()
    flash.put(b"a")
    flash.put(b"b")
    flash.blobs = {"one": b"\xff" * 10, "two": b""}
    assert flash.newest() is None
    assert flash.put(b"c")
    assert flash.newest() == b"c"

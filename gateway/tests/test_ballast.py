"""Room is held back where there is plenty, and given back at once."""

import shutil
from pathlib import Path

import pytest

from gateway.disk.ballast import BYTES, Ballast
from gateway.tests.bench import small_disk


def test_it_takes_real_room_and_gives_it_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast")
    assert ballast.lay()
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= BYTES
    assert ballast.lay()
    assert ballast.drop()
    assert not ballast.laid
    assert not ballast.drop()


def test_where_there_is_little_room_it_takes_none(tmp_path: Path) -> None:
    with small_disk(tmp_path) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        assert not Ballast(tmp_path / "ballast").lay()
        assert shutil.disk_usage(tmp_path).used == 0


def test_a_start_takes_the_room_it_needs(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast")
    ballast.lay()
    ballast.make_way()
    assert ballast.laid
    with small_disk(tmp_path) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        (tmp_path / "ballast").write_bytes(bytes(500_000))
        ballast.make_way()
        assert not ballast.laid

"""The cache of guests: each built once, the one used before kept, others deleted, none that is in use."""

import os
from pathlib import Path

import pytest

from tools.virtual.guest import image
from tools.virtual.guest.image import DISK, INITRD, KERNEL


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache in which a guest is built at once."""

    def build(home: Path) -> None:
        home.mkdir()
        for name in (KERNEL, INITRD, DISK):
            (home / name).write_text(home.name)

    monkeypatch.setattr(image, "cache_home", lambda: tmp_path)
    monkeypatch.setattr(image, "_build_at", build)
    return tmp_path / "guest"


def older(cache: Path, name: str, used_at: float) -> Path:
    folder = cache / name
    folder.mkdir(parents=True)
    os.utime(folder, (used_at, used_at))
    return folder


def test_a_guest_takes_a_copy_of_its_own(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    laid = image.lay(folder, "bookworm")
    laid.disk.write_text("written on")
    assert image.obtain("bookworm").disk.read_text() == f"bookworm-{image.fingerprint()}"


def test_of_older_ones_the_one_used_last_is_kept(cache: Path) -> None:
    first, last = older(cache, "bookworm-1", 1.0), older(cache, "bookworm-2", 2.0)
    other = older(cache, "trixie-1", 1.0)
    begun = older(cache, "bookworm-3.building-x", 3.0)
    found = image.obtain("bookworm")
    assert found.folder.exists()
    assert (first.exists(), last.exists(), other.exists(), begun.exists()) == (0, 1, 1, 0)


def test_one_that_is_being_copied_is_left_alone(cache: Path) -> None:
    first = older(cache, "bookworm-1", 1.0)
    older(cache, "bookworm-2", 2.0)
    with image._alone(first):
        image.obtain("bookworm")
    assert first.exists()


def test_who_is_there_is_deleted_by_nobody_who_builds_nothing(cache: Path) -> None:
    image.obtain("bookworm")
    older(cache, "bookworm-1", 1.0)
    older(cache, "bookworm-2", 2.0)
    image.obtain("bookworm")
    assert (cache / "bookworm-1").exists()

"""The enrolment files beside the database: for their user alone, replaced whole, gone when forgotten."""

from pathlib import Path

from gateway.disk.enrolment_files import FOLDER, forget, keep


def test_kept_for_its_user_alone(tmp_path: Path) -> None:
    keep(tmp_path, "button-01", b"sealed")
    file = tmp_path / FOLDER / "button-01.age"
    assert file.read_bytes() == b"sealed"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700


def test_enrolled_again_it_is_replaced(tmp_path: Path) -> None:
    keep(tmp_path, "button-01", b"old")
    keep(tmp_path, "button-01", b"new")
    (file,) = (tmp_path / FOLDER).iterdir()
    assert file.read_bytes() == b"new"


def test_forgotten_it_is_gone_and_what_was_never_there_is_no_matter(tmp_path: Path) -> None:
    forget(tmp_path, "button-01")
    keep(tmp_path, "button-01", b"sealed")
    keep(tmp_path, "button-02", b"sealed")
    forget(tmp_path, "button-01")
    assert [file.name for file in (tmp_path / FOLDER).iterdir()] == ["button-02.age"]

"""Wheels are unpacked as they are imported, without what no gateway needs, and nowhere else."""

import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tools.package import wheels
from tools.package.lock import Pin
from tools.package.suites import ARCHES, SUITES, PackageFault


def wheel(folder: Path, *members: str) -> Path:
    path = folder / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in members:
            archive.writestr(name, name)
    return path


@pytest.mark.parametrize(
    ("member", "needed"),
    [
        ("thing/__init__.py", True),
        ("thing/core.cpython-311-x86_64-linux-gnu.so", True),
        ("thing/data.json", True),
        ("thing/testing.py", True),
        ("thing/tests/test_it.py", False),
        ("thing/core.pyx", False),
        ("thing/core.c", False),
        ("thing/core.pyi", False),
        ("thing-1.0.dist-info/METADATA", True),
        ("thing-1.0.dist-info/entry_points.txt", True),
        ("thing-1.0.dist-info/licenses/LICENSE.txt", True),
        ("thing-1.0.dist-info/licenses/vendor/COPYING", True),
        ("thing-1.0.dist-info/RECORD", False),
        ("thing-1.0.dist-info/WHEEL", False),
    ],
)
def test_what_is_needed_at_run_time_is_kept(member: str, needed: bool) -> None:
    assert wheels.is_needed(PurePosixPath(member)) is needed


def test_it_is_unpacked_and_its_licences_are_found(tmp_path: Path) -> None:
    info = "thing-1.0.dist-info"
    path = wheel(tmp_path, "thing/a.py", "thing/a.c", f"{info}/METADATA", f"{info}/LICENSE")
    wheels.unpack([path], tmp_path / "site")
    assert (tmp_path / "site/thing/a.py").read_text(encoding="utf-8") == "thing/a.py"
    assert not (tmp_path / "site/thing/a.c").exists()
    assert wheels.licence_files(tmp_path / "site", "thing", "1.0") == [Path(f"{info}/LICENSE")]
    with pytest.raises(PackageFault, match=r"thing 2\.0"):
        wheels.info_folder(tmp_path / "site", "thing", "2.0")


@pytest.mark.parametrize("member", ["../evil.py", "/etc/evil.py", "thing-1.0.data/scripts/evil.py"])
def test_what_wants_to_lie_elsewhere_is_refused(member: str, tmp_path: Path) -> None:
    with pytest.raises(PackageFault, match="elsewhere"):
        wheels.unpack([wheel(tmp_path, member)], tmp_path / "site")


def test_wheels_for_a_newer_glibc_than_the_suite_s_are_not_asked_for() -> None:
    kinds = wheels.platforms(SUITES["bookworm"], ARCHES["arm64"])
    assert kinds[0] == "manylinux_2_36_aarch64"
    assert kinds[-1] == "manylinux2014_aarch64"
    assert wheels.platforms(SUITES["trixie"], ARCHES["amd64"])[0] == "manylinux_2_41_x86_64"


def test_a_download_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    pin = Pin("no-such-thing", "1.0", "", ("sha256:" + "0" * 64,), frozenset())
    with pytest.raises(PackageFault, match="pip"):
        wheels.download([pin], SUITES["trixie"], ARCHES["amd64"])
    assert list((tmp_path / "tocsin/wheels").iterdir()) == []

"""promtool is found, and nothing that does not work takes its place."""

import subprocess
from pathlib import Path

import pytest

from tools import debian, promtool


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a machine without promtool: no variable, an empty PATH and an empty cache."""
    monkeypatch.delenv(promtool.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def fake(path: Path, status: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {status}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_it_is_prometheus_own() -> None:
    told = subprocess.check_output([promtool.command(), "--version"], text=True)
    assert told.startswith("promtool, version ")


def test_the_one_of_the_system_is_taken(bare: Path) -> None:
    program = fake(bare / "bin/promtool")
    assert promtool.command() == program


def test_the_one_a_person_names_is_taken_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(bare / "bin/promtool")
    monkeypatch.setenv(promtool.VARIABLE, str(fake(bare / "mine")))
    assert promtool.command() == bare / "mine"


def test_the_one_a_person_names_is_replaced_by_no_other(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(bare / "bin/promtool")
    monkeypatch.setenv(promtool.VARIABLE, str(bare / "none"))
    with pytest.raises(promtool.PromtoolMissing, match="none"):
        promtool.command()


def test_one_that_does_not_run_is_none(bare: Path) -> None:
    fake(bare / "bin/promtool", status=1)
    assert promtool.find() is None


def test_one_from_debian_is_kept(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "architecture", lambda: "amd64")
    monkeypatch.setattr(
        debian, "unpack", lambda _packages, _release, _arch, work: _unpacked(work / "root")
    )
    found = promtool.command()
    assert found.is_relative_to(bare / "cache")
    assert promtool.find() == found


def test_where_it_cannot_be_had_it_says_how(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert promtool.main() == 1
    assert promtool.VARIABLE in capsys.readouterr().err


def _unpacked(root: Path) -> Path:
    fake(root / "usr/bin/promtool")
    return root

"""Borrowed programs are found, and nothing that does not work takes their place."""

import subprocess
from pathlib import Path

import pytest

from tools import debian, nats_server, promtool
from tools.borrowed import Program, ProgramMissing
from tools.nats_server import NATS_SERVER
from tools.promtool import PROMTOOL

BORROWED = {"promtool": PROMTOOL, "nats-server": NATS_SERVER}
GOOD = "x 2.10.1"


@pytest.fixture(params=BORROWED)
def program(request: pytest.FixtureRequest) -> Program:
    return BORROWED[request.param]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Program) -> Path:
    """Give a machine without it: no variable, an empty PATH and an empty cache."""
    monkeypatch.delenv(program.variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("tools.borrowed._ALSO_IN", str(tmp_path / "sbin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def fake(path: Path, status: int = 0, says: str = GOOD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\nexit {status}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def version(program: Path) -> str:
    return subprocess.check_output([program, "--version"], text=True)


def test_promtool_is_prometheus_own() -> None:
    assert version(promtool.command()).startswith("promtool, version ")


def test_nats_server_is_recent_enough() -> None:
    assert version(nats_server.command()).startswith("nats-server: v2.")


@pytest.mark.parametrize("folder", ["bin", "sbin"])
def test_the_one_of_the_system_is_taken(bare: Path, program: Program, folder: str) -> None:
    own = fake(bare / folder / program.name)
    assert program.command() == own


def test_the_one_a_person_names_is_taken_first(
    bare: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(bare / "bin" / program.name)
    monkeypatch.setenv(program.variable, str(fake(bare / "mine")))
    assert program.command() == bare / "mine"


def test_the_one_a_person_names_is_replaced_by_no_other(
    bare: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(bare / "bin" / program.name)
    monkeypatch.setenv(program.variable, str(bare / "none"))
    with pytest.raises(ProgramMissing, match="none"):
        program.command()


def test_one_that_does_not_run_is_none(bare: Path, program: Program) -> None:
    fake(bare / "bin" / program.name, status=1)
    assert program.find() is None


@pytest.mark.parametrize("program", ["nats-server"], indirect=True)
def test_one_that_is_too_old_is_none(bare: Path, program: Program) -> None:
    fake(bare / "bin/nats-server", says="nats-server: v2.9.25")
    assert program.find() is None


def test_one_from_debian_is_kept(
    bare: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack(packages: list[str], _release: str, _arch: str, work: Path) -> Path:
        assert packages == [program.package]
        fake(work / "root" / program.path)
        return work / "root"

    monkeypatch.setattr(debian, "architecture", lambda: "amd64")
    monkeypatch.setattr(debian, "unpack", unpack)
    found = program.command()
    assert found.is_relative_to(bare / "cache")
    assert program.find() == found


def test_where_it_cannot_be_had_it_says_how(
    bare: Path, program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.show() == 1
    assert program.variable in capsys.readouterr().err

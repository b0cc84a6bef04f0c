"""The real MicroPython is found, and nothing else takes its place."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tools import debian, micropython

SAYS = "import sys; print(sys.implementation.name, sys.maxsize)"


def fake(folder: Path, answer: str, status: int = 0) -> Path:
    """Write a program called micropython that gives `answer`, whatever it is asked."""
    folder.mkdir(exist_ok=True)
    program = folder / "micropython"
    program.write_text(f"#!/bin/sh\necho '{answer}'\nexit {status}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a machine without MicroPython: no variable, an empty PATH and an empty cache."""
    for variable in micropython.VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_the_command_runs_micropython() -> None:
    answer = subprocess.check_output([*micropython.command(), "-c", SAYS], text=True)
    assert answer.startswith("micropython ")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="i386 programs run on x86-64 only")
def test_the_32_bit_one_has_the_integers_of_a_board() -> None:
    answer = subprocess.check_output([*micropython.command("i386"), "-c", SAYS], text=True)
    assert answer.split() == ["micropython", str(2**31 - 1)]


def test_a_bare_machine_has_none(bare: Path) -> None:
    assert bare.exists()
    assert micropython.find() is None
    assert micropython.find("i386") is None


def test_a_recent_one_of_the_system_is_taken(bare: Path) -> None:
    program = fake(bare / "bin", f"micropython 1 24 0 {sys.maxsize}")
    assert micropython.command() == [str(program)]


@pytest.mark.parametrize(
    "answer", [f"micropython 1 23 9 {sys.maxsize}", f"cpython 3 11 7 {sys.maxsize}", "", "Hello."]
)
def test_an_old_or_other_one_of_the_system_is_not(bare: Path, answer: str) -> None:
    fake(bare / "bin", answer)
    assert micropython.find() is None


def test_one_that_fails_is_not(bare: Path) -> None:
    fake(bare / "bin", f"micropython 1 25 0 {sys.maxsize}", status=1)
    assert micropython.find() is None


def test_a_64_bit_one_does_not_pass_for_i386(bare: Path) -> None:
    fake(bare / "bin", f"micropython 1 25 0 {sys.maxsize}")
    assert micropython.find("i386") is None


def test_a_person_may_name_one(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake(bare / "mine", f"micropython 1 27 0 {2**31 - 1}")
    monkeypatch.setenv("TOCSIN_MICROPYTHON", str(program))
    monkeypatch.setenv("TOCSIN_MICROPYTHON_I386", str(program))
    assert micropython.command() == micropython.command("i386") == [str(program)]


@pytest.mark.parametrize("named", [sys.executable, "/nowhere/micropython"])
def test_what_a_person_names_is_never_replaced(
    bare: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    fake(bare / "bin", f"micropython 1 25 0 {sys.maxsize}")
    monkeypatch.setenv("TOCSIN_MICROPYTHON", named)
    with pytest.raises(micropython.MicroPythonMissing, match=f"TOCSIN_MICROPYTHON={named}"):
        micropython.command()


def test_an_old_one_that_a_person_names_is_refused(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = fake(bare / "mine", f"micropython 1 22 2 {sys.maxsize}")
    monkeypatch.setenv("TOCSIN_MICROPYTHON", str(program))
    with pytest.raises(micropython.MicroPythonMissing, match=r"MicroPython 1\.22\.2"):
        micropython.command()


def test_without_debian_the_error_says_how_to_get_it(bare: Path) -> None:
    with pytest.raises(micropython.MicroPythonMissing) as missing:
        micropython.command()
    assert "no dpkg here" in str(missing.value)
    assert "brew install micropython" in str(missing.value)
    assert "TOCSIN_MICROPYTHON=" in str(missing.value)
    assert not list((bare / "cache/tocsin/micropython").iterdir())


def unpacked(work: Path, answer: str) -> Path:
    """Lay out what `debian.unpack` leaves, with a loader that answers for the program."""
    libraries = work / "root/usr/lib/any-linux-gnu"
    libraries.mkdir(parents=True)
    fake(libraries, answer).rename(libraries / "ld-linux-any.so.1")
    return work / "root"


def test_what_is_downloaded_is_kept(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = f"micropython 1 25 0 {sys.maxsize}"
    monkeypatch.setattr(debian, "architecture", lambda: "amd64")
    monkeypatch.setattr(debian, "unpack", lambda *given: unpacked(given[-1], answer))
    obtained = micropython.command()
    assert obtained[0].startswith(str(bare / "cache/tocsin/micropython"))
    monkeypatch.delattr(debian, "unpack")
    assert micropython.command() == obtained


def test_what_does_not_run_is_not_kept(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "unpack", lambda *given: unpacked(given[-1], "Exec format error"))
    with pytest.raises(micropython.MicroPythonMissing, match="cannot run"):
        micropython.command("i386")
    assert not list((bare / "cache/tocsin/micropython").iterdir())


def test_a_broken_one_in_the_cache_is_replaced(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = micropython.cache_folder()
    home.mkdir(parents=True)
    (home / "half").touch()
    answer = f"micropython 1 25 0 {sys.maxsize}"
    monkeypatch.setattr(debian, "architecture", lambda: "amd64")
    monkeypatch.setattr(debian, "unpack", lambda *given: unpacked(given[-1], answer))
    assert micropython.command()[0].startswith(str(bare))
    assert not (home / "half").exists()


def test_debians_mirrors_come_first_and_strangers_are_left_out() -> None:
    described = (
        "https://vendor.example/apt/|Vendor|Vendor\n"
        "https://mirror.example/security/|Debian|Debian-Security\n"
        "https://mirror.example/debian/|Debian|Debian\n"
        "https://mirror.example/debian/|Debian|Debian\n"
    )
    configured = (
        "https://new.example/any/\nhttps://vendor.example/apt/\nhttps://mirror.example/debian/\n"
    )
    assert debian.mirrors(described, configured) == [
        "https://mirror.example/debian/",
        "https://new.example/any/",
    ]


def test_before_the_first_update_every_mirror_is_asked() -> None:
    configured = "https://one.example/\nhttps://two.example/\nhttps://one.example/\n"
    assert debian.mirrors("", configured) == ["https://one.example/", "https://two.example/"]


def test_a_program_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "").rename(tmp_path / "dpkg")
    (tmp_path / "dpkg").write_text("#!/bin/sh\necho 'dpkg: no database' >&2\nexit 2\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(debian.DebianUnavailable, match="dpkg: no database"):
        debian.architecture()

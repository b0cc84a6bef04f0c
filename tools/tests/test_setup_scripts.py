"""The shell scripts: plain POSIX sh, and of use to somebody on another system."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("demo", "test", "setup.sh", "apt_install.sh")
NEEDED = ("cat", "cksum", "dirname", "id", "sh")  # what the scripts use of any system

SYSTEMS = {
    "Darwin": "brew install",
    "MINGW64_NT-10.0": "wsl --install",
    "FreeBSD": "your package manager",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a fresh checkout, as far as the scripts know."""
    (tmp_path / "tools").mkdir()
    for name in SCRIPTS:
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools" / name)
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run_on(system: str, checkout: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script where `uname` names another system and little is installed."""
    programs = checkout / "bin"
    programs.mkdir()
    for name in NEEDED:
        (programs / name).symlink_to(shutil.which(name) or name)
    (programs / "uname").write_text(f"#!/bin/sh\necho {system}\n")
    (programs / "uname").chmod(0o755)
    argv = [str(checkout / "tools" / script)]
    env = {"PATH": str(programs), "HOME": str(checkout)}
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_syntax_is_that_of_sh(name: str) -> None:
    subprocess.run(["sh", "-n", ROOT / "tools" / name], check=True)


@pytest.mark.parametrize("name", ["tools/demo", "tools/test", ".ci/run"])
def test_what_people_start_can_be_started(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)


@pytest.mark.parametrize("script", ["demo", "test"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_another_system_is_told_what_to_install(system: str, script: str, checkout: Path) -> None:
    done = run_on(system, checkout, script)
    assert done.returncode == 1
    assert "micropython" in done.stderr.partition("\n")[0]
    assert SYSTEMS[system] in done.stderr
    assert "TOCSIN_MICROPYTHON=" in done.stderr
    assert not (checkout / ".venv").exists()


def test_neither_root_nor_sudo_is_said(checkout: Path) -> None:
    someone = f"root={checkout}; . {checkout}/tools/setup.sh; id() {{ echo 1000; }}"
    argv = ["/bin/sh", "-c", f"{someone}; as_root apt-get x"]
    done = subprocess.run(
        argv, env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "As root, run:\nsetup:     apt-get x" in done.stderr


def in_setup(root: Path, commands: str) -> str:
    """Run commands of setup.sh where next to nothing is installed; return what they print."""
    path = root / "bin"
    path.mkdir()
    for name in NEEDED:
        (path / name).symlink_to(shutil.which(name) or name)
    argv = ["/bin/sh", "-c", f"root={root}; . {root}/tools/setup.sh; {commands}"]
    done = subprocess.run(argv, env={"PATH": str(path)}, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_tests_need_a_model_checker_and_a_compiler(checkout: Path) -> None:
    missing = in_setup(checkout, "what_is_missing demo; echo -; what_is_missing test")
    demo, _, test = missing.partition("-")
    assert {"spin", "cc"} <= set(test.split())
    assert not {"spin", "cc"} & set(demo.split())


def test_they_come_from_debian(checkout: Path) -> None:
    said = in_setup(
        checkout,
        'is_debian() { true; }; as_root() { echo "$*"; }; install_on_system spin cc',
    )
    assert said.split()[2:] == ["spin", "gcc", "libc6-dev"]


def test_the_tests_need_a_machine_for_the_guest_where_there_can_be_one(checkout: Path) -> None:
    missing = in_setup(
        checkout,
        "is_debian() { true; }; uname() { echo x86_64; };"
        " what_is_missing demo; echo -; what_is_missing test; echo -;"
        " uname() { echo aarch64; }; what_is_missing test",
    )
    demo, test, elsewhere = (part.split() for part in missing.split("-\n"))
    assert {"qemu", "qemu-img", "mmdebstrap"} <= set(test)
    assert "qemu" not in demo
    assert "qemu" not in elsewhere


def test_its_parts_come_from_debian(checkout: Path) -> None:
    said = in_setup(
        checkout,
        'is_debian() { true; }; as_root() { echo "$*"; };'
        " install_on_system qemu qemu-img newuidmap mke2fs cpio",
    )
    assert said.split()[2:] == ["qemu-system-x86", "qemu-utils", "uidmap", "e2fsprogs", "cpio"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_another_system_is_told_about_the_programs_of_the_tests(
    system: str, checkout: Path
) -> None:
    told = run_on(system, checkout, "test").stderr
    assert "Spin 6.5" in told
    assert {"promtool", "nats-server"} <= set(told.partition("\n")[0].split())

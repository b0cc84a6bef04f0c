"""Versions go up from release to release and from suite to suite, whichever is upgraded first."""

import subprocess

import pytest

from tools.package.control import control, version_of
from tools.package.suites import ARCHES, SUITES

BOOKWORM, TRIXIE = SUITES["bookworm"], SUITES["trixie"]


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        (version_of("0.1.0", BOOKWORM), version_of("0.1.0", TRIXIE)),
        (version_of("0.1.0", TRIXIE), version_of("0.1.1", BOOKWORM)),
        (version_of("0.9.0", BOOKWORM), version_of("0.10.0", BOOKWORM)),
        (version_of("0.0.9", TRIXIE), version_of("0.1.0", TRIXIE)),
    ],
)
def test_dpkg_takes_the_one_for_newer(lower: str, higher: str) -> None:
    subprocess.run(["dpkg", "--compare-versions", lower, "lt", higher], check=True)


def test_the_python_is_the_suite_s_own_and_an_upgrade_of_the_suite_takes_nothing_away() -> None:
    text = control("1", TRIXIE, ARCHES["arm64"], 1)
    depends = next(line for line in text.splitlines() if line.startswith("Depends"))
    assert "python3.13," in depends
    assert "python3 " not in depends


def test_pins_are_the_system_s_where_there_is_no_wheel() -> None:
    assert "python3-lgpio" in control("1", TRIXIE, ARCHES["arm64"], 1)
    assert "python3-lgpio" not in control("1", BOOKWORM, ARCHES["arm64"], 1)

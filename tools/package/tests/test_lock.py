"""Of the lock the package takes what the gateway needs there, and nothing else."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.package import lock
from tools.package.suites import ARCHES, SUITES, PackageFault, target

ROOT = Path(__file__).resolve().parents[3]
HASH = "sha256:" + "ab" * 32
BOOKWORM, TRIXIE = SUITES["bookworm"], SUITES["trixie"]
AMD64, ARM64 = ARCHES["amd64"], ARCHES["arm64"]
PROJECT: Mapping[str, object] = {
    "dependencies": ["one>=1"],
    "optional-dependencies": {"gateway": ["two; sys_platform == 'linux'"], "apprise": []},
}


def entry(name: str, *via: str, marker: str = "") -> str:
    head = f"{name}==1.0{f' ; {marker}' if marker else ''} \\\n    --hash={HASH} \\\n    --hash={HASH}\n"
    if len(via) == 1:
        return f"{head}    # via {via[0]}\n"
    return f"{head}    # via\n" + "".join(f"    #   {one}\n" for one in via)


def names(text: str, suite: str = "trixie", arch: str = "amd64") -> list[str]:
    return [pin.name for pin in lock.needed(text, PROJECT, SUITES[suite], ARCHES[arch])]


def test_it_follows_who_asks_for_whom() -> None:
    text = (
        "# a head\n"
        + entry("deep", "middle", "other")
        + entry("middle", "two")
        + entry("one", "tocsin (pyproject.toml)")
        + entry("other", "tocsin (pyproject.toml)")
        + entry("stranger", "other")
        + entry("two", "tocsin (pyproject.toml)", "stranger")
    )
    assert names(text) == ["deep", "middle", "one", "two"]


def test_markers_are_those_of_the_machine_it_is_for() -> None:
    text = (
        entry("one", "tocsin (pyproject.toml)")
        + entry("two", "tocsin (pyproject.toml)")
        + entry("old", "one", marker="python_full_version < '3.12'")
        + entry("arm", "one", marker="platform_machine == 'aarch64'")
        + entry("windows", "one", marker="sys_platform == 'win32'")
    )
    assert names(text, "bookworm") == ["old", "one", "two"]
    assert names(text, "trixie", "arm64") == ["arm", "one", "two"]


def test_what_the_lock_lacks_is_named() -> None:
    with pytest.raises(PackageFault, match="two"):
        names(entry("one", "tocsin (pyproject.toml)"))
    bare = "one==1.0 \\\n    # via tocsin\n" + entry("two", "tocsin")
    with pytest.raises(PackageFault, match="no hash of one"):
        names(bare)


@pytest.mark.parametrize("names", [("sid", "amd64"), ("trixie", "riscv64")])
def test_what_there_is_no_package_for_is_said(names: tuple[str, str]) -> None:
    with pytest.raises(PackageFault, match="there are"):
        target(*names)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("arch", ARCHES)
def test_our_own_lock_has_all_the_gateway_needs_and_no_tool(suite: str, arch: str) -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = lock.needed(text, project, SUITES[suite], ARCHES[arch])
    found = {pin.name for pin in pins}
    assert {"aiomqtt", "apprise", "bleak", "cffi", "cryptography", "paho-mqtt", "uvloop"} <= found
    assert not {"pytest", "hypothesis", "esptool", "typer", "setuptools", "ruff"} & found
    assert ("lgpio" in found) == SUITES[suite].lgpio
    assert all(pin.line().startswith(f"{pin.name}=={pin.version} \\\n    --hash=") for pin in pins)

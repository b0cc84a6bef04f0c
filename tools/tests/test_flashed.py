"""What is flashed is built once, and where it lies."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools import flashed
from tools.firmware_build import Weight
from tools.firmware_closure import ROOT


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Trees that were built, with a cache and a builder of the test."""
    trees: list[Path] = []

    def build(tree: Path, role: str, arch: str) -> Weight:
        trees.append(tree)
        for folder in (tree, tree.with_name(f"{role}.map")):
            folder.mkdir()
            (folder / "main.py").write_text(arch)
        return Weight(role, arch, 1, 1)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(flashed, "build_role", build)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return trees


def test_a_tree_is_built_once_with_its_texts_beside_it(built: list[Path]) -> None:
    tree = flashed.flashed("call_box", "x86")
    assert flashed.flashed("call_box", "x86") == tree
    assert len(built) == 1
    assert (tree / "main.py").read_text() == "x86"
    assert (tree.with_name("call_box.map") / "main.py").exists()
    assert sorted(path.name for path in tree.parent.iterdir()) == ["call_box", "call_box.map"]


def test_one_process_may_be_first_while_another_builds(
    built: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    build: Callable[..., Weight] = vars(flashed)["build_role"]

    def slowly(tree: Path, role: str, arch: str) -> Weight:
        monkeypatch.setattr(flashed, "build_role", build)
        flashed.flashed(role, arch)
        return build(tree, role, arch)

    monkeypatch.setattr(flashed, "build_role", slowly)
    assert (flashed.flashed("call_box") / "main.py").exists()
    assert len(built) == 2


def test_a_computer_without_machine_code_runs_the_sources(
    built: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert flashed.flashed("call_box") == ROOT
    assert not built

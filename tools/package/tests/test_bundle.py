"""What is nothing but Python becomes one file, and is imported from it as it was from its folder."""

import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from tools.package import bundle

MODULES = {
    "pure/__init__.py": "",
    "pure/py.typed": "",
    "pure/inner/__init__.py": "",
    "pure/inner/deep.py": "def fail() -> None:\n    raise ValueError('on this line')\n",
    "data/__init__.py": "",
    "data/table.txt": "1",
    "apprise/__init__.py": "",
    "no_package/module.py": "",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    for name, text in MODULES.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return site


def bundled(site: Path) -> None:
    folder = bundle.gather(site)
    for path in folder.rglob("*.py"):
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(path), doraise=True, invalidation_mode=mode)
    bundle.close(folder)


def run(site: Path, code: str) -> subprocess.CompletedProcess[str]:
    begin = f"import site; site.addsitedir({str(site)!r}); "
    argv = [sys.executable, "-I", "-c", begin + code]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_what_has_data_or_lists_its_folder_or_is_no_package_stays(site: Path) -> None:
    bundled(site)
    names = {path.name for path in site.iterdir()}
    assert names == {"apprise", "data", "no_package", bundle.NAME, "modules.pth"}
    assert (site / bundle.NAME).is_file()


def test_it_is_imported_as_it_was_compiled(site: Path) -> None:
    bundled(site)
    code = "import pure.inner.deep as deep; print(deep.__file__); print(deep.__cached__ or '')"
    said = run(site, code).stdout
    assert f"{bundle.NAME}/pure/inner/deep.pyc" in said
    assert not list(site.rglob("__pycache__/deep*"))


def test_what_failed_is_logged_with_its_line(site: Path) -> None:
    bundled(site)
    code = "import logging, pure.inner.deep as deep\ntry: deep.fail()\nexcept ValueError: "
    said = run(site, code + "logging.exception('')").stderr
    assert "raise ValueError('on this line')" in said
    assert f"{bundle.NAME}/pure/inner/deep.py" in said


def test_of_the_same_files_it_is_the_same_file(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", site, other], check=True)
    for one in (site, other):
        bundle.close(bundle.gather(one))
    assert (site / bundle.NAME).read_bytes() == (other / bundle.NAME).read_bytes()

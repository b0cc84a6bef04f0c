"""The package before this one, for tests of upgrades and of the way back: one step of the database less.

It is the same gateway without its last migration, under a lower version. That is what a release before this
one is to the database: what it writes is upgraded, and what this one writes it has to go on with.
"""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.package.build import ROOT, build, epoch
from tools.package.suites import PackageFault

VERSION = "0.0.9"
_FOLDERS = ("gateway", "protocol")
_FILES = ("pyproject.toml", "requirements.lock", "LICENSE")
_LAST_STEP = re.compile(r"(^MIGRATIONS = \((?:\n    \w+,)+)\n    \w+,\n\)", re.MULTILINE)
_RELEASE = re.compile(r'^version = "[^"]+"$', re.MULTILINE)


def build_earlier(suite: str, arch: str, out: Path) -> Path:
    """Build it into `out`, as `build` does; return the .deb. Raise `PackageFault`."""
    with TemporaryDirectory(prefix="tocsin-earlier-") as folder:
        tree = earlier(Path(folder))
        return build(suite, arch, out, tree, epoch(ROOT))


def earlier(folder: Path, source: Path = ROOT) -> Path:
    """Lay the earlier checkout into `folder`, and return that; raise `PackageFault`."""
    for name in _FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "tests")
        shutil.copytree(source / name, folder / name, ignore=ignored)
    for name in _FILES:
        shutil.copy(source / name, folder / name)
    _change(folder / "gateway/disk/schema.py", _LAST_STEP, r"\1\n)")
    _change(folder / "pyproject.toml", _RELEASE, f'version = "{VERSION}"')
    return folder


def _change(path: Path, pattern: re.Pattern[str], by: str) -> None:
    text, times = pattern.subn(by, path.read_text(encoding="utf-8"))
    if times != 1:
        raise PackageFault(f"{path.name} is written otherwise than its earlier version expects")
    path.write_text(text, encoding="utf-8")

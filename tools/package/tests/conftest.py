"""A package of this checkout, built once for all tests of a run on this machine, and unpacked."""

import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tools.package.build import build
from tools.package.suites import ARCHES


@dataclass(frozen=True)
class Package:
    """A .deb, and what is in it: files below `root`, what dpkg reads in `control`."""

    deb: Path
    root: Path
    control: Path


def native() -> str:
    """Return Debian's name of this machine."""
    return next(name for name, arch in ARCHES.items() if arch.machine == platform.machine())


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package for Debian 13."""
    return unpacked("trixie", tmp_path_factory)


def unpacked(suite: str, factory: pytest.TempPathFactory) -> Package:
    """Build once, however many workers ask."""
    home = factory.getbasetemp()
    if home.parent.name.startswith("pytest-"):  # a worker's folder is below the run's
        home = home.parent if home.name.startswith("popen-") else home
    folder = home / f"package-{suite}"
    folder.mkdir(exist_ok=True)
    with alone(folder):
        deb = next(folder.glob("*.deb"), None)
        if deb is None or not (folder / "control").exists():
            deb = build(suite, native(), folder)
            subprocess.run(["dpkg-deb", "-x", deb, folder / "root"], check=True)
            subprocess.run(["dpkg-deb", "-e", deb, folder / "control"], check=True)
    return Package(deb, folder / "root", folder / "control")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold `folder` for one process at a time."""
    with (folder / "lock").open("w") as file:
        flock(file, LOCK_EX)
        yield

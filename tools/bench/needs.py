"""Installs into this environment what a bench lacks, from requirements.lock and nothing else."""

import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"


def ensure(packages: Iterable[str]) -> None:
    """Make sure that `packages`, named as on PyPI, are installed; raise `CalledProcessError`."""
    lacking = [name for name in packages if not _is_installed(name)]
    if lacking:
        print(
            f"Installing {', '.join(lacking)} and what else requirements.lock has ...", flush=True
        )
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "--requirement", str(LOCK)], check=True)


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True

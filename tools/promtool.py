"""Finds promtool, which checks Prometheus rules and metrics, or obtains it.

    python -m tools.promtool

Looked for in this order: what TOCSIN_PROMTOOL names, the system's own, our cache. Else it is unpacked
into the cache from the Debian release that has a package of it; nothing is installed, and no service
is started.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import debian
from tools.micropython import RELEASE, cache_folder

VARIABLE = "TOCSIN_PROMTOOL"
_HOW = (
    "promtool is missing: {why}\nInstall Prometheus' own (Debian 13: apt install promtool; earlier, and"
    f" elsewhere: the package prometheus), or name it: {VARIABLE}=/path/to/promtool"
)


class PromtoolMissing(Exception):
    """There is no promtool: says why, and how to get one."""


def find() -> Path | None:
    """Return the promtool of this machine, if any.

    Raises `PromtoolMissing` if the environment names one that does not work.
    """
    named = os.environ.get(VARIABLE)
    if named and _working(Path(named)) is None:
        raise PromtoolMissing(_HOW.format(why=f"{VARIABLE}={named} does not work"))
    if named:
        return Path(named)
    system = shutil.which("promtool")
    return _working(Path(system)) if system else _working(_cached())


def obtain() -> Path:
    """Unpack promtool into the cache, all of it or nothing; raise `PromtoolMissing`."""
    home = _cached()
    home.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="unpacking-", dir=home.parent) as folder:
        try:
            root = debian.unpack(["promtool"], RELEASE, debian.architecture(), Path(folder))
        except debian.DebianUnavailable as refusal:
            raise PromtoolMissing(_HOW.format(why=refusal)) from refusal
        (root / "usr/bin/promtool").replace(home)
    if _working(home) is None:
        raise PromtoolMissing(_HOW.format(why="this machine cannot run what it downloaded"))
    return home


def command() -> Path:
    """Return promtool, obtaining it if need be; raise `PromtoolMissing`."""
    return find() or obtain()


def _cached() -> Path:
    folder = cache_folder()
    return folder.parent.parent / "promtool" / folder.name / "promtool"


def _working(program: Path) -> Path | None:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return program if done.returncode == 0 else None


def main() -> int:
    """Print where promtool is, obtaining it where it is missing; return the exit status."""
    try:
        print(command())
    except PromtoolMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

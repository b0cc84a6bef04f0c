"""The Python of a Debian release, unpacked into the cache: it compiles, and tries what was built."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import debian
from tools.micropython import cache_home
from tools.package.suites import PackageFault, Suite

_LIBRARIES = (
    "libbz2-1.0", "libc6", "libcrypt1", "libexpat1", "libffi8", "libgcc-s1", "liblzma5",
    "libsqlite3-0", "libuuid1", "zlib1g",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Python:
    """The interpreter of `suite` below `root`, started through the loader beside it."""

    suite: Suite
    root: Path

    @property
    def argv(self) -> list[str]:
        """Return what starts it; raise `PackageFault` where it is not there."""
        loader = next(self.root.glob("*/*-linux-gnu*/ld-linux*.so.*"), None) or next(
            self.root.glob("usr/lib/*-linux-gnu*/ld-linux*.so.*"), None
        )
        program = self.root / f"usr/bin/python{self.suite.python}"
        if loader is None or not program.exists():
            raise PackageFault(f"{self.root} has no Python {self.suite.python}")
        libraries = {loader.parent, self.root / "usr/lib" / loader.parent.name}
        where = ":".join(sorted(map(str, libraries)))
        return [str(loader), "--library-path", where, str(program)]

    def run(self, arguments: Sequence[str | Path], cwd: Path, **environment: str) -> str:
        """Return what it prints when it runs `arguments`; raise `PackageFault` with its complaint."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        env = kept | {"PYTHONHOME": str(self.root / "usr"), "LC_ALL": "C.UTF-8"} | environment
        argv = [*self.argv, *map(str, arguments)]
        done = subprocess.run(
            argv, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=600
        )
        if done.returncode:
            raise PackageFault(f"Python {self.suite.python}: {done.stderr.strip()[-2000:]}")
        return done.stdout


def python_of(suite: Suite) -> Python:
    """Return the interpreter of `suite`, unpacking it if need be; raise `PackageFault`."""
    home = cache_home() / "python" / f"{suite.name}-{debian.architecture()}"
    if not home.exists():
        _unpack(suite, home)
    return Python(suite, home)


def _unpack(suite: Suite, home: Path) -> None:
    """Unpack it, all of it or nothing."""
    name = f"python{suite.python}"
    own = (f"{name}-minimal", f"lib{name}-minimal", f"lib{name}-stdlib")
    home.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="unpacking-", dir=home.parent) as folder:
        try:
            packages = (*own, *_LIBRARIES, *suite.libraries)
            root = debian.unpack(packages, suite.name, debian.architecture(), Path(folder))
        except debian.DebianUnavailable as refusal:
            raise PackageFault(f"no Python {suite.python} from Debian: {refusal}") from refusal
        Python(suite, root).run(["-IS", "-c", "import sqlite3, ssl"], root)
        if not home.exists():  # else another process was faster
            root.rename(home)

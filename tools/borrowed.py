"""Programs of others that the tests and benches need: found on this machine, or unpacked from Debian.

Looked for in this order: what an environment variable names, the system's own, our cache. Else it is
unpacked into the cache from the Debian release that has a package of it; nothing is installed, and no
service is started.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import debian
from tools.micropython import RELEASE, cache_folder

_ALSO_IN = "/usr/sbin:/usr/local/sbin"  # where Debian has servers; not on everybody's PATH


class ProgramMissing(Exception):
    """There is no such program: says why, and how to get one."""


@dataclass(frozen=True)
class Program:
    """A program by its Debian package; `variable` names one, `how` says what else a person can do.

    `oldest`: versions before it are no use; None: any will do.
    """

    package: str
    path: str  # in the package
    variable: str
    how: str
    oldest: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return Path(self.path).name

    def find(self) -> Path | None:
        """Return the one of this machine, if any.

        Raises `ProgramMissing` if the environment names one that does not work.
        """
        named = os.environ.get(self.variable)
        if named:
            if not self._works(Path(named)):
                raise self._missing(f"{self.variable}={named} does not work")
            return Path(named)
        system = shutil.which(self.name) or shutil.which(self.name, path=_ALSO_IN)
        for found in (system, self._cached()):
            if found and self._works(Path(found)):
                return Path(found)
        return None

    def obtain(self) -> Path:
        """Unpack it into the cache, all of it or nothing; raise `ProgramMissing`."""
        home = self._cached()
        home.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="unpacking-", dir=home.parent) as folder:
            try:
                root = debian.unpack([self.package], RELEASE, debian.architecture(), Path(folder))
            except debian.DebianUnavailable as refusal:
                raise self._missing(str(refusal)) from refusal
            (root / self.path).replace(home)
        if not self._works(home):
            raise self._missing("this machine cannot run what it downloaded")
        return home

    def command(self) -> Path:
        """Return it, obtaining it if need be; raise `ProgramMissing`."""
        return self.find() or self.obtain()

    def show(self) -> int:
        """Print where it is, obtaining it where it is missing; return the exit status."""
        try:
            print(self.command())
        except ProgramMissing as missing:
            print(missing, file=sys.stderr)
            return 1
        return 0

    def _missing(self, why: str) -> ProgramMissing:
        said = f"{self.name} is missing: {why}\n{self.how}, or name it: "
        return ProgramMissing(f"{said}{self.variable}=/path/to/{self.name}")

    def _cached(self) -> Path:
        folder = cache_folder()
        return folder.parent.parent / self.name / folder.name / self.name

    def _works(self, program: Path) -> bool:
        argv: list[str | Path] = [program, "--version"]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return False
        if done.returncode or self.oldest is None:
            return not done.returncode
        found = re.search(r"(\d+)\.(\d+)", done.stdout)
        return found is not None and tuple(map(int, found.groups())) >= self.oldest

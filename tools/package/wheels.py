"""The wheels of the package: downloaded by pip, held to the lock's hashes, unpacked as they are imported.

Nothing is built or run: a wheel is an archive. Left out is what no gateway needs: tests, sources of
compiled modules, types, what other systems run or a debugger reads, and what pip keeps for itself. Each
.dist-info keeps its METADATA (who it is), its licences and its entry points (gpiozero finds its pins by
them).
"""

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from tools.micropython import cache_home
from tools.package.lock import Pin
from tools.package.shared_object import shortened
from tools.package.suites import Arch, PackageFault, Suite

# Every older one is known as well: glibc 2.36 (Debian 12) and 2.41 (Debian 13).
_GLIBC = {"bookworm": 36, "trixie": 41}
_OLDEST_GLIBC = 17
_NOT_AT_RUN_TIME = {
    *(".c", ".h", ".cpp", ".pxd", ".pxi", ".pyi", ".pyx"),
    *(".po", ".pot", ".java", ".js", ".ico"),  # for translators, other systems and other screens
}
_KEPT_OF_INFO = {"METADATA", "entry_points.txt"}
_LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def download(pins: Sequence[Pin], suite: Suite, arch: Arch) -> list[Path]:
    """Return the wheels of `pins`, from the cache where they are; raise `PackageFault`."""
    wanted = "\n".join(pin.line() for pin in pins) + "\n"
    name = hashlib.sha256(wanted.encode()).hexdigest()[:16]
    home = cache_home() / "wheels" / f"{suite.name}-{arch.name}-{name}"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="downloading-", dir=home.parent) as folder:
            work = Path(folder)
            _pip(wanted, work, suite, arch)
            if not home.exists():  # else another process was faster
                (work / "wheels").rename(home)
    found = sorted(home.glob("*.whl"))
    if len(found) != len(pins):
        raise PackageFault(f"{home} has {len(found)} wheels instead of {len(pins)}: delete it")
    return found


def unpack(wheels: Iterable[Path], site: Path) -> None:
    """Unpack `wheels` into the folder `site`, without what is not needed; raise `PackageFault`."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                path = PurePosixPath(member.filename)
                if member.is_dir() or not is_needed(path):
                    continue
                if path.is_absolute() or ".." in path.parts or path.parts[0].endswith(".data"):
                    raise PackageFault(f"{wheel.name} wants {path} elsewhere than among modules")
                place = site / path
                place.parent.mkdir(parents=True, exist_ok=True)
                content = archive.read(member)
                place.write_bytes(shortened(content) if ".so" in path.suffixes else content)


def is_needed(path: PurePosixPath) -> bool:
    """Say whether a member of a wheel belongs into the package."""
    folder = path.parts[0]
    if folder.endswith(".dist-info"):
        return path.name in _KEPT_OF_INFO or path.name.upper().startswith(_LICENCES)
    return path.suffix not in _NOT_AT_RUN_TIME and not {"tests", "test"} & set(path.parts[:-1])


def licence_files(site: Path, name: str, version: str) -> list[Path]:
    """Return the licences that a wheel brought, within `site`."""
    info = info_folder(site, name, version)
    return sorted(
        path.relative_to(site)
        for path in info.rglob("*")
        if path.is_file() and path.name.upper().startswith(_LICENCES)
    )


def info_folder(site: Path, name: str, version: str) -> Path:
    """Return the .dist-info of a package; raise `PackageFault`."""
    for folder in site.glob("*.dist-info"):
        found, _, number = folder.name.removesuffix(".dist-info").partition("-")
        if found.lower().replace("_", "-").replace(".", "-") == name and number == version:
            return folder
    raise PackageFault(f"no .dist-info of {name} {version}")


def _pip(wanted: str, work: Path, suite: Suite, arch: Arch) -> None:
    """Let pip download into `work`/wheels what the lock names, and nothing else."""
    requirements = work / "requirements.txt"
    requirements.write_text(wanted, encoding="utf-8")
    argv = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps",
        "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:",
        "--implementation=cp", f"--python-version={suite.python}",
        *(f"--platform={platform}" for platform in platforms(suite, arch)),
        f"--requirement={requirements}", f"--dest={work / 'wheels'}",
    ]  # fmt: skip
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"}
    )
    if done.returncode:
        raise PackageFault(f"pip: {done.stderr.strip()[-2000:]}")


def platforms(suite: Suite, arch: Arch) -> list[str]:
    """Return the kinds of wheel that run there, the newest first."""
    minors = range(_GLIBC[suite.name], _OLDEST_GLIBC - 1, -1)
    return [*(f"manylinux_2_{n}_{arch.machine}" for n in minors), f"manylinux2014_{arch.machine}"]

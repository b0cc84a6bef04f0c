"""Modules that are nothing but Python in one file, out of which the interpreter imports them (zipimport).

    site-packages/modules.zip     gateway/path.py, gateway/path.pyc, ...
    site-packages/modules.pth     puts it on the path

dpkg writes, syncs, notes and removes each file by itself: thousands of small ones take a small board half a
minute, and a slow card more. A folder stays as it is where it has something else in it: what the system
loads (.so), what a library opens by its path, or modules that it finds by listing the folder.
"""

import shutil
import zipfile
from pathlib import Path

NAME = "modules.zip"
_PTH = "modules.pth"
_PURE = (".py", ".typed")
_LISTED = {"apprise"}  # finds its services in its own folder
_AT = (1980, 1, 1, 0, 0, 0)  # of every file in it: nobody asks
_MODE = 0o644 << 16
_UNIX = 3


def gather(site: Path) -> Path:
    """Move what can be in one file to a folder of its name, where it is compiled; return that folder."""
    folder = site / NAME
    folder.mkdir()
    for package in sorted(site.iterdir()):
        if package != folder and is_pure(package):
            package.rename(folder / package.name)
    return folder


def close(folder: Path) -> None:
    """Make a file of the folder that `gather` has made: each module beside what it is compiled to.

    Sources, which only a traceback shows, are compressed: the fewer bytes, the sooner it is unpacked.
    """
    packed = folder.with_name(f"{NAME}.new")
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".pyc")):
            member = zipfile.ZipInfo(_place(path.relative_to(folder)), _AT)
            member.create_system, member.external_attr = _UNIX, _MODE
            kind = zipfile.ZIP_DEFLATED if path.suffix == ".py" else zipfile.ZIP_STORED
            archive.writestr(member, path.read_bytes(), kind)
    shutil.rmtree(folder)
    packed.rename(folder)
    folder.with_name(_PTH).write_text(f"{NAME}\n", encoding="utf-8")


def is_pure(package: Path) -> bool:
    """Say whether a folder is a package of modules alone."""
    if not (package / "__init__.py").is_file() or package.name in _LISTED:
        return False
    return all(path.suffix in _PURE for path in package.rglob("*") if path.is_file())


def _place(path: Path) -> str:
    """Return where a file is in the archive: compiled ones stand beside their source."""
    if path.suffix == ".pyc":
        path = path.parent.parent / f"{path.name.partition('.')[0]}.pyc"
    return path.as_posix()
